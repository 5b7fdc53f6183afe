"""The money of one booking: its balance, and the actions that it allows.

Every function takes plain values, in minor units. `services/bookings/balance.py` reads them from
stored rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.admission import CourseState, Way, has_time_for_page, takes
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import (
    AttemptMoney,
    PaymentStatus,
    RefundMoney,
    SeatState,
    payment_status_of,
)
from coursebook.domain.money import WHOLE, Money
from coursebook.domain.promise import Promise, due_on_cancel
from coursebook.domain.refund import RefundState


@dataclass(frozen=True)
class AttemptRecord:
    """A payment attempt as we recorded it.

    `requested` is the requested amount. `received` and `currency` are what Stripe charged, or
    what we requested while no charge is recorded. `differs`: Stripe charged another amount or
    currency.
    """

    id: str
    state: AttemptState
    requested: int
    received: int
    currency: str
    differs: bool = False
    is_disputed: bool = False


@dataclass(frozen=True)
class RefundRecord:
    """A refund of one attempt as we recorded it."""

    attempt_id: str
    state: RefundState
    amount: int
    currency: str


@dataclass(frozen=True)
class HandMoney:
    """The money of a booking that did not pass through Stripe, in its currency.

    `returned`: given back, or recorded as to be given back. `expected`: still to come.
    """

    received: int = 0
    returned: int = 0
    expected: int = 0

    @property
    def left(self) -> int:
        """What the school has of it."""
        return self.received - self.returned


NO_HAND_MONEY = HandMoney()


@dataclass(frozen=True)
class Balance:
    """The money that counts for one booking, in its currency.

    `free`: the refundable rest of each payment, by its attempt's id. `away`: the amount that a bank
    took or blocks by a dispute. `by_hand`: what the school has of money taken by hand. A payment
    that differs from the requested amount does not count: an entry of the money inbox covers it.
    """

    free: dict[str, int]
    away: int = 0
    by_hand: int = 0

    @property
    def by_card(self) -> int:
        """What Stripe could refund now."""
        return sum(self.free.values())

    @property
    def ready(self) -> int:
        """What could be given back now: by card first, then by hand."""
        return self.by_card + self.by_hand

    @property
    def net_received(self) -> int:
        """The amount received and not refunded, including money held by a bank."""
        return self.ready + self.away


@dataclass(frozen=True)
class RefundOnCancel:
    """The effect of cancelling on the money.

    `due`: the sum refunded at once. `stays`: the sum that the school keeps by the decision. The
    rest is disputed at a bank, and is refunded if it comes back.
    """

    due: int
    stays: int


NO_REFUND = RefundOnCancel(0, 0)


def left_of_payments(
    attempts: Sequence[AttemptRecord], refunds: Sequence[RefundRecord]
) -> dict[str, int]:
    """Return the amount left after refunds, by the id of each paid attempt."""
    left = {a.id: a.received for a in attempts if a.state is AttemptState.SUCCEEDED}
    for refund in refunds:
        if refund.attempt_id in left and refund.state.counts:
            left[refund.attempt_id] -= refund.amount
    return {attempt_id: max(0, amount) for attempt_id, amount in left.items()}


def balance_of(
    currency: str,
    attempts: Sequence[AttemptRecord],
    refunds: Sequence[RefundRecord],
    hand: HandMoney = NO_HAND_MONEY,
) -> Balance:
    """Return the balance of a booking in `currency`."""
    left = left_of_payments(attempts, refunds)
    counted = [a for a in attempts if left.get(a.id) and not a.differs and a.currency == currency]
    return Balance(
        free={a.id: left[a.id] for a in counted if not a.is_disputed},
        away=sum(left[a.id] for a in counted if a.is_disputed),
        by_hand=hand.left,
    )


def due_in(place: SeatState, price: Money, balance: Balance) -> int:
    """Return what is still to come for a place; 0 once it has ended."""
    has_place = place in (SeatState.HELD, SeatState.CONFIRMED)
    return max(0, price.amount - balance.net_received) if has_place else 0


def surplus_by_hand(
    place: SeatState,
    price: Money,
    kept_amount: int,
    balance: Balance,
    in_inbox: Mapping[str, int],
) -> int:
    """Return the money taken by hand that is above the price, or above what an ended place keeps.

    `kept_amount`: what the school keeps by a decision. `in_inbox`: the amount of each payment that
    an entry of the money inbox decides about; it is no reason to give back other money.
    """
    if place in (SeatState.HELD, SeatState.CONFIRMED):
        return max(0, min(balance.by_hand, balance.net_received - price.amount))
    undecided = sum(min(left, in_inbox.get(key, 0)) for key, left in balance.free.items())
    return max(0, min(balance.by_hand, balance.net_received - undecided - kept_amount))


def refund_on_cancel(
    place: SeatState,
    price: Money,
    promise: Promise,
    balance: Balance,
    now: datetime,
    *,
    by_operator: bool,
    is_course_cancelled: bool,
) -> RefundOnCancel:
    """Return what cancelling at `now` refunds.

    Everything, when an operator cancels or the course is cancelled; else the promised share.
    """
    if place is SeatState.HELD and balance.by_hand:
        return RefundOnCancel(due=balance.by_hand, stays=0)  # a part of the price
    if place is not SeatState.CONFIRMED:
        return NO_REFUND
    if by_operator or is_course_cancelled:
        return RefundOnCancel(due=balance.ready, stays=0)
    owed = due_on_cancel(price, balance.net_received, promise.percent_at(now))
    # A second payment is refunded on its own.
    overpaid = max(0, balance.net_received - price.amount)
    return RefundOnCancel(
        due=min(owed, balance.ready), stays=balance.net_received - overpaid - owed
    )


def refund_on_course_cancel(
    price: Money, share: int, balance: Balance, *, in_inbox: Mapping[str, int]
) -> RefundOnCancel:
    """Return what a booking gets back because the school cancelled the course.

    `share`: percent of the price, 100 unless the course had begun. `in_inbox`: the amount of each
    payment that an entry of the money inbox decides about; it stays with its entry.
    """
    free = {
        attempt: max(0, left - in_inbox.get(attempt, 0)) for attempt, left in balance.free.items()
    }
    ready = sum(free.values()) + balance.by_hand
    net = ready + balance.away
    if share >= WHOLE:
        return RefundOnCancel(due=ready, stays=0)
    owed = due_on_cancel(price, net, share)
    overpaid = max(0, net - price.amount)
    return RefundOnCancel(due=min(owed, ready), stays=net - overpaid - owed)


def owed_after_end(place: SeatState, kept_amount: int, balance: Balance) -> int:
    """Return the sum of a finished booking that is still to be refunded; 0 while it has its place.

    `kept_amount` is the amount that the school keeps by a decision.
    """
    if place not in (SeatState.CANCELLED, SeatState.EXPIRED):
        return 0
    return max(0, balance.net_received - kept_amount)


def payment_status(
    price: Money,
    attempts: Sequence[AttemptRecord],
    refunds: Sequence[RefundRecord],
    hand: HandMoney = NO_HAND_MONEY,
) -> PaymentStatus:
    """Return the payment status of a booking. Attempts come oldest first.

    A late or second payment that was refunded in full does not decide the status: such attempts
    are left out while another attempt does.
    """
    left = left_of_payments(attempts, refunds)
    refunded = {a.id for a in attempts if left.get(a.id) == 0 and a.requested}
    others = [a for a in attempts if a.id not in refunded]
    is_paid_by_another = any(a.id in left for a in others)
    if others and (is_paid_by_another or attempts[-1].id not in refunded):
        attempts = others
    ids = {a.id for a in attempts}
    return payment_status_of(
        price.amount,
        _hand_attempts(hand)
        + [
            AttemptMoney(
                a.state,
                a.received,
                a.is_disputed,
                is_other_currency=a.currency != price.currency,
            )
            for a in attempts
        ],
        [
            RefundMoney(r.state, r.amount, is_other_currency=r.currency != price.currency)
            for r in refunds
            if r.attempt_id in ids
        ]
        + _hand_refunds(hand),
    )


def _hand_attempts(hand: HandMoney) -> list[AttemptMoney]:
    return [AttemptMoney(AttemptState.SUCCEEDED, hand.received)] if hand.received else []


def _hand_refunds(hand: HandMoney) -> list[RefundMoney]:
    return [RefundMoney(RefundState.SUCCEEDED, hand.returned)] if hand.returned else []


def can_retry(
    place: SeatState,
    course: CourseState,
    now: datetime,
    *,
    is_processing: bool,
    money_left: int,
    reserved_until: datetime | None = None,
) -> bool:
    """Return True if the student may try to pay (again).

    `is_processing`: a payment is on its way. `money_left`: the sum left of all payments.
    """
    if is_processing or money_left:
        return False
    if place is SeatState.EXPIRED:
        return takes(course, now, Way.HELD_AGAIN) and course.left > 0
    has_time = has_time_for_page(reserved_until, now)
    return place is SeatState.HELD and has_time and takes(course, now, Way.FURTHER_PAGE)


def can_cancel(
    place: SeatState,
    course: CourseState,
    now: datetime,
    *,
    by_operator: bool = False,
    is_processing: bool = False,
) -> bool:
    """Return True if a place may be cancelled: once, until the start; by an operator at any time.

    While a payment is processing (`is_processing`) it may not be cancelled.
    """
    if place is SeatState.CANCELLED or is_processing:
        return False
    return by_operator or not course.has_begun(now)


def amount_to_pay(
    place: SeatState, price: Money, course_price: Money, open_prices: Sequence[Money]
) -> Money:
    """Return the amount of the next payment attempt.

    The newest attempt that is not final keeps its price (`open_prices`, oldest first). A place
    that expired has the course's price of today.
    """
    if open_prices:
        return open_prices[-1]
    return course_price if place is SeatState.EXPIRED else price
