"""Reminders before the dates of a course: when each is due."""

from collections.abc import Sequence
from datetime import datetime, timedelta

USUAL_LEAD = 24 * 60
"""Minutes before a start, unless the school or the course says otherwise."""
MIN_LEAD = 15
MAX_LEAD = 14 * 24 * 60
"""The fewest and the most minutes; 0 is for no reminder."""
WRONG_LEAD = (
    f"A reminder comes {MIN_LEAD} to {MAX_LEAD} minutes before the start; 0 is for no reminder."
)
Dates = Sequence[tuple[datetime, datetime]]


def is_lead(minutes: int) -> bool:
    """Return whether a reminder may come so many minutes before a start, or never."""
    return minutes == 0 or MIN_LEAD <= minutes <= MAX_LEAD


def lead_of(course_minutes: int | None, school_minutes: int) -> timedelta | None:
    """Return how long before a start people of a course are reminded, None for never."""
    minutes = school_minutes if course_minutes is None else course_minutes
    return timedelta(minutes=minutes) if minutes else None


def is_due(starts_at: datetime, lead: timedelta, now: datetime) -> bool:
    """Return whether the time for a reminder has come, and the start has not."""
    return starts_at - lead <= now < starts_at


def is_with_another(starts_at: datetime, lead: timedelta, meetings: Dates) -> bool:
    """Return whether a meeting needs no reminder of its own.

    People who are still in the meeting before when its time comes know that it goes on, as in a
    course of a weekend.
    """
    return any(begin < starts_at < end + lead for begin, end in meetings)
