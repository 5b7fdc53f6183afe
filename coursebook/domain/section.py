"""The parts of a student's dashboard."""

from enum import StrEnum


class Section(StrEnum):
    """The section of a booking on its student's dashboard. Every booking is in exactly one.

    needs_action: a place to be paid for, or lost and perhaps to be had again · upcoming: a place
    on a course that is not over, also while the bank still works on the payment · past: the
    course is over, or can no longer be paid for · cancelled.
    """

    NEEDS_ACTION = "needs_action"
    UPCOMING = "upcoming"
    PAST = "past"
    CANCELLED = "cancelled"
