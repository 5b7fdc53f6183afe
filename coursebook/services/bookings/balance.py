"""The money of one booking, read from its rows. The rules are in `domain/balance.py`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from coursebook.domain import balance as rules
from coursebook.domain.attempt import AttemptState
from coursebook.domain.balance import (
    AttemptRecord,
    Balance,
    HandMoney,
    RefundOnCancel,
    RefundRecord,
)
from coursebook.domain.booking import PaymentStatus, SeatState
from coursebook.domain.money import Money
from coursebook.domain.promise import BookedPromise, Promise
from coursebook.domain.refund import RefundState
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt, Refund


def booked_promise(booking: Booking) -> BookedPromise:
    """Return what was promised to this booking."""
    return BookedPromise(Promise.from_json(booking.promise), booking.free_cancel_until)


class PricedBooking(Protocol):
    """What a balance needs of a booking: a row of the table, or some columns of it."""

    @property
    def price(self) -> int:
        """The price that was promised, in minor units."""

    @property
    def currency(self) -> str:
        """Its currency."""

    @property
    def received_by_hand(self) -> int:
        """What was taken by hand."""

    @property
    def returned_by_hand(self) -> int:
        """What was given back by hand."""

    @property
    def expected_by_hand(self) -> int:
        """What is still to come by hand."""


def hand_money(booking: PricedBooking) -> HandMoney:
    """Return what was taken by hand for a booking, given back by hand, and is still expected."""
    return HandMoney(booking.received_by_hand, booking.returned_by_hand, booking.expected_by_hand)


def received_money(attempt: PaymentAttempt) -> tuple[int, str]:
    """Return the amount (minor units) and currency that Stripe charged, or that we requested."""
    if attempt.received_amount is None:
        return attempt.amount, attempt.currency
    return attempt.received_amount, attempt.received_currency or attempt.currency


def money_left(attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]) -> dict[str, int]:
    """Return, for each paid attempt's id, the minor units that we still have of it."""
    return rules.left_of_payments(_attempts(attempts), _refunds(refunds))


def balance_of(
    booking: PricedBooking, attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]
) -> Balance:
    """Return the balance of a booking."""
    hand = hand_money(booking)
    return rules.balance_of(booking.currency, _attempts(attempts), _refunds(refunds), hand)


def money_on_cancel(
    booking: Booking, course: Course, balance: Balance, now: datetime, *, by_operator: bool
) -> RefundOnCancel:
    """Return what cancelling a booking at `now` refunds."""
    return rules.refund_on_cancel(
        SeatState(booking.place),
        Money(booking.price, booking.currency),
        booked_promise(booking).whole,
        balance,
        now,
        by_operator=by_operator,
        is_course_cancelled=state_of(course).is_cancelled,
    )


def amount_owed(booking: Booking, balance: Balance) -> int:
    """Return the sum still to be refunded of a finished booking; 0 while it has its place."""
    return rules.owed_after_end(SeatState(booking.place), booking.kept_amount or 0, balance)


def payment_status(
    booking: PricedBooking, attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]
) -> PaymentStatus:
    """Return the payment status of a booking."""
    price = Money(booking.price, booking.currency)
    hand = hand_money(booking)
    return rules.payment_status(price, _attempts(attempts), _refunds(refunds), hand)


def to_pay(booking: Booking, course: Course, attempts: Sequence[PaymentAttempt]) -> Money:
    """Return the amount of the next payment attempt of a booking."""
    return rules.amount_to_pay(
        SeatState(booking.place),
        Money(booking.price, booking.currency),
        Money(course.price, course.currency),
        [Money(a.amount, a.currency) for a in attempts if not AttemptState(a.state).is_final],
    )


def _attempts(rows: Sequence[PaymentAttempt]) -> list[AttemptRecord]:
    return [_attempt(row) for row in rows]


def _attempt(row: PaymentAttempt) -> AttemptRecord:
    received, currency = received_money(row)
    return AttemptRecord(
        id=row.id,
        state=AttemptState(row.state),
        requested=row.amount,
        received=received,
        currency=currency,
        differs=row.received_amount is not None,
        is_disputed=row.is_disputed,
    )


def _refunds(rows: Sequence[Refund]) -> list[RefundRecord]:
    return [
        RefundRecord(row.attempt_id, RefundState(row.state), row.amount, row.currency)
        for row in rows
    ]
