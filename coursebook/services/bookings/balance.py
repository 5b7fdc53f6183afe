"""How the money of one booking stands: what came, what went back, what cancelling gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import (
    AttemptMoney,
    PaymentStatus,
    RefundMoney,
    SeatState,
    payment_status_of,
)
from coursebook.domain.money import Money
from coursebook.domain.promise import Promise, due_on_cancel
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import Booking, PaymentAttempt, Refund

BY_TERMS = "terms"
"""Why money stays with the school when a student cancels late; else an operator's own words."""


def received_money(attempt: PaymentAttempt) -> tuple[int, str]:
    """Return amount (minor units) and currency that Stripe took, or that we asked for."""
    if attempt.received_amount is None:
        return attempt.amount, attempt.currency
    return attempt.received_amount, attempt.received_currency or attempt.currency


def balance(attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]) -> dict[str, int]:
    """Return, for each paid attempt's id, the minor units that we still have of it."""
    left = {a.id: received_money(a)[0] for a in attempts if a.state == AttemptState.SUCCEEDED.value}
    for refund in refunds:
        if refund.attempt_id in left and RefundState(refund.state).counts:
            left[refund.attempt_id] -= refund.amount
    return {attempt_id: max(0, amount) for attempt_id, amount in left.items()}


@dataclass(frozen=True)
class Balance:
    """The money that counts for one booking, in minor units of its currency.

    `free`: what is left of each payment (by its attempt's id) and can go back. `away`: what a bank
    took, or blocks, by a dispute. A payment that differs from what we asked for was never the price
    and does not count: it belongs to its entry of the money inbox.
    """

    free: dict[str, int]
    away: int = 0

    @property
    def ready(self) -> int:
        """What could go back now."""
        return sum(self.free.values())

    @property
    def kept(self) -> int:
        """What came and was not given back, wherever it is."""
        return self.ready + self.away


@dataclass(frozen=True)
class OnCancel:
    """What cancelling does to the money, in minor units.

    `due`: what goes back at once. `stays`: what stays with the school by the decision. What is
    neither is with a bank that disputes it, and owed when it comes back.
    """

    due: int
    stays: int


NOTHING = OnCancel(0, 0)


def standing_of(
    booking: Booking, attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]
) -> Balance:
    """Return how the money of a booking stands."""
    left = balance(attempts, refunds)
    counted = [a for a in attempts if left.get(a.id) and a.received_amount is None]
    counted = [a for a in counted if a.currency == booking.currency]
    return Balance(
        free={a.id: left[a.id] for a in counted if not a.is_disputed},
        away=sum(left[a.id] for a in counted if a.is_disputed),
    )


def on_cancel(booking: Booking, standing: Balance, now: datetime, *, everything: bool) -> OnCancel:
    """Return what cancelling at `now` gives back: by the promise, or `everything`."""
    if booking.place != SeatState.CONFIRMED.value:
        return NOTHING
    if everything:
        return OnCancel(due=standing.ready, stays=0)
    percent = Promise.from_json(booking.promise).percent_at(now)
    price = Money(booking.price, booking.currency)
    owed = due_on_cancel(price, standing.kept, percent)
    beyond = max(0, standing.kept - booking.price)  # paid twice, say: it goes back on its own way
    return OnCancel(due=min(owed, standing.ready), stays=standing.kept - beyond - owed)


def owed_of(booking: Booking, standing: Balance) -> int:
    """Return what of a booking that is over is still to go back; 0 while its place lives."""
    if booking.place not in (SeatState.CANCELLED.value, SeatState.EXPIRED.value):
        return 0
    return max(0, standing.kept - (booking.kept_amount or 0))


def payment_status(
    booking: Booking, attempts: Sequence[PaymentAttempt], refunds: Sequence[Refund]
) -> PaymentStatus:
    """Return the word for the money of a booking.

    A payment that came too late, or twice, and went back in full says nothing about the one that
    counts: such attempts are left out while another one tells how things stand.
    """
    left = balance(attempts, refunds)
    back = {a.id for a in attempts if left.get(a.id) == 0 and a.amount}
    others = [a for a in attempts if a.id not in back]
    paid_otherwise = any(a.id in left for a in others)
    if others and (paid_otherwise or attempts[-1].id not in back):
        attempts = others
    return payment_status_of(
        booking.price,
        [
            AttemptMoney(
                AttemptState(a.state),
                received_money(a)[0],
                a.is_disputed,
                is_other_currency=received_money(a)[1] != booking.currency,
            )
            for a in attempts
        ],
        [
            RefundMoney(
                RefundState(r.state), r.amount, is_other_currency=r.currency != booking.currency
            )
            for r in refunds
            if any(a.id == r.attempt_id for a in attempts)
        ],
    )
