"""A booking: one place for one student on one course, and the legal moves of that place.

The status shown to people (`pending confirmed failed cancelled`) is computed from the state of the
place; the payment status from attempts, refunds and disputes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from coursebook.domain.attempt import AttemptState
from coursebook.domain.refund import RefundState


class SeatState(StrEnum):
    """The state of the place of a booking."""

    HELD = "held"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class SeatEvent(StrEnum):
    """An event that may change the state of a place."""

    CONFIRM = "confirm"
    EXPIRE = "expire"
    CANCEL = "cancel"
    HOLD_AGAIN = "hold_again"


class EndCause(StrEnum):
    """Why a place ended, stored by the step that ended it; every text reads this.

    page_expired: the time to pay ran out · payment_failed: a delayed payment failed ·
    course_started: not paid when the course began, or paid only then · refused: Stripe made no
    payment page.
    """

    STUDENT = "student"
    OPERATOR = "operator"
    COURSE_CANCELLED = "course_cancelled"
    PAGE_EXPIRED = "page_expired"
    PAYMENT_FAILED = "payment_failed"
    COURSE_STARTED = "course_started"
    REFUSED = "refused"

    @property
    def event(self) -> SeatEvent:
        """The event of this end: cancelled, or expired."""
        return SeatEvent.CANCEL if self in _CANCELS else SeatEvent.EXPIRE


_CANCELS = (EndCause.STUDENT, EndCause.OPERATOR, EndCause.COURSE_CANCELLED)


class BookingSource(StrEnum):
    """Who made the booking."""

    STUDENT = "student"
    OPERATOR = "operator"
    WAITING = "waiting"
    IMPORT = "import"


class BookingStatus(StrEnum):
    """The status of a booking in the API."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RosterList(StrEnum):
    """A list of the people of a course.

    coming: with a confirmed place · paying: with a held place · owes: coming, and has paid less
    than the price · waiting: on the waiting list, without an offer · cancelled: had a place that
    was cancelled.
    """

    COMING = "coming"
    PAYING = "paying"
    OWES = "owes"
    WAITING = "waiting"
    CANCELLED = "cancelled"


RosterSort = Literal["name", "booked", "payment"]
"""The orders of a roster: by name from A, booked last first, or who owes, who is paying, others."""


class PaymentStatus(StrEnum):
    """The payment status of a booking in the API."""

    UNPAID = "unpaid"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    DISPUTED = "disputed"


MOVES: dict[tuple[SeatState, SeatEvent], SeatState] = {
    (SeatState.HELD, SeatEvent.CONFIRM): SeatState.CONFIRMED,
    (SeatState.HELD, SeatEvent.EXPIRE): SeatState.EXPIRED,
    (SeatState.HELD, SeatEvent.CANCEL): SeatState.CANCELLED,
    (SeatState.EXPIRED, SeatEvent.CONFIRM): SeatState.CONFIRMED,  # paid late, a place was free
    (SeatState.EXPIRED, SeatEvent.HOLD_AGAIN): SeatState.HELD,
    (SeatState.EXPIRED, SeatEvent.CANCEL): SeatState.CANCELLED,
    (SeatState.CONFIRMED, SeatEvent.CANCEL): SeatState.CANCELLED,
}
"""Every legal move; any other is refused. Cancelled is final."""

STATUS_OF: dict[SeatState, BookingStatus] = {
    SeatState.HELD: BookingStatus.PENDING,
    SeatState.CONFIRMED: BookingStatus.CONFIRMED,
    SeatState.EXPIRED: BookingStatus.FAILED,
    SeatState.CANCELLED: BookingStatus.CANCELLED,
}

LIVE = (SeatState.HELD, SeatState.CONFIRMED)
"""Places that count against the capacity; a student has at most one of them on a course."""


class IllegalMove(Exception):
    """The place cannot make this move."""


def after(place: SeatState, event: SeatEvent) -> SeatState:
    """Return the state of a place after `event`. Raises IllegalMove."""
    try:
        return MOVES[place, event]
    except KeyError:
        raise IllegalMove(f"A {place} place cannot {event}.") from None


def status_of(place: SeatState) -> BookingStatus:
    """Return the booking status of a place."""
    return STATUS_OF[place]


def places_of(status: BookingStatus) -> tuple[SeatState, ...]:
    """Return the states of a place that have this status; the inverse of `status_of`."""
    return tuple(place for place, word in STATUS_OF.items() if word is status)


@dataclass(frozen=True)
class AttemptMoney:
    """The money of one attempt: its state, the amount received, and whether that is disputed.

    `is_other_currency`: received in another currency than the booking's, so it pays for nothing.
    """

    state: AttemptState
    amount: int
    is_disputed: bool = False
    is_other_currency: bool = False


@dataclass(frozen=True)
class RefundMoney:
    """The money of one refund."""

    state: RefundState
    amount: int
    is_other_currency: bool = False


def payment_status_of(
    price: int, attempts: Iterable[AttemptMoney], refunds: Iterable[RefundMoney]
) -> PaymentStatus:
    """Return the payment status of a booking. Attempts come oldest first.

    A refund counts as soon as it is on its way. A failed refund does not count: we have the
    money again.
    """
    attempts, counted_refunds = list(attempts), [r for r in refunds if r.state.counts]
    if any(a.is_disputed for a in attempts):
        return PaymentStatus.DISPUTED
    paid = [a for a in attempts if a.state is AttemptState.SUCCEEDED]
    net_received = _sum(a for a in paid if not a.is_other_currency) - _sum(
        r for r in counted_refunds if not r.is_other_currency
    )
    if any(not a.is_other_currency for a in paid) and net_received >= price:
        return PaymentStatus.PAID
    if _sum(paid) and _sum(paid) <= _sum(counted_refunds):
        return PaymentStatus.REFUNDED
    if 0 < net_received < price and counted_refunds:
        return PaymentStatus.PARTIALLY_REFUNDED
    return _while_unpaid([a.state for a in attempts])


def _while_unpaid(states: list[AttemptState]) -> PaymentStatus:
    if AttemptState.PROCESSING in states:
        return PaymentStatus.PROCESSING
    failed = states[-1:] == [AttemptState.FAILED]
    return PaymentStatus.FAILED if failed else PaymentStatus.UNPAID


def _sum(entries: Iterable[AttemptMoney | RefundMoney]) -> int:
    return sum(entry.amount for entry in entries)


NUMBER_LETTERS = 6


def number_of(booking_id: str) -> str:
    """Return the number that people use for a booking, `CB-7K3F9M`. It is not unique."""
    return f"CB-{booking_id[-NUMBER_LETTERS:].upper()}"
