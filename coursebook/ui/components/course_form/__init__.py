"""The form of a course, for a new one and for one that is stored."""
