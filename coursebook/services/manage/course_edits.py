"""Apply values to a course: what it is afterwards, and whether it may be so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from coursebook.domain.course import CourseDraft, malformed, missing
from coursebook.domain.course_fields import CourseField, merged
from coursebook.domain.terms import STANDARD, Terms
from coursebook.errors import FieldError, Invalid
from coursebook.persistence.schema.tables import Course, CourseStatus
from coursebook.services.manage.course_meetings import MeetingPlan
from coursebook.services.manage.course_values import CourseValues, in_values

NO_TITLE = "Untitled"
SLUG = "slug"
"""In `unset`, it says that the address still follows the title."""
PLACEHOLDERS: Mapping[str, Any] = {
    **{one.name: "" for one in fields(CourseDraft) if one.type is str},
    "title": NO_TITLE,
    "level": "All levels",
    "timezone": "UTC",
    "is_online": False,
    "price": 0,
    "currency": "eur",
    "capacity": 1,
    "terms": STANDARD.to_json(),
    "booking_closes_at": None,
    "reminder_minutes": None,
    "has_waiting_list": True,
    "offer_minutes": None,
}
"""What a column holds when it has no value. `starts_at` and `ends_at` follow from the clock."""
NEEDED = (
    *("title", "summary", "description", "category", "instructor", "place_name"),
    *("timezone", "price", "currency", "capacity", "starts_at", "ends_at"),
)
"""The columns that stand in `unset` while they have no value: a course needs them to be offered."""
USUAL_LENGTH = timedelta(hours=1)
ENTERED = tuple(one.name for one in fields(CourseDraft))
"""The columns that people enter."""
LONG_TEXTS = ("description", "attendee_info", "internal_note")
"""Texts of which the audit trail only says that they changed."""


@dataclass(frozen=True)
class EditedCourse:
    """The columns of a course after an edit, and the names of those that are placeholders."""

    columns: Mapping[str, Any]
    unset: tuple[str, ...]

    @property
    def draft(self) -> CourseDraft:
        """The same for the rules of `domain/course.py`."""
        return CourseDraft(**{**self.columns, "terms": Terms.from_json(self.columns["terms"])})

    def with_slug(self, slug: str, *, is_own: bool) -> "EditedCourse":
        """Return it with another slug. One of its own was entered and follows the title no more."""
        unset = {*self.unset} - {SLUG} if is_own else {*self.unset, SLUG}
        return EditedCourse({**self.columns, SLUG: slug}, tuple(sorted(unset)))

    def changes(self, course: Course) -> dict[str, tuple[Any, Any]]:
        """Return the columns that differ from those stored, with both values."""
        before = {name: getattr(course, name) for name in self.columns}
        return {n: (before[n], v) for n, v in self.columns.items() if before[n] != v}


def edited(
    before: Mapping[str, Any],
    unset: Collection[str],
    values: CourseValues,
    plan: MeetingPlan | None,
    now: datetime,
) -> EditedCourse:
    """Return the course after the values were applied, except its slug. Nothing is checked yet."""
    wanted = {name: value for name, value in values.columns.items() if name != SLUG}
    if plan is not None:
        wanted |= plan.columns
    names = ({*unset} - {*wanted}) | {n for n, v in wanted.items() if v is None and n in NEEDED}
    columns = {**before}
    for name, value in wanted.items():
        if value is not None:
            columns[name] = value
        elif name in PLACEHOLDERS:
            columns[name] = PLACEHOLDERS[name]
    if plan is not None:
        columns |= _dates(plan, now)
    columns["extra"] = merged(before["extra"], values.extra)
    return EditedCourse(columns, tuple(sorted(names)))


def columns_of(course: Course) -> dict[str, Any]:
    """Return the columns that people enter, as they are stored."""
    return {name: getattr(course, name) for name in ENTERED}


def empty_columns(now: datetime) -> dict[str, Any]:
    """Return the columns of a course of which nothing was entered, except its slug."""
    return {
        **PLACEHOLDERS,
        SLUG: "",
        "starts_at": now,
        "ends_at": now + USUAL_LENGTH,
        "extra": {},
    }


def check_stored(course: EditedCourse, fields: Sequence[CourseField], *, is_offered: bool) -> None:
    """Refuse what no course may have, and in an offered one what is missing. Raises Invalid."""
    errors = malformed(course.draft)
    if "starts_at" in course.unset:  # nothing to compare it with
        errors = tuple(e for e in errors if e.pointer != "/booking_closes_at")
    if is_offered:
        errors = (*what_is_missing(course, fields), *errors)
    if errors:
        raise Invalid(in_values(errors, fields))


def what_is_missing(course: EditedCourse, fields: Sequence[CourseField]) -> tuple[FieldError, ...]:
    """Return what the course lacks to be offered, with pointers of columns."""
    return missing(course.draft, {*course.unset} - {SLUG}, fields)


def stored_as(course: Course) -> EditedCourse:
    """Return a stored course as it is."""
    return EditedCourse(columns_of(course), tuple(course.unset))


def was_public(course: Course) -> bool:
    """Whether people could ever see the course."""
    return course.status != CourseStatus.DRAFT.value or course.published_at is not None


def audit_data(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Return changes for the audit trail: both values, but of long texts only that they changed."""
    return {
        name: None if name in LONG_TEXTS else [_plain(before), _plain(value)]
        for name, (before, value) in changes.items()
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _dates(plan: MeetingPlan, now: datetime) -> dict[str, datetime]:
    """Return start and end; one that is missing stands at the usual distance from the other."""
    starts_at, ends_at = plan.starts_at, plan.ends_at
    if starts_at is None:
        starts_at = now if ends_at is None else ends_at - USUAL_LENGTH
    return {"starts_at": starts_at, "ends_at": ends_at or starts_at + USUAL_LENGTH}
