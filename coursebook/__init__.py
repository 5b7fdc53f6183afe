"""coursebook: course booking and payment, wholly in Python."""
