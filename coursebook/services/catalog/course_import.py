"""Import courses from a file: compare with the catalog first, then write all of them or none.

A row is matched to a course by its slug. A course with bookings keeps its dates, place, price and
terms, because they were promised and an import sends no mails.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.course import CourseDraft, problems
from coursebook.domain.course_fields import CourseField, merged
from coursebook.errors import FieldError
from coursebook.live import topics
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, CourseStatus
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.catalog.course_files import DRAFT, CourseRow
from coursebook.services.catalog.pictures import (
    NotAPicture,
    WebPicture,
    store_picture,
    web_picture,
)
from coursebook.services.context import Context

log = structlog.get_logger("coursebook.courses")

ACTOR = Actor("operator, at the command line")
PROMISED = {
    "starts_at": "date",
    "ends_at": "date",
    "timezone": "date",
    "is_online": "place",
    "place_name": "place",
    "place_address": "place",
    "join_url": "place",
    "price": "price",
    "currency": "price",
    "terms": "terms",
}
"""The columns that were promised to booked students, with their names in messages."""
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
    context: Context, courses: Sequence[CourseWithPicture], fields: Sequence[CourseField] = ()
) -> tuple[PlannedCourse, ...]:
    """Compare with the catalog without writing. `fields` are the school's. Raises Unavailable."""
    async with reading(context.database) as work:
        existing = await work.courses.by_slugs(_slugs(courses))
        return _plan(courses, existing, context.clock(), fields)


async def import_courses(
    context: Context,
    courses: Sequence[CourseWithPicture],
    expected: Sequence[PlannedCourse],
    fields: Sequence[CourseField] = (),
) -> None:
    """Write the plan in one transaction.

    Raises ImportRefused when the catalog has changed since the plan was made, or when a row has
    problems; Unavailable.
    """
    now = context.clock()
    async with writing(context.database) as work:
        await work.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        existing = await work.courses.by_slugs(_slugs(courses), is_locking=True)
        plan = _plan(courses, existing, now, fields)
        if any(planned.problems for planned in plan):
            raise ImportRefused("Nothing was imported: fix the rows with problems first.")
        if list(plan) != list(expected):
            raise ImportRefused("The catalog has changed: run the import again.")
        for planned, course in zip(plan, courses, strict=True):
            await _write(work, planned, course, existing.get(planned.slug), now)
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


def _plan(
    courses: Sequence[CourseWithPicture],
    existing: Mapping[str, Course],
    now: datetime,
    fields: Sequence[CourseField],
) -> tuple[PlannedCourse, ...]:
    return tuple(_planned(course, existing.get(course.row.slug), now, fields) for course in courses)


def _planned(
    course: CourseWithPicture,
    existing: Course | None,
    now: datetime,
    fields: Sequence[CourseField],
) -> PlannedCourse:
    row = course.row
    unreadable = (*row.problems, *course.problems)
    if row.draft is None or unreadable:
        title = row.draft.title if row.draft else ""
        return PlannedCourse(row.place, row.slug, title, "problem", {}, unreadable)
    draft = replace(row.draft, extra=merged(existing.extra if existing else {}, row.draft.extra))
    if existing is None:
        row_problems, changes = problems(draft, now, fields), {}
        outcome: Outcome = "new"
    else:
        changes = _changes(draft, row.status, existing)
        row_problems = (
            *_problems_of_change(draft, changes, now, fields),
            *_refused(existing, changes, draft),
        )
        outcome = "changed" if changes else "same"
        if not changes:
            row_problems = ()
    return PlannedCourse(
        row.place,
        row.slug,
        draft.title,
        "problem" if row_problems else outcome,
        changes,
        row_problems,
    )


def _values(draft: CourseDraft) -> dict[str, Any]:
    return {**vars(draft), "terms": draft.terms.to_json()}


def _changes(
    draft: CourseDraft, status: str | None, existing: Course
) -> dict[str, tuple[Any, Any]]:
    """Return the columns that differ. A row without a picture or status leaves them alone."""
    values = _values(draft)
    for name in ("attendee_info", "internal_note", "booking_closes_at"):
        values.pop(name)  # no column of a file
    if not draft.image:
        values.pop("image")
    if status is not None:
        values["status"] = status
    before = {name: getattr(existing, name) for name in values}
    return {n: (before[n], value) for n, value in values.items() if before[n] != value}


def _problems_of_change(
    draft: CourseDraft, changes: Mapping[str, Any], now: datetime, fields: Sequence[CourseField]
) -> Iterable[FieldError]:
    """Return the problems of a draft; an unchanged start may be in the past."""
    for problem in problems(draft, now, fields):
        if problem.pointer != "/starts_at" or "starts_at" in changes:
            yield problem


def _refused(
    existing: Course, changes: Mapping[str, tuple[Any, Any]], draft: CourseDraft
) -> Iterable[FieldError]:
    """Return the changes that are refused because of existing bookings."""
    seats_taken = existing.held + existing.confirmed
    if state_of(existing).is_cancelled and changes:
        yield FieldError("/status", "The course is cancelled and cannot be changed.")
        return
    if draft.capacity < seats_taken:
        yield FieldError("/capacity", f"{seats_taken} places are taken, so there cannot be fewer.")
    if not seats_taken:
        return
    people = f"{seats_taken} {'place is' if seats_taken == 1 else 'places are'} booked"
    for what in dict.fromkeys(PROMISED[name] for name in changes if name in PROMISED):
        pointer = next(n for n in changes if PROMISED.get(n) == what)
        yield FieldError(f"/{pointer}", f"The {what} cannot change: {people}.")
    if changes.get("status", ("", ""))[1] == DRAFT:
        yield FieldError("/status", f"The course cannot be hidden: {people}.")


async def _write(
    work: UnitOfWork,
    planned: PlannedCourse,
    course: CourseWithPicture,
    existing: Course | None,
    now: datetime,
) -> None:
    draft = course.row.draft
    if draft is None or planned.outcome == "same":
        return
    if course.picture is not None:
        await store_picture(work, course.picture, by=str(ACTOR), now=now)
    if existing is None:
        course_id = await _add(work, course.row, draft, now)
    else:
        course_id = existing.id
        for name, (_, after) in planned.changes.items():
            setattr(existing, name, after)
        existing.updated_at = now
    data = {name: _plain(after) for name, (_, after) in planned.changes.items()}
    change = Change(None, f"course {course_id}", f"import_{planned.outcome}", None, None, data=data)
    work.audit.write(change, actor=ACTOR, request_id="", now=now)
    work.mark_changed(topics.course(course_id))


async def _add(work: UnitOfWork, row: CourseRow, draft: CourseDraft, now: datetime) -> str:
    values = {
        **_values(draft),
        "extra": merged({}, draft.extra),
        "id": new_id("crs"),
        "held": 0,
        "confirmed": 0,
        "status": row.status or CourseStatus.PUBLISHED.value,
        "created_at": now,
        "updated_at": now,
    }
    if not await work.courses.add_once(values):
        raise ImportRefused("The catalog has changed: run the import again.")
    return str(values["id"])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _count(plan: Sequence[PlannedCourse], outcome: Outcome) -> int:
    return sum(planned.outcome == outcome for planned in plan)
