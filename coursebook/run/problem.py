"""The one exception that ends a command with a sentence instead of a trace."""


class CannotStart(Exception):
    """Something outside the program is not as it must be; the message says what to do."""
