"""Save courses in an open transaction: add one, or edit a locked one by the rules of edits.

Edits go through the object of the course, so that the search index follows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import IntegrityError

from coursebook.domain.actor import Actor
from coursebook.domain.course_edits.offer import USUAL, FreeCancelling
from coursebook.domain.course_fields import CourseField
from coursebook.errors import CapacityBelowBookings, FieldError, Invalid
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.manage.course_changes import (
    ChangeEffect,
    apply_promised_changes,
    offer_of_course,
)
from coursebook.services.manage.course_edits import (
    SLUG,
    EditedCourse,
    audit_data,
    check_stored,
    columns_of,
    edited,
    was_public,
)
from coursebook.services.manage.course_meetings import (
    MeetingPlan,
    check_begun,
    planned_meetings,
    store_meetings,
)
from coursebook.services.manage.course_slugs import (
    SlugTaken,
    is_free,
    move_slug,
    new_slug,
    slug_for,
)
from coursebook.services.manage.course_values import CourseValues

T = TypeVar("T")
MAX_TRIES = 8
SLUG_CONSTRAINT = ("uq_course_slug", "course.slug", "uq_series_slug", "series.slug")
"""How the databases name the rule of one course, and one series, for each slug."""


@dataclass(frozen=True)
class Telling:
    """What people who booked get with an edit of dates or place (`apply_promised_changes`)."""

    tell: bool = False
    free_cancel_until: FreeCancelling = USUAL
    reason: str = ""


NOBODY_TOLD = Telling()


@dataclass(frozen=True)
class PlannedEdit:
    """A course after an edit that is allowed, but not written yet. `rows` are its meetings now."""

    course: EditedCourse
    meetings: MeetingPlan | None
    rows: Sequence[Meeting]

    @property
    def are_meetings_new(self) -> bool:
        """Whether any meeting differs from those stored."""
        if self.meetings is None:
            return False
        stored = [(row.id, row.starts_at, row.ends_at) for row in self.rows]
        planned = [(m.id, m.starts_at, m.ends_at) for m in self.meetings.meetings]
        return sorted(stored, key=str) != sorted(planned, key=str)


async def trying_slugs(save: Callable[[], Awaitable[T]], entered_slug: str | None = None) -> T:
    """Return what `save` returns, which opens a transaction of its own.

    Without an entered slug it is tried again when another course has taken a slug that it found
    free: a slug made of the title then gets another ending. An entered slug stays as it is, so it
    is tried once. Raises SlugTaken.
    """
    for _ in range(1 if entered_slug else MAX_TRIES):
        try:
            return await save()
        except SlugTaken:
            continue
        except IntegrityError as error:
            if not any(name in str(error.orig) for name in SLUG_CONSTRAINT):
                raise
    raise SlugTaken


async def check_picture(work: UnitOfWork, values: CourseValues) -> None:
    """Refuse the address of a picture that was never uploaded. Raises Invalid."""
    folder, _, name = (values.columns.get("image") or "").rpartition("/")
    if folder == "/media" and not await work.pictures.exists(name.removesuffix(".webp")):
        raise Invalid([FieldError("/image", "There is no such picture. Please upload it again.")])


async def add_course(
    work: UnitOfWork,
    course: EditedCourse,
    meetings: MeetingPlan | None,
    *,
    fields: Sequence[CourseField],
    actor: Actor,
    now: datetime,
    series_id: str | None = None,
) -> Course:
    """Add a draft. Without a slug that was entered it gets one from the title. Raises Invalid."""
    course_id = new_id("crs")
    if SLUG in course.unset:
        course = await _with_slug_of_title(work, course, course_id)
    check_stored(course, fields, is_offered=False)
    slug = course.columns[SLUG]
    if not await is_free(work, slug, course_id):
        raise SlugTaken
    row = Course(
        **course.columns,
        id=course_id,
        series_id=series_id,
        unset=list(course.unset),
        status=CourseStatus.DRAFT.value,
        created_by=str(actor)[:160],
        updated_by=str(actor)[:160],
        created_at=now,
        updated_at=now,
    )
    work.courses.add(row)
    await work.flush()
    if await work.slug_redirects.course_id_of(slug):  # left by its course in this moment
        raise SlugTaken
    if meetings is not None:
        await store_meetings(work, course_id, meetings, is_public=False, now=now)
    work.mark_changed(topics.course(course_id))
    return row


async def plan_edit(
    work: UnitOfWork,
    course: Course,
    values: CourseValues,
    fields: Sequence[CourseField],
    now: datetime,
) -> PlannedEdit:
    """Return what a course would be after an edit. Raises Invalid, CapacityBelowBookings."""
    rows = await work.meetings.of_course(course.id)
    dates = ("starts_at", "ends_at")
    before = {n: None if n in course.unset else getattr(course, n) for n in dates}
    meetings = planned_meetings(values, rows, before)
    after = edited(columns_of(course), course.unset, values, meetings, now)
    after = await _with_slug(work, course, after, values)
    check_stored(after, fields, is_offered=course.status == CourseStatus.PUBLISHED.value)
    taken_seats = course.held + course.confirmed
    if after.columns["capacity"] < taken_seats:
        raise CapacityBelowBookings(taken_seats)
    if meetings is not None and was_public(course):
        check_begun(meetings, rows, course.starts_at, now)
    return PlannedEdit(after, meetings, rows)


async def save_edit(
    work: UnitOfWork,
    course: Course,
    edit: PlannedEdit,
    *,
    actor: Actor,
    now: datetime,
    telling: Telling = NOBODY_TOLD,
) -> ChangeEffect | None:
    """Write a planned edit to its locked course, with its effect on people who booked.

    Returns None when nothing has changed. Raises Invalid as `apply_promised_changes` does.
    """
    changes = edit.course.changes(course)
    is_same = not changes and sorted(edit.course.unset) == sorted(course.unset)
    if is_same and not edit.are_meetings_new:
        return None
    before = offer_of_course(course, edit.rows)
    data = audit_data(changes)
    if edit.are_meetings_new and edit.meetings is not None:
        data["meetings"] = [_written(edit.rows), _written(edit.meetings.meetings)]
    await _write(work, course, edit, now)
    course.version += 1
    course.updated_at, course.updated_by = now, str(actor)[:160]
    record(work, course.id, "edited", actor, now, data=data)
    after = offer_of_course(course, await work.meetings.of_course(course.id))
    return await apply_promised_changes(
        work, course, before, after, actor, now=now, **vars(telling)
    )


async def _write(work: UnitOfWork, course: Course, edit: PlannedEdit, now: datetime) -> None:
    """Write the values, the meetings and the slug. The search index follows the object."""
    is_public, slug = was_public(course), edit.course.columns[SLUG]
    for name in edit.course.changes(course):
        if name != SLUG:
            setattr(course, name, edit.course.columns[name])
    course.unset = list(edit.course.unset)
    if slug != course.slug:
        await move_slug(work, course, slug, is_public=is_public, now=now)
    if edit.meetings is not None and edit.are_meetings_new:
        await store_meetings(work, course.id, edit.meetings, is_public=is_public, now=now)


def record(
    work: UnitOfWork,
    course_id: str,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    states: tuple[str | None, str | None] = (None, None),
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write the audit row of a course, and let open pages look again."""
    change = Change(
        None,
        f"course {course_id}",
        event,
        *states,
        data=dict(data or {}),
        course_id=course_id,
        about="course",
    )
    work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)
    work.mark_changed(topics.course(course_id), topics.CATALOG)


async def _with_slug(
    work: UnitOfWork, course: Course, after: EditedCourse, values: CourseValues
) -> EditedCourse:
    """Return the edit with its slug: the one that was entered, or one that follows the title."""
    if SLUG in values.columns:
        slug = values.columns[SLUG]
        if slug is not None:
            if slug != course.slug and not await is_free(work, slug, course.id):
                raise SlugTaken
            return after.with_slug(slug, is_own=True)
        if was_public(course):
            raise Invalid([FieldError("/slug", "The address is missing.")])
        return await _with_slug_of_title(work, after, course.id)
    is_title_new = after.columns["title"] != course.title
    if SLUG in after.unset and is_title_new and not was_public(course):
        return await _with_slug_of_title(work, after, course.id)
    return after


async def _with_slug_of_title(
    work: UnitOfWork, course: EditedCourse, course_id: str
) -> EditedCourse:
    """Return the course with a slug made of its title."""
    columns, unset = course.columns, course.unset
    if "title" in unset:
        return course.with_slug(new_slug(), is_own=False)
    starts_at = None if "starts_at" in unset else columns["starts_at"]
    slug = await slug_for(work, columns["title"], starts_at, columns["timezone"], course_id)
    return course.with_slug(slug, is_own=False)


def _written(meetings: Sequence[object]) -> list[list[str]]:
    return [[m.starts_at.isoformat(), m.ends_at.isoformat()] for m in meetings]  # type: ignore[attr-defined]
