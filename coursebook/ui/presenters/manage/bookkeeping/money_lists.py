"""Payments, refunds and payouts in words. Pure."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.bookkeeping.payout import PayoutState
from coursebook.services.bookkeeping.money_lists import MoneyMovement, PayoutView
from coursebook.services.views import MoneyView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say

PAYOUTS = "/manage/money/payouts"
UNKNOWN = "\N{EN DASH}"


@dataclass(frozen=True)
class MovementRow:
    """A payment or a refund. `href` is "" for somebody who may not see people."""

    id: str = ""
    name: str = ""
    href: str = ""
    course: str = ""
    at: str = ""
    state: str = ""
    tone: str = "plain"
    amount: str = ""
    fee: str = ""
    net: str = ""
    payout: str = ""
    payout_href: str = ""


@dataclass(frozen=True)
class PayoutRow:
    """A payout. `other` says what in it is neither a payment nor a refund here, "" for nothing."""

    id: str = ""
    href: str = ""
    amount: str = ""
    state: str = ""
    tone: str = "plain"
    arrives: str = ""
    made: str = ""
    other: str = ""
    hint: str = ""


def payment_row(payment: MoneyMovement, zone: str, language: str) -> MovementRow:
    """Return the row of a payment."""
    words = i18n.manage_of(language)
    state, tone = (words.PAYMENT_DISPUTED, "bad") if payment.is_disputed else ("", "plain")
    return _row(payment, zone, language, state, tone)


def refund_row(refund: MoneyMovement, zone: str, language: str) -> MovementRow:
    """Return the row of a refund."""
    words = i18n.manage_of(language).REFUND_STATE
    tone = {"failed": "bad", "succeeded": "plain"}.get(refund.state, "warn")
    return _row(refund, zone, language, words[refund.state], tone)


def payout_row(payout: PayoutView, zone: str, language: str) -> PayoutRow:
    """Return the row of a payout."""
    words, state = i18n.manage_of(language), PayoutState(payout.state)
    tone = "bad" if state.has_failed else "warn" if state.is_under_way else "plain"
    other, hint = payout.other, ""
    if not payout.is_automatic:
        hint = words.PAYOUT_BY_HAND
    elif other is None:
        hint = words.PAYOUT_NOT_LISTED
    return PayoutRow(
        id=payout.id,
        href=f"{PAYOUTS}/{payout.id}",
        amount=_money(payout.amount, language),
        state=words.PAYOUT_STATE[state.value],
        tone=tone,
        arrives=say.day(payout.arrives_on, "UTC", language),
        made=_moment(payout.created_at, zone, language),
        other=_money(other, language) if other is not None and other.amount else "",
        hint=hint,
    )


def _row(movement: MoneyMovement, zone: str, language: str, state: str, tone: str) -> MovementRow:
    words = i18n.manage_of(language)
    return MovementRow(
        id=movement.id,
        name=movement.name or movement.number,
        href=f"/manage/bookings/{movement.booking_id}" if movement.name else "",
        course=movement.course,
        at=_moment(movement.at, zone, language),
        state=state,
        tone=tone,
        amount=_money(movement.amount, language),
        fee=_money(movement.fee, language) if movement.fee else UNKNOWN,
        net=_money(movement.net, language) if movement.net else UNKNOWN,
        payout=words.PAYOUT_OPEN if movement.payout_id else "",
        payout_href=f"{PAYOUTS}/{movement.payout_id}" if movement.payout_id else "",
    )


def _money(money: MoneyView, language: str) -> str:
    return say.money(money.amount, money.currency, language)


def _moment(at: datetime, zone: str, language: str) -> str:
    words = i18n.manage_of(language)
    day, clock = say.day(at, zone, language), say.clock(at, zone, language)
    return str(words.STORY_AT_FORM.format(day=day, clock=clock))
