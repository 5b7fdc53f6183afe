"""Import courses from a file: compare with the catalog first, then write all of them or none.

A row is matched to a course by its slug. An existing course is edited by the rules of every edit
(`services/manage`): columns that the file does not have stay as they are.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.course import CourseDraft, problems, start_problems
from coursebook.domain.course_edits.course_state import CourseAct, CourseStatus
from coursebook.domain.course_edits.meetings import Meeting
from coursebook.domain.course_fields import CourseField, merged
from coursebook.errors import CapacityBelowBookings, Conflict, FieldError, HasBookings, Invalid
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.catalog.course_files import DRAFT, CourseRow
from coursebook.services.catalog.pictures import (
    NotAPicture,
    WebPicture,
    store_picture,
    web_picture,
)
from coursebook.services.context import Context
from coursebook.services.manage.course_acts import act_on, refuse_closed
from coursebook.services.manage.course_changes import TELL_THEM
from coursebook.services.manage.course_edits import EditedCourse, what_is_missing
from coursebook.services.manage.course_meetings import MeetingPlan
from coursebook.services.manage.course_slugs import TAKEN, is_free
from coursebook.services.manage.course_values import CourseValues
from coursebook.services.manage.course_writes import (
    PlannedEdit,
    Telling,
    add_course,
    plan_edit,
    record,
    save_edit,
)

log = structlog.get_logger("coursebook.courses")

ACTOR = Actor("operator, at the command line")
LOCK_TIMEOUT_SECONDS = 30

Outcome = Literal["new", "changed", "same", "problem"]


class ImportRefused(Exception):
    """Raised when nothing was written. The message is one sentence."""


@dataclass(frozen=True)
class CourseWithPicture:
    """A row of the file with its picture prepared for the page."""

    row: CourseRow
    picture: WebPicture | None = None
    problems: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class PlannedCourse:
    """The effect of importing one row. `changes` maps columns to (before, after)."""

    place: str
    slug: str
    title: str
    outcome: Outcome
    changes: Mapping[str, tuple[Any, Any]]
    problems: tuple[FieldError, ...] = ()


async def prepare(rows: Sequence[CourseRow]) -> tuple[CourseWithPicture, ...]:
    """Read and shrink the pictures of all rows, each file once, in a thread."""
    files = {row.picture for row in rows if row.picture is not None}
    read = {file: await asyncio.to_thread(_picture, file) for file in sorted(files)}
    return tuple(_with_picture(row, read) for row in rows)


async def plan_import(
    context: Context,
    courses: Sequence[CourseWithPicture],
    fields: Sequence[CourseField] = (),
    *,
    tell: bool = False,
) -> tuple[PlannedCourse, ...]:
    """Compare with the catalog without writing. `fields` are the school's. Raises Unavailable.

    With `tell` people who booked get a mail about new dates or a new place.
    """
    async with reading(context.database) as work:
        return await _Import(work, context.clock(), fields, tell=tell).plan(courses)


async def import_courses(
    context: Context,
    courses: Sequence[CourseWithPicture],
    expected: Sequence[PlannedCourse],
    fields: Sequence[CourseField] = (),
    *,
    tell: bool = False,
) -> None:
    """Write the plan in one transaction.

    Raises ImportRefused when the catalog has changed since the plan was made, or when a row has
    problems; Unavailable.
    """
    async with writing(context.database) as work:
        await work.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        importing = _Import(work, context.clock(), fields, tell=tell)
        plan = await importing.plan(courses, is_locking=True)
        if any(planned.problems for planned in plan):
            raise ImportRefused("Nothing was imported: fix the rows with problems first.")
        if list(plan) != list(expected):
            raise ImportRefused("The catalog has changed: run the import again.")
        for planned, course in zip(plan, courses, strict=True):
            try:
                await importing.write(planned, course)
            except (Conflict, Invalid) as error:
                raise ImportRefused(f"{planned.slug}: {error.detail}") from None
    log.info("courses.imported", **{o: _count(plan, o) for o in ("new", "changed", "same")})


def _picture(file: Path) -> WebPicture | str:
    try:
        return web_picture(file.read_bytes())
    except OSError as error:
        return f"The picture {file} cannot be read: {error.strerror}."
    except NotAPicture as error:
        return str(error)


def _with_picture(row: CourseRow, read: Mapping[Path, WebPicture | str]) -> CourseWithPicture:
    if row.picture is None:
        return CourseWithPicture(row)
    picture = read[row.picture]
    if isinstance(picture, str):
        return CourseWithPicture(row, problems=(FieldError("/picture", picture),))
    if row.draft is not None:
        row = replace(row, draft=replace(row.draft, image=picture.address))
    return CourseWithPicture(row, picture)


def _slugs(courses: Sequence[CourseWithPicture]) -> set[str]:
    return {course.row.slug for course in courses if course.row.slug}


class _Import:
    """One comparison or one import, in an open transaction."""

    def __init__(
        self, work: UnitOfWork, now: datetime, fields: Sequence[CourseField], *, tell: bool
    ) -> None:
        self._work = work
        self._now = now
        self._fields = fields
        self._telling = Telling(tell)
        self._existing: Mapping[str, Course] = {}

    async def plan(
        self, courses: Sequence[CourseWithPicture], *, is_locking: bool = False
    ) -> tuple[PlannedCourse, ...]:
        """Return the effect of every row."""
        slugs = _slugs(courses)
        self._existing = await self._work.courses.by_slugs(slugs, is_locking=is_locking)
        return tuple([await self._planned(course) for course in courses])

    async def write(self, planned: PlannedCourse, course: CourseWithPicture) -> None:
        """Write one row. Raises Conflict or Invalid where the plan could not see it."""
        row, draft = course.row, course.row.draft
        if draft is None or planned.outcome == "same":
            return
        if course.picture is not None:
            await store_picture(self._work, course.picture, by=str(ACTOR), now=self._now)
        existing = self._existing.get(planned.slug)
        if existing is None:
            existing = await self._add(draft)
            status = row.status or CourseStatus.PUBLISHED.value
        else:
            edit = await self._edit(existing, course)
            await save_edit(
                self._work,
                existing,
                edit,
                actor=ACTOR,
                now=self._now,
                telling=self._telling,
            )
            status = row.status or existing.status
        if status != existing.status:
            act = CourseAct.UNPUBLISH if status == DRAFT else CourseAct.PUBLISH
            act_on(self._work, existing, act, fields=self._fields, actor=ACTOR, now=self._now)
        await self._work.flush()

    async def _planned(self, course: CourseWithPicture) -> PlannedCourse:
        row = course.row
        unreadable = (*row.problems, *course.problems)
        if row.draft is None or unreadable:
            title = row.draft.title if row.draft else ""
            return PlannedCourse(row.place, row.slug, title, "problem", {}, unreadable)
        existing = self._existing.get(row.slug)
        if existing is None:
            changes: Mapping[str, tuple[Any, Any]] = {}
            found = await self._problems_of_new(row.draft)
            outcome: Outcome = "new"
        else:
            changes, found = await self._compared(existing, course)
            outcome = "changed" if changes else "same"
        return PlannedCourse(
            row.place,
            row.slug,
            row.draft.title,
            "problem" if found else outcome,
            changes,
            tuple(found),
        )

    async def _problems_of_new(self, draft: CourseDraft) -> list[FieldError]:
        found = list(
            problems(replace(draft, extra=merged({}, draft.extra)), self._now, self._fields)
        )
        if draft.slug and not await is_free(self._work, draft.slug, ""):
            found.append(FieldError("/slug", TAKEN))
        return found

    async def _compared(
        self, existing: Course, course: CourseWithPicture
    ) -> tuple[dict[str, tuple[Any, Any]], list[FieldError]]:
        """Return the columns that differ, and why the course may not be so."""
        status = course.row.status or existing.status
        try:
            edit = await self._edit(existing, course)
        except Invalid as error:
            return {}, list(error.errors)
        except CapacityBelowBookings as error:
            return {}, [FieldError("/capacity", error.detail)]
        changes = edit.course.changes(existing)
        if status != existing.status:
            changes["status"] = (existing.status, status)
        if not changes:
            return {}, []
        return changes, list(self._refused(existing, edit, status))

    async def _edit(self, existing: Course, course: CourseWithPicture) -> PlannedEdit:
        """Return the edit of one row. Raises Invalid, CapacityBelowBookings."""
        values = _values(course.row, existing)
        return await plan_edit(self._work, existing, values, self._fields, self._now)

    def _refused(self, existing: Course, edit: PlannedEdit, status: str) -> Iterable[FieldError]:
        """Yield why an edit that is well-formed is refused all the same."""
        try:
            refuse_closed(existing)
        except Conflict as error:
            yield FieldError("/status", error.detail)
            return
        draft, seats_taken = edit.course.draft, existing.held + existing.confirmed
        if seats_taken and draft.starts_at < existing.starts_at and not self._telling.tell:
            yield FieldError("/starts_at", f"{TELL_THEM} Import with --tell.")
        if status == existing.status:
            return
        if status == DRAFT and seats_taken:
            yield FieldError("/status", HasBookings.sentence)
        elif status != DRAFT:
            yield from what_is_missing(edit.course, self._fields)
            yield from start_problems(draft, self._now)

    async def _add(self, draft: CourseDraft) -> Course:
        """Add a new course with its one meeting."""
        columns = {**vars(draft), "terms": draft.terms.to_json(), "extra": merged({}, draft.extra)}
        meeting = Meeting(draft.starts_at, draft.ends_at)
        plan = MeetingPlan((meeting,), draft.starts_at, draft.ends_at)
        course = await add_course(
            self._work,
            EditedCourse(columns, ()),
            plan,
            fields=self._fields,
            actor=ACTOR,
            now=self._now,
        )
        record(self._work, course.id, "created", ACTOR, self._now, states=(None, course.status))
        return course


def _values(row: CourseRow, existing: Course) -> CourseValues:
    """Return what a row changes. Unchanged dates are left out: a course may have more meetings."""
    draft = row.draft
    assert draft is not None, "a row that cannot be read changes nothing"
    entered = {**vars(draft), "terms": draft.terms.to_json()}
    names = row.columns | ({"image"} if draft.image else set())
    columns = {name: entered[name] for name in names}
    columns = {name: None if value == "" else value for name, value in columns.items()}
    for name in ("starts_at", "ends_at"):
        if columns.get(name) == getattr(existing, name) and name not in existing.unset:
            columns.pop(name, None)
    return CourseValues({**columns, "slug": row.slug}, draft.extra)


def _count(plan: Sequence[PlannedCourse], outcome: Outcome) -> int:
    return sum(planned.outcome == outcome for planned in plan)
