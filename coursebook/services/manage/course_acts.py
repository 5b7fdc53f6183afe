"""Publish, unpublish, open, close, archive and restore a locked course, by the table of states."""

from collections.abc import Sequence
from datetime import datetime

from coursebook.domain.actor import Actor
from coursebook.domain.course_edits.course_state import (
    Circumstances,
    CourseAct,
    CourseStatus,
    Refusal,
    StoredState,
    after,
)
from coursebook.domain.course_fields import CourseField
from coursebook.errors import (
    AlreadyCancelled,
    Conflict,
    HasBookings,
    Invalid,
    NotActionable,
)
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.course_views import publish_problems
from coursebook.services.manage.course_writes import record

IS_OVER = "The course is over, so it can no longer be cancelled."
STILL_OFFERED = "The course is still offered. It can be archived when it is over."
RESTORE_FIRST = "The course is archived. Restore it first."
PUBLISH_FIRST = "The course is not published, so booking is neither open nor closed."
EVENTS = {
    CourseAct.PUBLISH: "published",
    CourseAct.UNPUBLISH: "unpublished",
    CourseAct.OPEN: "opened",
    CourseAct.CLOSE: "closed",
    CourseAct.ARCHIVE: "archived",
    CourseAct.RESTORE: "restored",
}


def act_on(
    work: UnitOfWork,
    course: Course,
    act: CourseAct,
    *,
    fields: Sequence[CourseField],
    actor: Actor,
    now: datetime,
) -> bool:
    """Carry out an act; an act without effect is none. Return whether anything changed.

    Raises Invalid with what is missing, HasBookings, AlreadyCancelled, NotActionable.
    """
    before = state_of_row(course)
    people = course.held + course.confirmed + course.waiting
    around = Circumstances(people, is_over=now >= course.ends_at)
    state = after(act, before, around)
    if isinstance(state, Refusal):
        raise refusal_of(state)
    if state == before:
        return False
    if state.status is not before.status:
        _change_status(course, state.status, fields, now)
    course.is_open = state.is_open
    if state.is_archived is not before.is_archived:
        course.archived_at = now if state.is_archived else None
    course.updated_at, course.updated_by = now, str(actor)[:160]
    states = (before.status.value, state.status.value)
    record(work, course.id, EVENTS[act], actor, now, states=states)
    return True


def state_of_row(course: Course) -> StoredState:
    """Return the stored facts that acts change."""
    is_archived = course.archived_at is not None
    return StoredState(CourseStatus(course.status), course.is_open, is_archived)


def refuse_closed(course: Course) -> None:
    """Refuse to edit a cancelled or an archived course. Raises AlreadyCancelled, NotActionable."""
    if course.status == CourseStatus.CANCELLED.value:
        raise AlreadyCancelled
    if course.archived_at is not None:
        raise NotActionable(RESTORE_FIRST)


def _change_status(
    course: Course, status: CourseStatus, fields: Sequence[CourseField], now: datetime
) -> None:
    if status is CourseStatus.PUBLISHED:
        errors = publish_problems(course, fields, now)
        if errors:
            raise Invalid(errors)
        course.unset = []
        course.published_at = course.published_at or now
    course.status = status.value


def refusal_of(refusal: Refusal) -> Conflict:
    """Return the error of a refusal."""
    return {
        Refusal.CANCELLED: AlreadyCancelled(),
        Refusal.ARCHIVED: NotActionable(RESTORE_FIRST),
        Refusal.HAS_BOOKINGS: HasBookings(),
        Refusal.NOT_PUBLISHED: NotActionable(PUBLISH_FIRST),
        Refusal.STILL_OFFERED: NotActionable(STILL_OFFERED),
        Refusal.OVER: NotActionable(IS_OVER),
    }[refusal]
