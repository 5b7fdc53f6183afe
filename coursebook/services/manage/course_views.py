"""Turn rows of courses into the views of the operator's side."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from coursebook.domain.course import malformed, start_problems
from coursebook.domain.course_edits.course_state import word_of
from coursebook.domain.course_fields import CourseField
from coursebook.errors import FieldError
from coursebook.persistence.course_search.course_list_row import ListedCourse
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting, User
from coursebook.services.manage.course_edits import stored_as, what_is_missing
from coursebook.services.manage.course_values import in_values
from coursebook.services.manage.views import (
    Counts,
    ListedManagedCourse,
    ManagedCourseView,
    ManagedLocation,
    ManagedMeeting,
    TeacherView,
)
from coursebook.services.views import MoneyView

AS_LISTED = ("title", "category", "instructor", "starts_at", "ends_at", "timezone", "capacity")
"""Columns that a view shows under their own names, None without a value."""
Revenue = tuple[MoneyView, ...] | None
"""What is kept for a course, one sum for each currency; None for who may not see money."""


def listed_view(
    course: Course | ListedCourse,
    now: datetime,
    *,
    meeting_count: int,
    missing: tuple[FieldError, ...] = (),
    revenue: Revenue = None,
    reserved: int = 0,
) -> ListedManagedCourse:
    """Return a course of a list."""
    return ListedManagedCourse(
        **_listed(course, now, revenue, reserved), meeting_count=meeting_count, missing=missing
    )


def kept_money(amounts: Mapping[str, int]) -> tuple[MoneyView, ...]:
    """Return sums in minor units by currency as views; a currency with nothing left is no sum."""
    return tuple(MoneyView(sum_, name) for name, sum_ in sorted(amounts.items()) if sum_)


def has_date(course: Course | ListedCourse) -> bool:
    """Tell whether somebody entered when the course takes place."""
    return not {"starts_at", "ends_at"} & {*course.unset}


def managed_view(
    course: Course,
    meetings: Sequence[Meeting],
    teachers: Sequence[User],
    fields: Sequence[CourseField],
    now: datetime,
    *,
    revenue: Revenue,
    reserved: int,
) -> ManagedCourseView:
    """Return one course with everything that was entered. `meetings` are not cancelled."""
    shown = _meetings(course, meetings)
    return ManagedCourseView(
        **_listed(course, now, revenue, reserved),
        meeting_count=len(shown),
        missing=publish_problems(course, fields, now) if is_draft(course) else (),
        summary=_value(course, "summary"),
        description=_value(course, "description"),
        meetings=shown,
        terms=tuple(course.terms),
        attendee_info=course.attendee_info,
        internal_note=course.internal_note,
        extra=course.extra,
        is_open=course.is_open,
        booking_closes_at=course.booking_closes_at,
        reminder_minutes=course.reminder_minutes,
        has_waiting_list=course.has_waiting_list,
        offer_minutes=course.offer_minutes,
        waiting=course.waiting,
        teachers=tuple(TeacherView(t.id, t.name, t.email) for t in teachers),
        created_at=course.created_at,
        updated_at=course.updated_at,
        created_by=course.created_by,
        updated_by=course.updated_by,
        published_at=course.published_at,
        archived_at=course.archived_at,
        cancelled_at=course.cancelled_at,
        cancel_reason=course.cancel_reason,
    )


def publish_problems(
    course: Course, fields: Sequence[CourseField], now: datetime
) -> tuple[FieldError, ...]:
    """Return why a course cannot be published now, with pointers into its values."""
    edited = stored_as(course)
    errors = [*what_is_missing(edited, fields), *malformed(edited.draft)]
    if "starts_at" not in edited.unset:
        errors += start_problems(edited.draft, now)
    return in_values(errors, fields)


def is_draft(course: Course | ListedCourse) -> bool:
    """Tell whether nobody else sees the course yet."""
    return course.status == CourseStatus.DRAFT.value


def _listed(
    course: Course | ListedCourse, now: datetime, revenue: Revenue, reserved: int
) -> dict[str, Any]:
    seats, has_price = seats_of(course), "price" not in course.unset
    has_capacity = "capacity" not in course.unset
    return {
        **{name: _value(course, name) for name in AS_LISTED},
        "id": course.id,
        "slug": course.slug,
        "level": course.level,
        "location": ManagedLocation(
            "online" if course.is_online else "place",
            _value(course, "place_name"),
            course.place_address,
            getattr(course, "join_url", ""),
        ),
        "price": MoneyView(course.price, course.currency) if has_price else None,
        "image": course.image,
        "state": _word(course, now),
        "is_archived": course.archived_at is not None,
        "version": course.version,
        "revision": course.revision,
        "series_id": course.series_id,
        "counts": Counts(
            course.held,
            course.confirmed,
            seats.left if has_capacity else None,
            revenue,
            reserved=reserved,
            waiting=course.waiting,
        ),
    }


def _word(course: Course | ListedCourse, now: datetime) -> str:
    """Return the word for a course, also for an archived one: nobody else sees that."""
    is_published = course.status == CourseStatus.PUBLISHED.value
    return word_of(replace(state_of(course), is_published=is_published), now).value


def _value(course: Course | ListedCourse, name: str) -> Any:  # noqa: ANN401 - a column of any type
    return None if name in course.unset else getattr(course, name)


def _meetings(course: Course, meetings: Sequence[Meeting]) -> tuple[ManagedMeeting, ...]:
    if meetings:
        return tuple(ManagedMeeting(m.id, m.starts_at, m.ends_at) for m in meetings)
    if not has_date(course):
        return ()
    return (ManagedMeeting(None, course.starts_at, course.ends_at),)
