"""Frozen values about the cancelling of a course."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from coursebook.services.views import MoneyView

Sums = tuple[MoneyView, ...]
"""One sum for each currency, in the order of the currencies. Sums of 0 are left out."""


def sums_of(amounts: Mapping[str, int]) -> Sums:
    """Return sums from amounts by currency."""
    return tuple(MoneyView(amount, code) for code, amount in sorted(amounts.items()) if amount)


@dataclass(frozen=True)
class PeopleCounts:
    """Everybody with a place, each counted once.

    card: paid by card, some of it is with us · by_hand: only money taken by hand is with us ·
    complimentary: confirmed, no money of theirs is with us · paying: a place is held for them ·
    processing: a bank is working on their payment · disputed: their bank questions a payment.
    """

    card: int = 0
    by_hand: int = 0
    complimentary: int = 0
    paying: int = 0
    processing: int = 0
    disputed: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return sum(asdict(self).values())


@dataclass(frozen=True)
class ByHand:
    """Money of one person that has to be given back by hand."""

    booking_id: str
    number: str
    name: str
    amount: MoneyView


@dataclass(frozen=True)
class CancellationCount:
    """What cancelling a course means at a moment.

    `paid_by_card` and `already_back` are about everybody with a place. `give_back`: what goes back
    by card at once, in `refunds` refunds. `kept`: the rest of the prices, 0 unless a smaller share
    is given back. `on_its_way` goes back when it comes, `at_the_bank` is disputed. `in_inbox` stays
    with its entries. `by_hand` has a line for each person. `fees` is what Stripe keeps of payments
    that go back, as far as it has said it: `are_fees_known` says for all.
    """

    people: PeopleCounts
    paid_by_card: Sums = ()
    already_back: Sums = ()
    give_back: Sums = ()
    kept: Sums = ()
    on_its_way: Sums = ()
    at_the_bank: Sums = ()
    in_inbox: Sums = ()
    fees: Sums = ()
    are_fees_known: bool = True
    refunds: int = 0
    open_pages: int = 0
    by_hand: tuple[ByHand, ...] = ()

    @property
    def by_hand_sums(self) -> Sums:
        """What has to be given back by hand."""
        amounts: dict[str, int] = {}
        for line in self.by_hand:
            currency = line.amount.currency
            amounts[currency] = amounts.get(currency, 0) + line.amount.amount
        return sums_of(amounts)

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored. It has ids of bookings, and no names."""
        stored = asdict(self)
        for line in stored["by_hand"]:
            del line["name"], line["number"]
        return stored


@dataclass(frozen=True)
class CancellationPreview:
    """What cancelling would mean now.

    `has_begun`: the first meeting has begun, so a share of less than 100 may be chosen. `mails`
    would be sent to people with a place, one to each of those `waiting`, and one to each of the
    `teachers`, without the person who asks. `balance` is what Stripe has available for refunds,
    None when it is unknown; `short` is what is missing there, until when Stripe keeps refunds
    waiting.
    """

    course_id: str
    title: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    has_begun: bool
    percent: int
    count: CancellationCount
    mails: int
    waiting: int
    teachers: int
    balance: Sums | None = None
    short: Sums = ()


@dataclass(frozen=True)
class ExpectedCancellation:
    """What a person saw before cancelling: sums in minor units by currency."""

    people: int
    give_back: Mapping[str, int] = field(default_factory=dict)
    by_hand: Mapping[str, int] = field(default_factory=dict)

    def agrees_with(self, count: CancellationCount) -> bool:
        """Whether it is still so; fewer people with the same sums are accepted."""
        return (
            count.people.total <= self.people
            and _amounts(count.give_back) == _positive(self.give_back)
            and _amounts(count.by_hand_sums) == _positive(self.by_hand)
        )


@dataclass(frozen=True)
class RefundGroup:
    """Refunds of one state, and their sums."""

    count: int = 0
    sums: Sums = ()


@dataclass(frozen=True)
class RefundProgress:
    """Refunds since the course was cancelled. `pending`: asked for, or still to be asked for."""

    made: RefundGroup
    pending: RefundGroup
    failed: RefundGroup


@dataclass(frozen=True)
class MailProgress:
    """The mails about it: sent, still to be sent, and given up."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True)
class CancellationProgress:
    """How far the cancelling of a course has come.

    `total`: who had a place at the moment of cancelling. `done` of them have none any more and
    wait for nothing. `at_banks`: those whose bank is working on a payment. `left`: the others.
    `disputed` stay for a person. `by_hand`: what is still to be given back by hand. `by_name`: who
    decided it, "" when they are unknown.
    """

    course_id: str
    title: str
    timezone: str
    at: datetime
    actor: str
    by_name: str
    reason: str
    message: str
    percent: int
    total: int
    done: int
    at_banks: int
    left: int
    refunds: RefundProgress
    mails: MailProgress
    give_back: Sums
    disputed: int
    by_hand: tuple[ByHand, ...]
    finished_at: datetime | None


def _amounts(sums: Sequence[MoneyView]) -> dict[str, int]:
    return {money.currency: money.amount for money in sums}


def _positive(amounts: Mapping[str, int]) -> dict[str, int]:
    return {currency: amount for currency, amount in amounts.items() if amount}
