"""Messages to the people of a course, whom they go to, and reminders."""
