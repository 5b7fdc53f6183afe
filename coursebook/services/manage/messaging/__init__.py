"""Messages of the school to the people of a course."""
