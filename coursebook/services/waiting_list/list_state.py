"""Whether people can wait for a place on a course."""

from datetime import datetime

from coursebook.domain.waiting_list.turn import TurnRule, is_list_open
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import Course


def rule_of(course: Course, school_minutes: int | None = None) -> TurnRule:
    """Return what the length of a turn depends on.

    `school_minutes`: the usual length of this school. When the list closes does not depend on it.
    """
    return TurnRule(course.starts_at, course.timezone, course.offer_minutes or school_minutes)


def closed_because(course: Course, now: datetime) -> str:
    """Return why nobody can wait for a course any more, "" while people can."""
    state = state_of(course)
    if state.is_cancelled:
        return "course_cancelled"
    if state.has_begun(now):
        return "course_started"
    if not state.is_published or not state.is_open_at(now):
        return "booking_closed"
    return "" if course.has_waiting_list else "switched_off"


def has_open_list(course: Course, now: datetime) -> bool:
    """Whether people can wait for a place, once the course is full."""
    return not closed_because(course, now) and is_list_open(rule_of(course), now)
