"""The statement of a booking that is over: one line for each recorded movement of money.

Every text about it, on pages and in mails, reads these lines. They are built from payments,
refunds, disputes and the decision about the amount kept. A missing record never makes a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.refund import RefundState


class MoneyOutcome(StrEnum):
    """The outcome of a sum.

    goes_back: promised or on its way · went_back: sent to the payer's bank · back_by_hand: given
    back by the school, not by card · not_back: a refund failed · kept_by_terms, kept: stays by a
    decision · at_the_bank: disputed · by_the_bank: given back by the bank · still_here: none of
    these.
    """

    NOTHING_CHARGED = "nothing_charged"
    FREE = "free"
    GOES_BACK = "goes_back"
    WENT_BACK = "went_back"
    BACK_BY_HAND = "back_by_hand"
    AT_THE_BANK = "at_the_bank"
    BY_THE_BANK = "by_the_bank"
    KEPT_BY_TERMS = "kept_by_terms"
    KEPT = "kept"
    NOT_BACK = "not_back"
    STILL_HERE = "still_here"


@dataclass(frozen=True)
class Payment:
    """Money that came, in minor units. `is_lost`: the dispute about it was decided against us."""

    amount: int
    currency: str
    is_disputed: bool = False
    is_lost: bool = False


@dataclass(frozen=True)
class Return:
    """A refund, in minor units. `is_by_hand`: the school gives it back, not by card."""

    amount: int
    currency: str
    state: RefundState
    is_by_hand: bool = False


@dataclass(frozen=True)
class Kept:
    """The amount that the school keeps. `why`: "terms", or an operator's own words."""

    amount: int = 0
    currency: str = ""
    why: str = ""


@dataclass(frozen=True)
class StatementLine:
    """One line of the statement. `why`: the reason that a person gave in their own words, or ""."""

    outcome: MoneyOutcome
    amount: int = 0
    currency: str = ""
    why: str = ""


BY_TERMS = "terms"
"""Why money stays with the school when a student cancels late; else an operator's own words."""


def lines_of(
    payments: Sequence[Payment], returns: Sequence[Return], kept: Kept, *, is_free: bool
) -> tuple[StatementLine, ...]:
    """Return what became of the money, what moves first."""
    received = [payment for payment in payments if payment.amount]
    received = received or [Payment(refund.amount, refund.currency) for refund in returns]
    if not received:
        return (StatementLine(MoneyOutcome.FREE if is_free else MoneyOutcome.NOTHING_CHARGED),)
    lines: list[StatementLine] = []
    for currency in dict.fromkeys(payment.currency for payment in received):
        lines += _of_currency(
            currency,
            [payment for payment in received if payment.currency == currency],
            [refund for refund in returns if refund.currency == currency],
            kept if kept.currency == currency else Kept(),
        )
    return tuple(lines)


def _of_currency(
    currency: str, received: Sequence[Payment], returns: Sequence[Return], kept: Kept
) -> list[StatementLine]:
    left = sum(payment.amount for payment in received)
    lines: list[StatementLine] = []

    def take(outcome: MoneyOutcome, amount: int, why: str = "") -> None:
        nonlocal left
        part = min(amount, left)
        if part > 0:
            left -= part
            lines.append(StatementLine(outcome, part, currency, why))

    by_hand = [refund for refund in returns if refund.is_by_hand]
    returns = [refund for refund in returns if not refund.is_by_hand]
    pending = (RefundState.CREATED, RefundState.PENDING)
    take(
        MoneyOutcome.GOES_BACK, sum(refund.amount for refund in returns if refund.state in pending)
    )
    take(MoneyOutcome.WENT_BACK, _sum_of(returns, RefundState.SUCCEEDED))
    take(MoneyOutcome.BACK_BY_HAND, sum(refund.amount for refund in by_hand))
    take(MoneyOutcome.BY_THE_BANK, sum(p.amount for p in received if p.is_disputed and p.is_lost))
    take(
        MoneyOutcome.AT_THE_BANK, sum(p.amount for p in received if p.is_disputed and not p.is_lost)
    )
    if kept.why == BY_TERMS:
        take(MoneyOutcome.KEPT_BY_TERMS, kept.amount)
    elif kept.why:
        take(MoneyOutcome.KEPT, kept.amount, kept.why)
    take(MoneyOutcome.NOT_BACK, _sum_of(returns, RefundState.FAILED))
    take(MoneyOutcome.STILL_HERE, left)
    return lines


def _sum_of(returns: Sequence[Return], state: RefundState) -> int:
    return sum(refund.amount for refund in returns if refund.state is state)
