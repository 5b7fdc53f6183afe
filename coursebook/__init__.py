"""coursebook: course booking and payment, wholly in Python."""

__version__ = "0.2.0"
