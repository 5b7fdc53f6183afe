"""A student's bookings: the dashboard, one booking's history, cancelling, the calendar file."""
