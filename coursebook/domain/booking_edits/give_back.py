"""What an operator gives back of a booking: a part of it, or by choice when it is cancelled.

Amounts are minor units of the booking's currency.
"""

from dataclasses import dataclass
from enum import StrEnum

from coursebook.domain.balance import Balance, RefundOnCancel
from coursebook.errors import Disputed, FieldError, Invalid, NothingToRefund

AMOUNT = "/amount"
CHOICE = "/give_back"
MORE_THAN_LEFT = "This is more than is left of the payment."
COURSE_IS_CANCELLED = "The course was cancelled, so everything is given back."
LESS_THAN_PROMISED = "This is less than was promised. Confirm it with `agreed`."
REASON_NEEDED = "Please say why the school keeps more or less than by the terms."


class Give(StrEnum):
    """How much is given back on cancelling: all, what the promise says, nothing, or a sum."""

    ALL = "all"
    TERMS = "terms"
    NONE = "none"
    AMOUNT = "amount"


@dataclass(frozen=True)
class GiveBack:
    """An operator's choice. `amount` counts for `Give.AMOUNT` only.

    `note` is for the student. `agreed`: the operator confirmed that it is less than was promised.
    `pointer` names the field of the amount.
    """

    give: Give
    amount: int = 0
    reason: str = ""
    note: str = ""
    agreed: bool = False
    pointer: str = "/give_back/amount"


def chosen_refund(
    choice: GiveBack,
    price: int,
    balance: Balance,
    promised: RefundOnCancel,
    *,
    is_course_cancelled: bool,
) -> RefundOnCancel:
    """Return what a choice refunds and keeps. `promised` is what the promise would.

    Raises Disputed, NothingToRefund and Invalid for a sum that cannot be given back now, Invalid
    also for less than was promised without agreement, and for keeping another sum than the terms
    say without a reason.
    """
    if is_course_cancelled and choice.give is not Give.ALL:
        raise Invalid([FieldError(CHOICE, COURSE_IS_CANCELLED)])
    match choice.give:
        case Give.ALL:
            return RefundOnCancel(due=balance.ready, stays=0)
        case Give.TERMS:
            return promised
        case Give.NONE:
            total = 0
        case Give.AMOUNT:
            total = choice.amount
            if total:
                check_refund(total, balance, choice.pointer)
    counted = min(balance.net_received, price)  # what is above the price goes back on its own
    refund = RefundOnCancel(due=total, stays=max(0, counted - total))
    _check_promise(choice, refund, promised)
    return refund


def _check_promise(choice: GiveBack, refund: RefundOnCancel, promised: RefundOnCancel) -> None:
    if refund.stays > promised.stays and not choice.agreed:
        raise Invalid([FieldError("/agreed", LESS_THAN_PROMISED)])
    if refund.stays and refund.stays != promised.stays and not choice.reason:
        raise Invalid([FieldError("/reason", REASON_NEEDED)])


def check_refund(amount: int, balance: Balance, pointer: str = AMOUNT) -> None:
    """Check a refund of a part. Raises Disputed, NothingToRefund, and Invalid for too much."""
    if balance.away:
        raise Disputed
    if not balance.ready:
        raise NothingToRefund
    if amount > balance.ready:
        raise Invalid([FieldError(pointer, MORE_THAN_LEFT)])


def card_parts(amount: int, balance: Balance) -> dict[str, int]:
    """Return the part of each payment by card, by its attempt's id, in the order of the payments.

    What they do not cover was taken by hand.
    """
    parts: dict[str, int] = {}
    for attempt_id, free in balance.free.items():
        part = min(amount - sum(parts.values()), free)
        if part > 0:
            parts[attempt_id] = part
    return parts
