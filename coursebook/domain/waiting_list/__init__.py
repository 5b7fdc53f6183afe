"""The rules of a waiting list."""
