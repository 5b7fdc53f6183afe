"""Messages to the people of a course, and whom they go to."""
