"""What is wrong in the folder of the school."""


class SchoolError(Exception):
    """A file of the school is wrong. The message is one sentence that names the file and key."""
