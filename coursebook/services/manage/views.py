"""Frozen values that the services of the operator's side return. What is missing is None."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coursebook.errors import FieldError
from coursebook.services.views import MoneyView


@dataclass(frozen=True)
class Counts:
    """The places of a course, and the money that is kept for them.

    `held`: kept for somebody who has not paid. `reserved`: those of them that are kept until a
    moment, such as an offer to the waiting list. `waiting`: people on the waiting list without an
    offer. `revenue` has one sum for each currency, None for a person who may not see money.
    """

    held: int
    confirmed: int
    free: int | None
    revenue: tuple[MoneyView, ...] | None
    reserved: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class TabCounts:
    """What the pages of a course have: people with a place, people who wait, messages."""

    people: int
    waiting: int
    messages: int


@dataclass(frozen=True)
class ManagedLocation:
    """Where a course is, with everything that was entered. `kind` is `online` or `place`."""

    kind: str
    name: str | None
    address: str
    join_url: str


@dataclass(frozen=True)
class ManagedMeeting:
    """One meeting of a course. `id` is None for a course that was never saved with meetings."""

    id: str | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class TeacherView:
    """A person who may see the course as its teacher."""

    user_id: str
    name: str
    email: str


@dataclass(frozen=True)
class ListedManagedCourse:
    """A course in a list. `state` is a `CourseWord`; `version` counts its saves.

    `missing` is what a draft lacks to be published, with pointers into the values of the course.
    """

    id: str
    slug: str
    title: str | None
    category: str | None
    level: str | None
    instructor: str | None
    location: ManagedLocation
    starts_at: datetime | None
    ends_at: datetime | None
    timezone: str | None
    price: MoneyView | None
    capacity: int | None
    image: str
    state: str
    is_archived: bool
    version: int
    revision: int
    series_id: str | None
    meeting_count: int
    missing: tuple[FieldError, ...]
    counts: Counts


@dataclass(frozen=True)
class ManagedCourseView(ListedManagedCourse):
    """One course with everything that the people who manage it entered.

    `terms` are `{hours_before, percent}`. `extra` has the stored values of the school's fields.
    `reminder_minutes`: how long before a start people are reminded; 0 never, None as the school.
    `offer_minutes`: how long a place is offered to somebody who waits, None as the school.
    """

    summary: str | None
    description: str | None
    meetings: tuple[ManagedMeeting, ...]
    terms: tuple[Mapping[str, int], ...]
    attendee_info: str
    internal_note: str
    extra: Mapping[str, Any]
    is_open: bool
    booking_closes_at: datetime | None
    reminder_minutes: int | None
    has_waiting_list: bool
    offer_minutes: int | None
    waiting: int
    teachers: tuple[TeacherView, ...]
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    published_at: datetime | None
    archived_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str


@dataclass(frozen=True)
class ManagedPage:
    """One page of a list. `read_as` is the corrected search when words were mistyped, else ""."""

    items: tuple[ListedManagedCourse, ...]
    next_cursor: str | None
    read_as: str = ""


@dataclass(frozen=True)
class SavedCourse:
    """A course after an edit. `told` counts the people who get a mail about it."""

    course: ManagedCourseView
    told: int = 0
