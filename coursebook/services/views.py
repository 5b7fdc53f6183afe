"""Frozen values that the services return to the API and the pages: ready to show, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from coursebook.domain.booking import BookingStatus, PaymentStatus
from coursebook.domain.inbox import InboxAction, InboxKind, Resolution
from coursebook.domain.online_room import Room
from coursebook.domain.section import Section


@dataclass(frozen=True)
class MoneyView:
    """`amount` in minor units of `currency` (lower-case ISO 4217)."""

    amount: int
    currency: str


@dataclass(frozen=True)
class LocationView:
    """Where a course is: `kind` is `online` or `place`."""

    kind: str
    name: str
    address: str


@dataclass(frozen=True)
class MeetingView:
    """One meeting of a course, at its own location or that of the course."""

    starts_at: datetime
    ends_at: datetime
    location: LocationView


@dataclass(frozen=True)
class CourseView:
    """A course in a list. `status` is `open`, `full` or `closed`.

    `closed` says why: `cancelled`, `begun`, or `closed` for new bookings; else "".

    `read_at` is taken before reading: of two views of a course, the one with the later time is
    newer. `extra` has the stored values of a school's fields, whether they are declared or not.
    `version` counts every save of the course, `revision` those that change what it offers: dates,
    place, price, terms. `meetings` come earliest first; there is always one, except in the views
    that only tell the places left. `booking_closes_at`: from then on it takes no new bookings; None
    for 5 minutes before the start. `series_id`: the course is one date of this series; `more_dates`
    counts the others that a grouped list would show.
    """

    id: str
    slug: str
    title: str
    summary: str
    category: str
    level: str
    instructor: str
    location: LocationView
    starts_at: datetime
    ends_at: datetime
    timezone: str
    price: MoneyView
    capacity: int
    seats_left: int
    status: str
    image: str
    read_at: datetime = field(kw_only=True, default=datetime.min.replace(tzinfo=UTC))
    closed: str = field(kw_only=True, default="")
    version: int = field(kw_only=True, default=1)
    revision: int = field(kw_only=True, default=1)
    booking_closes_at: datetime | None = field(kw_only=True, default=None)
    series_id: str | None = field(kw_only=True, default=None)
    more_dates: int = field(kw_only=True, default=0)
    meetings: tuple[MeetingView, ...] = field(kw_only=True, default=())
    extra: Mapping[str, Any] = field(kw_only=True, default_factory=dict)

    @property
    def meetings_count(self) -> int:
        """The number of meetings."""
        return len(self.meetings)


@dataclass(frozen=True)
class TermStepView:
    """Until this moment, `percent` of the price is refunded."""

    until: datetime
    percent: int


@dataclass(frozen=True)
class TermsView:
    """The cancellation terms in a sentence and as moments."""

    sentence: str
    steps: tuple[TermStepView, ...]


@dataclass(frozen=True)
class CourseDetailView(CourseView):
    """One course, with its description (Markdown source) and its cancellation terms.

    `offer` changes when price, terms, dates or place do: a booking names the offer that was shown.
    `has_open_list`: people can wait for a place, once the course is full.
    """

    description: str
    terms: TermsView
    offer: str = ""
    has_open_list: bool = False


@dataclass(frozen=True)
class OtherDates:
    """The next other dates of a course's series. `has_more`: there are more than these."""

    items: tuple[CourseView, ...] = ()
    has_more: bool = False


@dataclass(frozen=True)
class CoursePage:
    """One page of courses. `total` counts up to a limit, and is 0 when it was not requested.

    `read_as` is the corrected search when words were mistyped, else "".
    """

    items: tuple[CourseView, ...]
    next_cursor: str | None
    total: int
    read_as: str


@dataclass(frozen=True)
class Hint:
    """Without this filter (a name of `CourseQuery.without`) so many courses would be listed."""

    name: str
    count: int


@dataclass(frozen=True)
class NothingFits:
    """Help for an empty result. `hint` is None when no single filter is the reason."""

    hint: Hint | None
    similar: tuple[CourseView, ...]


@dataclass(frozen=True)
class AttemptView:
    """One payment attempt. `reason` is the cause of a failure in plain words.

    `received` is the amount that arrived if it differs from `amount`.
    """

    number: int
    state: str
    amount: MoneyView
    created_at: datetime
    reason: str | None
    received: MoneyView | None = None
    is_disputed: bool = False


@dataclass(frozen=True)
class RefundView:
    """A refund, completed or on its way."""

    id: str
    state: str
    amount: MoneyView
    cause: str
    created_at: datetime


@dataclass(frozen=True)
class BookingView:
    """One booking with its money. Attempts and refunds come oldest first.

    `promise` is the whole list that was promised, `terms` the part that still applies. `kept` is
    the amount that the school keeps by a decision (`kept_why`: `terms`, or an operator's own
    words). `…_by_hand`: minor units that did not pass through Stripe. `to_pay` is the amount of the
    next payment attempt. `end_cause` is an `EndCause`, "" while the place is active or where none
    was recorded. `room` is where an online course meets; it
    is empty unless the place is confirmed and the view is for its student, and so is
    `ticket_code`, what is shown at check-in. `is_offer`: a held place that is kept for the student,
    who waited for it. `free_cancel_until`: the
    end of free cancelling after a change of the course.
    """

    id: str
    number: str
    course: CourseView
    room: Room
    status: BookingStatus
    payment_status: PaymentStatus
    amount: MoneyView
    created_at: datetime
    hold_expires_at: datetime | None
    can_retry: bool
    can_cancel: bool
    to_pay: MoneyView
    refund_if_cancelled: MoneyView
    stays_if_cancelled: MoneyView
    kept: MoneyView
    kept_why: str
    promise: tuple[TermStepView, ...]
    terms: TermsView
    receipt_url: str | None
    attempts: tuple[AttemptView, ...]
    refunds: tuple[RefundView, ...]
    confirmed_at: datetime | None = None
    end_cause: str = ""
    attendee_info: str = ""
    ticket_code: str = ""
    received_by_hand: int = 0
    returned_by_hand: int = 0
    is_offer: bool = False
    free_cancel_until: datetime | None = None


@dataclass(frozen=True)
class OwnPlaceView:
    """The live booking that a person has on a course.

    `was_tried`: a payment was declined or failed, or its payment page expired. `is_offer` as in
    BookingView. `timezone` is that
    of the course, `free_cancel_until` as in BookingView.
    `attendee_info` is what to bring or to know (Markdown), empty unless the place is confirmed.
    """

    booking_id: str
    status: BookingStatus
    amount: MoneyView
    hold_expires_at: datetime | None
    is_processing: bool
    was_tried: bool
    is_offer: bool = False
    free_cancel_until: datetime | None = None
    timezone: str = "UTC"


@dataclass(frozen=True)
class BookingPage:
    """One page of bookings, newest first."""

    items: tuple[BookingView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class TimelineStep:
    """An event of a booking. `fact` is one of `services.timeline`.

    `amount` is the sum concerned, whether or not money moved; `reason` is the bank's.
    """

    fact: str
    at: datetime
    amount: MoneyView
    reason: str = ""


@dataclass(frozen=True)
class OfferChange:
    """The last change of dates or place of a booked course: the meetings and place of before.

    `before` and `after` hold start and end of the meetings that differ. `place`: None when it is
    the same. `reason`: the school's own words.
    """

    at: datetime
    before: tuple[tuple[datetime, datetime], ...]
    after: tuple[tuple[datetime, datetime], ...]
    timezones: tuple[str, str]
    places: tuple[LocationView, LocationView] | None
    reason: str


@dataclass(frozen=True)
class BookingStory:
    """A booking with everything that happened to it, oldest first.

    Only for the page of one booking: `change` of the course since it was booked, and the address
    that answers questions about it, `school_email`; "" when the school has none.
    """

    booking: BookingView
    timeline: tuple[TimelineStep, ...]
    change: OfferChange | None = None
    school_email: str = ""


@dataclass(frozen=True)
class SectionView:
    """One section of the dashboard, up to the requested length. `total` counts all its bookings."""

    section: Section
    items: tuple[BookingStory, ...]
    next_cursor: str | None
    total: int


@dataclass(frozen=True)
class CalendarFile:
    """An iCalendar file, to be imported by hand."""

    name: str
    data: bytes


@dataclass(frozen=True)
class CheckoutView:
    """Where to pay. Free courses have no session: `checkout_url` then leads to our success page.

    `is_new` is False when the student already had an open session and gets that one back.
    """

    booking_id: str
    session_id: str | None
    checkout_url: str
    expires_at: datetime | None
    is_new: bool


@dataclass(frozen=True)
class InboxEntryView:
    """One entry of the money inbox. `action` is None when it is closed; few have another one.

    `expect` is the refund of the action now, None when it moves no money. `student` and `course`
    are empty without a booking.
    """

    id: str
    kind: InboxKind
    cause: str
    money: str
    detail: str
    amount: MoneyView | None
    booking_id: str | None
    session_id: str | None
    action: InboxAction | None
    created_at: datetime
    acted_at: datetime | None
    acted_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    resolution: Resolution | None
    note: str | None
    expect: MoneyView | None = None
    student: str = ""
    course: str = ""
    other_action: InboxAction | None = None


@dataclass(frozen=True)
class InboxPage:
    """One page of entries, the oldest first."""

    items: tuple[InboxEntryView, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class ReadyView:
    """Whether each part that we need answers."""

    is_ready: bool
    parts: dict[str, str]
