"""Errors in the school's folder."""


class SchoolError(Exception):
    """A file of the school is wrong. The message is one sentence that names the file and key."""
