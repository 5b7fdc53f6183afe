"""Counts what cancelling a course would mean, from its live bookings and their money."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState, number_of
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    PaymentAttempt,
    Refund,
    User,
)
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import balance_of, hand_money, money_left, received_money
from coursebook.services.course_cancellation.amounts import money_on_course_cancel, refund_parts
from coursebook.services.course_cancellation.views import (
    ByHand,
    CancellationCount,
    PeopleCounts,
    sums_of,
)
from coursebook.services.views import MoneyView

MONEY = (
    "paid_by_card",
    "already_back",
    "give_back",
    "kept",
    "on_its_way",
    "at_the_bank",
    "in_inbox",
    "fees",
)
_PAGES = (AttemptState.CREATED, AttemptState.OPEN)


async def count_course(
    work: UnitOfWork, course: Course, percent: int, now: datetime
) -> CancellationCount:
    """Return what cancelling a course at `now` would mean, giving back `percent` of the prices.

    As many queries for any number of people.
    """
    bookings = await work.bookings.live(course.id)
    ids = [booking.id for booking in bookings]
    attempts = await work.attempts.of_bookings(ids) if ids else {}
    refunds = await work.refunds.of_bookings(ids) if ids else {}
    in_inbox = await work.inbox.decided_of(ids) if ids else {}
    people = await work.users.by_ids({booking.user_id for booking in bookings})
    tally = _Tally(percent, now, in_inbox)
    for booking in bookings:
        own = attempts.get(booking.id, []), refunds.get(booking.id, [])
        tally.add(booking, *own, people[booking.user_id])
    return tally.result()


class _Tally:
    """The sums so far."""

    def __init__(self, percent: int, now: datetime, in_inbox: dict[str, int]) -> None:
        self._percent = percent
        self._now = now
        self._in_inbox = in_inbox
        self._people: Counter[str] = Counter()
        self._sums: dict[str, Counter[str]] = {name: Counter() for name in MONEY}
        self._by_hand: list[ByHand] = []
        self._refunds = self._pages = 0
        self._are_fees_known = True

    def add(
        self, booking: Booking, attempts: list[PaymentAttempt], refunds: list[Refund], user: User
    ) -> None:
        """Count one booking."""
        currency, balance = booking.currency, balance_of(booking, attempts, refunds)
        money = money_on_course_cancel(
            booking,
            attempts,
            refunds,
            percent=self._percent,
            at=self._now,
            in_inbox=self._in_inbox,
        )
        parts = refund_parts(money.due, balance.free, self._in_inbox)
        by_card = sum(parts.values())
        left = sum(money_left(attempts, refunds).values())
        self._people[_kind(booking, attempts, left)] += 1
        self._pages += sum(AttemptState(a.state) in _PAGES for a in attempts)
        self._refunds += len(parts)
        self._add("give_back", currency, by_card)
        self._add("kept", currency, money.stays)
        self._add("at_the_bank", currency, balance.away)
        self._add_rows(attempts, refunds)
        self._add_fees(attempt for attempt in attempts if attempt.id in parts)
        if money.due > by_card:
            name = booking.participant_name or user.name
            amount = MoneyView(money.due - by_card, currency)
            self._by_hand.append(ByHand(booking.id, number_of(booking.id), name, amount))

    def _add_rows(self, attempts: list[PaymentAttempt], refunds: list[Refund]) -> None:
        """Add payments and refunds as they are recorded."""
        for attempt in attempts:
            amount, code = received_money(attempt)
            if attempt.state == AttemptState.SUCCEEDED.value:
                self._add("paid_by_card", code, amount)
                self._add("in_inbox", code, self._in_inbox.get(attempt.id, 0))
            if attempt.state == AttemptState.PROCESSING.value:
                self._add("on_its_way", code, amount)
        for refund in refunds:
            if RefundState(refund.state).counts:
                self._add("already_back", refund.currency, refund.amount)

    def _add_fees(self, attempts: Iterable[PaymentAttempt]) -> None:
        """Add what Stripe keeps of payments that go back."""
        for attempt in attempts:
            if attempt.fee is None:
                self._are_fees_known = False
            else:
                self._add("fees", received_money(attempt)[1], attempt.fee)

    def result(self) -> CancellationCount:
        """Return the count."""
        return CancellationCount(
            people=PeopleCounts(**self._people),
            **{name: sums_of(amounts) for name, amounts in self._sums.items()},
            are_fees_known=self._are_fees_known,
            refunds=self._refunds,
            open_pages=self._pages,
            by_hand=tuple(sorted(self._by_hand, key=lambda line: (line.name.lower(), line.number))),
        )

    def _add(self, name: str, currency: str, amount: int) -> None:
        self._sums[name][currency] += amount


def _kind(booking: Booking, attempts: list[PaymentAttempt], left: int) -> str:
    """Return the name of the field of PeopleCounts for a live booking.

    `left`: what is left of its payments by card.
    """
    if booking.place == SeatState.HELD.value:
        is_processing = any(a.state == AttemptState.PROCESSING.value for a in attempts)
        return "processing" if is_processing else "paying"
    if any(a.is_disputed for a in attempts):
        return "disputed"
    if left:
        return "card"
    return "by_hand" if hand_money(booking).left > 0 else "complimentary"
