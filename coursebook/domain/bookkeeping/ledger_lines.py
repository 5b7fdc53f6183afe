"""The ledger: every movement of money, and its sums. Amounts are minor units of one currency.

Sums of several currencies are never added.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class LineKind(StrEnum):
    """What moved money.

    payment: by card · refund: to the card · dispute: a bank holds or took it · by_hand: cash,
    transfer and the like, in either direction.
    """

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    BY_HAND = "by_hand"


CARD = "card"
"""The method of everything that went through Stripe."""


@dataclass(frozen=True)
class LedgerLine:
    """One movement. `amount` is negative when money leaves the school.

    `day` is in the school's zone. `state` is that of the payment, refund, dispute or sum by hand.
    `fee`: Stripe's, None while it is not known; 0 by hand. `number`: the booking's, for people.
    """

    kind: LineKind
    id: str
    day: date
    booking_id: str
    course_id: str
    method: str
    state: str
    currency: str
    amount: int
    fee: int | None = 0
    payout_id: str = ""
    number: str = ""
    course: str = ""

    @property
    def net(self) -> int | None:
        """What is left of it after the fee; None while the fee is not known."""
        return None if self.fee is None else self.amount - self.fee


@dataclass(frozen=True)
class Sums:
    """The sums of some lines, in one currency.

    `payments`, `refunds`: how many; the first with those by hand, the second likewise.
    `given_back` and `at_the_bank` (disputed) are positive. `fees_unknown`: payments whose fee
    Stripe has not said yet. `on_the_way`: what is left of it in payouts that have not arrived yet.
    """

    payments: int = 0
    refunds: int = 0
    received: int = 0
    given_back: int = 0
    at_the_bank: int = 0
    fees: int = 0
    fees_unknown: int = 0
    on_the_way: int = 0

    @property
    def kept(self) -> int:
        """What was received and not given back, as on the page of a booking."""
        return self.received - self.given_back

    @property
    def ledger(self) -> int:
        """The sum of the lines: what was kept, without what a bank holds."""
        return self.kept - self.at_the_bank

    @property
    def left(self) -> int:
        """What is left after Stripe's fees, as far as they are known."""
        return self.ledger - self.fees

    def plus(self, other: "Sums") -> "Sums":
        """Return both together."""
        return Sums(
            *(a + b for a, b in zip(self._values(), other._values(), strict=True)),  # noqa: SLF001
        )

    def _values(self) -> tuple[int, ...]:
        return (
            self.payments,
            self.refunds,
            self.received,
            self.given_back,
            self.at_the_bank,
            self.fees,
            self.fees_unknown,
            self.on_the_way,
        )


class Grouping(StrEnum):
    """What the rows of a report are: one for each course, month, day or method."""

    COURSE = "course"
    MONTH = "month"
    DAY = "day"
    METHOD = "method"


METHODS = (CARD, "cash", "transfer", "terminal", "voucher", "other")
"""The methods in the order of a report."""


@dataclass(frozen=True)
class ReportRow:
    """One row of a report. `key`: a course's id or `OTHERS`, `2026-11`, `2026-11-30`, a method."""

    key: str
    currency: str
    sums: Sums
    label: str = ""


def report_rows(parts: Iterable[ReportRow], by: Grouping) -> list[ReportRow]:
    """Join parts with the same key and currency, and sort them: by currency, then as people read.

    Courses with the most money come first, days and months in their order.
    """
    joined: dict[tuple[str, str], ReportRow] = {}
    for part in parts:
        at = (part.currency, part.key)
        earlier = joined.get(at)
        joined[at] = part if earlier is None else _together(earlier, part)
    return sorted(joined.values(), key=lambda row: (row.currency, *_order(row, by)))


OTHERS = "others"
"""The key of the row that stands for all courses without a row of their own."""


def with_others(rows: list[ReportRow], most: int) -> list[ReportRow]:
    """Return sorted rows with at most that many of each currency; one more sums the rest."""
    shown: list[ReportRow] = []
    numbers: dict[str, int] = {}
    for row in rows:
        number = numbers[row.currency] = numbers.get(row.currency, 0) + 1
        if number <= most:
            shown.append(row)
        elif number == most + 1:
            shown.append(replace(row, key=OTHERS))
        else:
            shown[-1] = _together(shown[-1], row)
    return shown


def totals(rows: Iterable[ReportRow]) -> list[ReportRow]:
    """Return one row for each currency: the sums of its rows."""
    by_currency: dict[str, ReportRow] = {}
    for row in rows:
        whole = replace(row, key="", label="")
        earlier = by_currency.get(row.currency)
        by_currency[row.currency] = whole if earlier is None else _together(earlier, whole)
    return [by_currency[currency] for currency in sorted(by_currency)]


def _together(one: ReportRow, other: ReportRow) -> ReportRow:
    return replace(one, sums=one.sums.plus(other.sums), label=one.label or other.label)


def _order(row: ReportRow, by: Grouping) -> tuple[int, str]:
    if by is Grouping.METHOD:
        return METHODS.index(row.key), ""
    return (-row.sums.received, row.label) if by is Grouping.COURSE else (0, row.key)
