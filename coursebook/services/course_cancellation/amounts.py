"""What a booking gets back when its course is cancelled, read from its rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from coursebook.domain.balance import RefundOnCancel, refund_on_course_cancel
from coursebook.domain.booking import SeatState
from coursebook.domain.money import WHOLE, Money
from coursebook.persistence.schema.tables import Booking, PaymentAttempt, Refund
from coursebook.services.bookings.balance import balance_of, booked_promise


def money_on_course_cancel(
    booking: Booking,
    attempts: Sequence[PaymentAttempt],
    refunds: Sequence[Refund],
    *,
    percent: int,
    at: datetime,
    in_inbox: Mapping[str, int],
) -> RefundOnCancel:
    """Return what a booking gets back; never less than it was promised for that moment.

    `percent`: the share of the price that the school gives back, decided `at` that moment.
    `in_inbox`: the amount of each payment that an entry of the money inbox decides about.
    """
    share = WHOLE
    if booking.place == SeatState.CONFIRMED.value:
        share = max(percent, booked_promise(booking).whole.percent_at(at))
    price = Money(booking.price, booking.currency)
    balance = balance_of(booking, attempts, refunds)
    return refund_on_course_cancel(price, share, balance, in_inbox=in_inbox)


def refund_parts(due: int, free: Mapping[str, int], in_inbox: Mapping[str, int]) -> dict[str, int]:
    """Return what goes back of each payment by card; the rest of `due` goes back by hand.

    `free`: the refundable rest of each payment, by its attempt's id.
    """
    parts: dict[str, int] = {}
    for attempt_id, left in free.items():
        part = min(due, max(0, left - in_inbox.get(attempt_id, 0)))
        if part:
            parts[attempt_id] = part
            due -= part
    return parts
