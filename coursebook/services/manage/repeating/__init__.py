"""Repeat a course on other dates: plan them, find clashes, add them to its series."""
