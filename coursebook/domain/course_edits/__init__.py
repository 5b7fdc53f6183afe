"""Edits of courses: what an edit changes, and what follows from it for people who booked."""
