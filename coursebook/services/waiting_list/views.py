"""Frozen views of waiting lists."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.waiting_list.entry import EntryState
from coursebook.services.views import CourseView


@dataclass(frozen=True)
class WaitingView:
    """A person's own entry. `position`: 1 is served next; None unless they wait.

    `offer_until`: until then the place `booking_id` is kept. `why`: the stored reason why it ended.
    `is_list_open`: whether somebody could join now.
    """

    id: str
    course: CourseView
    state: EntryState
    position: int | None
    joined_at: datetime
    note: str
    booking_id: str | None
    offer_until: datetime | None
    why: str
    is_list_open: bool


@dataclass(frozen=True)
class WaitingPersonView:
    """An entry as the school sees it. `email` is "" for those who may not see it.

    `position` is None for somebody who was offered a place.
    """

    id: str
    name: str
    email: str
    state: EntryState
    position: int | None
    joined_at: datetime
    note: str
    why: str
    is_first_by_school: bool
    booking_id: str | None
    offered_at: datetime | None
    offer_until: datetime | None


@dataclass(frozen=True)
class ManagedListView:
    """The waiting list of a course. Offered places come first, then those who wait, in order.

    `closes_at`: when the list closes at the latest. `turn_ends_at`: until when a place would be
    kept that is offered now, None once the list is closed; `turn_minutes`: how long as
    a rule. `closed`: why it is closed already, "".
    """

    course_id: str
    title: str
    slug: str
    timezone: str
    starts_at: datetime
    capacity: int
    seats_left: int
    has_waiting_list: bool
    is_public: bool
    is_list_open: bool
    closed: str
    closes_at: datetime
    turn_ends_at: datetime | None
    turn_minutes: int
    waiting: int
    items: tuple[WaitingPersonView, ...]
