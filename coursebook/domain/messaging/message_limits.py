"""How long a message may be, how many there may be, and how far ahead they are planned."""

from datetime import timedelta

MAX_SUBJECT = 200
MAX_BODY = 10_000
MAX_A_DAY = 3
"""Messages to the people of a course in one day; more need a second tick."""
MAX_UNTYPED = 200
"""People that a message may reach without their number being typed."""
MAX_AHEAD = timedelta(days=366)
