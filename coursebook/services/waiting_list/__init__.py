"""The waiting list of a course: who waits, and who is offered a place that became free."""
