"""The states of a course: one table of the acts that change them, and the word that people see.

What is stored are three facts: the status, whether booking is open, whether it is archived.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from coursebook.domain.admission import CourseState, is_bookable


class CourseStatus(StrEnum):
    """The status of a course. Only published courses are visible to others."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class CourseWord(StrEnum):
    """The state of a course in one word, computed from what is stored, the clock and the seats."""

    DRAFT = "draft"
    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class CourseList(StrEnum):
    """The lists of the operator's side. Archived courses are in no other list than their own."""

    UPCOMING = "upcoming"
    DRAFTS = "drafts"
    PAST = "past"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class CourseAct(StrEnum):
    """An act on the state of a course."""

    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    OPEN = "open"
    CLOSE = "close"
    ARCHIVE = "archive"
    RESTORE = "restore"


class Refusal(StrEnum):
    """Why an act is not possible."""

    CANCELLED = "cancelled"
    ARCHIVED = "archived"
    HAS_BOOKINGS = "has_bookings"
    NOT_PUBLISHED = "not_published"
    STILL_OFFERED = "still_offered"
    OVER = "over"


@dataclass(frozen=True)
class StoredState:
    """The stored facts of a course that acts change."""

    status: CourseStatus
    is_open: bool = True
    is_archived: bool = False


@dataclass(frozen=True)
class Circumstances:
    """What else the table asks: live bookings (held or confirmed), and the end of the course."""

    live_bookings: int = 0
    is_over: bool = False


@dataclass(frozen=True)
class Rule:
    """One row of the table: what an act sets, and the reasons for which it may be refused."""

    sets: Mapping[str, Any]
    refused_when: tuple[Refusal, ...] = ()


_CLOSED = (Refusal.CANCELLED, Refusal.ARCHIVED)
RULES: Mapping[CourseAct, Rule] = {
    CourseAct.PUBLISH: Rule({"status": CourseStatus.PUBLISHED}, _CLOSED),
    CourseAct.UNPUBLISH: Rule({"status": CourseStatus.DRAFT}, (*_CLOSED, Refusal.HAS_BOOKINGS)),
    CourseAct.OPEN: Rule({"is_open": True}, (*_CLOSED, Refusal.NOT_PUBLISHED)),
    CourseAct.CLOSE: Rule({"is_open": False}, (*_CLOSED, Refusal.NOT_PUBLISHED)),
    CourseAct.ARCHIVE: Rule({"is_archived": True}, (Refusal.STILL_OFFERED,)),
    CourseAct.RESTORE: Rule({"is_archived": False}),
}
"""The table. An act that sets what is already so changes nothing."""


def after(act: CourseAct, state: StoredState, around: Circumstances) -> StoredState | Refusal:
    """Return the state after an act, the same one when there is nothing to do, or the refusal."""
    rule = RULES[act]
    for refusal in rule.refused_when:
        if _applies(refusal, state, around):
            return refusal
    return replace(state, **rule.sets)


def refusal_to_cancel(state: StoredState, around: Circumstances) -> Refusal | None:
    """Return why a course cannot be cancelled, None if it can: until the end of its last meeting.

    Cancelling is no act of the table: it is final, and needs a reason and the sums that were seen.
    """
    reasons = (Refusal.CANCELLED, Refusal.ARCHIVED, Refusal.NOT_PUBLISHED, Refusal.OVER)
    return next((reason for reason in reasons if _applies(reason, state, around)), None)


def word_of(state: CourseState, now: datetime) -> CourseWord:
    """Return the word for a course. An archived course keeps the word that it has."""
    if state.is_cancelled:
        return CourseWord.CANCELLED
    if not state.is_published:
        return CourseWord.DRAFT
    if now >= state.ends_at:
        return CourseWord.FINISHED
    if state.has_begun(now):
        return CourseWord.RUNNING
    if not is_bookable(state, now):
        return CourseWord.CLOSED
    return CourseWord.OPEN if state.left > 0 and not state.somebody_waits else CourseWord.FULL


def _applies(refusal: Refusal, state: StoredState, around: Circumstances) -> bool:
    match refusal:
        case Refusal.CANCELLED:
            return state.status is CourseStatus.CANCELLED
        case Refusal.ARCHIVED:
            return state.is_archived
        case Refusal.HAS_BOOKINGS:
            return around.live_bookings > 0
        case Refusal.NOT_PUBLISHED:
            return state.status is not CourseStatus.PUBLISHED
        case Refusal.STILL_OFFERED:
            return state.status is CourseStatus.PUBLISHED and not around.is_over
        case Refusal.OVER:
            return around.is_over
