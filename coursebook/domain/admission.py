"""Admission: one table of the ways to a place, and when a course takes a student on each.

`now` is the moment that counts for the way: the present for a click, Stripe's moment for money.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

BEFORE_START = timedelta(minutes=5)
"""Booking closes this long before the start: later there is no time to pay."""
LAST_OFFER = timedelta(hours=6)
"""From this long before the start, free places are public and no longer offered to the waiting
list."""
MIN_RESERVED = timedelta(minutes=5)
"""A reserved place with less time than this left opens no payment page."""
DEBITS_NEED = timedelta(days=14)
"""A debit takes up to two weeks, so it is offered only when the start is this far away."""


class Way(StrEnum):
    """The ways to get a place, or to continue with one."""

    NEW_HOLD = "new_hold"
    HELD_AGAIN = "held_again"
    FURTHER_PAGE = "further_page"
    MONEY_FOR_HELD = "money_for_held"
    MONEY_FOR_EXPIRED = "money_for_expired"
    OFFERED = "offered"
    MOVED_TO = "moved_to"
    BY_HAND = "by_hand"


class Queue(StrEnum):
    """The conditions of a way: the waiting list, and a free place."""

    NOT_ASKED = "not_asked"
    NOBODY_WAITS = "nobody_waits"
    IS_FIRST = "is_first"
    HAS_ROOM = "has_room"


@dataclass(frozen=True)
class Rule:
    """One row of the table. `ahead`: how long before the start the way closes; None: at the end."""

    asks_open: bool
    ahead: timedelta | None
    queue: Queue


_OPEN, _AT_START = True, timedelta()
RULES: dict[Way, Rule] = {
    Way.NEW_HOLD: Rule(_OPEN, BEFORE_START, Queue.NOBODY_WAITS),
    Way.HELD_AGAIN: Rule(_OPEN, BEFORE_START, Queue.NOBODY_WAITS),
    Way.FURTHER_PAGE: Rule(not _OPEN, _AT_START, Queue.NOT_ASKED),
    Way.MONEY_FOR_HELD: Rule(not _OPEN, _AT_START, Queue.NOT_ASKED),
    Way.MONEY_FOR_EXPIRED: Rule(not _OPEN, _AT_START, Queue.NOBODY_WAITS),
    Way.OFFERED: Rule(_OPEN, LAST_OFFER, Queue.IS_FIRST),
    Way.MOVED_TO: Rule(not _OPEN, None, Queue.HAS_ROOM),
    Way.BY_HAND: Rule(not _OPEN, None, Queue.HAS_ROOM),
}
"""The conditions of each way. A course that is not published admits no one."""


@dataclass(frozen=True)
class CourseState:
    """The facts about a course that the rules need. `somebody_waits`: on its waiting list.

    `starts_at` is the start of its first meeting that was not cancelled, `ends_at` the end of its
    last one. `left` counts the free places.
    """

    is_published: bool
    starts_at: datetime
    ends_at: datetime
    left: int = 0
    is_cancelled: bool = False
    is_open: bool = True
    booking_closes_at: datetime | None = None
    somebody_waits: bool = False

    def has_begun(self, now: datetime) -> bool:
        """Whether the start is over."""
        return now >= self.starts_at

    def is_over(self, now: datetime) -> bool:
        """Whether the last meeting has ended."""
        return now >= self.ends_at

    def is_open_at(self, now: datetime) -> bool:
        """Whether the school takes new bookings, and their time is not over."""
        closes = self.booking_closes_at
        return self.is_open and (closes is None or now < closes)


def takes(
    course: CourseState,
    now: datetime,
    way: Way,
    *,
    is_first: bool = False,
    makes_room: bool = False,
) -> bool:
    """Return whether a course admits a person on this way.

    `is_first`: first on the waiting list. `makes_room`: the same transaction adds the place that it
    takes. For a way without the free-place condition, the count under the lock decides.
    """
    rule = RULES[way]
    if not course.is_published or now >= _closes(course, rule):
        return False
    if rule.asks_open and not course.is_open_at(now):
        return False
    match rule.queue:
        case Queue.NOT_ASKED:
            return True
        case Queue.NOBODY_WAITS:
            return not course.somebody_waits
        case Queue.IS_FIRST:
            return is_first
        case Queue.HAS_ROOM:
            return makes_room or course.left > 0


def is_bookable(course: CourseState, now: datetime) -> bool:
    """Whether a course takes bookings, be there a place or a waiting list."""
    return takes(replace(course, somebody_waits=False), now, Way.NEW_HOLD)


def hold_ends(
    page_ends: datetime, starts_at: datetime, reserved_until: datetime | None = None
) -> datetime:
    """Return when a hold ends, never after the start.

    A reserved place ends with its reservation, any other one with its payment page.
    """
    return min(reserved_until or page_ends, starts_at)


def is_reserved(course: CourseState, reserved_until: datetime | None, now: datetime) -> bool:
    """Whether a place stays held without a payment page: not once the course begins or is off."""
    if reserved_until is None or course.is_cancelled:
        return False
    return now < min(reserved_until, course.starts_at)


def has_time_for_page(reserved_until: datetime | None, now: datetime) -> bool:
    """Whether a held place may open a payment page: a reserved one needs some minutes left."""
    return reserved_until is None or reserved_until - now >= MIN_RESERVED


def offers_debits(course: CourseState, now: datetime) -> bool:
    """Whether a debit that is given now is sure to have come or failed before the start."""
    return course.starts_at - now >= DEBITS_NEED


def _closes(course: CourseState, rule: Rule) -> datetime:
    return course.ends_at if rule.ahead is None else course.starts_at - rule.ahead
