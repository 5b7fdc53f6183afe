"""The money of a booking in sentences. Pure; `language` is an argument.

Every sentence states recorded facts (`domain/booking_statement.py`); none is inferred.
"""

from collections.abc import Mapping

from coursebook.domain.booking_statement import (
    Kept,
    MoneyOutcome,
    Payment,
    Return,
    StatementLine,
    lines_of,
)
from coursebook.domain.refund import RefundState
from coursebook.services.views import BookingView
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say


def account_of(booking: BookingView, *, is_lost: bool = False) -> tuple[StatementLine, ...]:
    """Return the lines of a booking; `is_lost`: the bank decided its dispute against us."""
    paid = [a for a in booking.attempts if a.state == "succeeded"]
    payments = [
        Payment(
            (a.received or a.amount).amount,
            (a.received or a.amount).currency,
            is_disputed=a.is_disputed,
            is_lost=is_lost,
        )
        for a in paid
    ]
    returns = [
        Return(r.amount.amount, r.amount.currency, RefundState(r.state)) for r in booking.refunds
    ]
    currency = booking.amount.currency
    if booking.received_by_hand:
        payments.append(Payment(booking.received_by_hand, currency))
    if booking.returned_by_hand:
        amount = booking.returned_by_hand
        returns.append(Return(amount, currency, RefundState.SUCCEEDED, is_by_hand=True))
    kept_amount = Kept(booking.kept.amount, booking.kept.currency, booking.kept_why)
    return lines_of(payments, returns, kept_amount, is_free=booking.amount.amount == 0)


def has_come(booking: BookingView) -> bool:
    """Tell whether any money was received for a booking."""
    quiet = (MoneyOutcome.NOTHING_CHARGED, MoneyOutcome.FREE)
    return any(line.outcome not in quiet for line in account_of(booking))


def sentences(lines: tuple[StatementLine, ...], table: Mapping[str, str], language: str) -> str:
    """Return one sentence for each line, from a table of texts."""
    return " ".join(
        table[line.outcome.value].format(
            amount=say.money(line.amount, line.currency, language) if line.currency else "",
            why=line.why,
        )
        for line in lines
    )


def money_words(booking: BookingView, language: str, *, is_lost: bool = False) -> str:
    """Return the sentences about the money of a failed or cancelled booking."""
    words = i18n.of(language)
    return sentences(account_of(booking, is_lost=is_lost), words.MONEY_TOLD, language)


def cancel_words(booking: BookingView, language: str) -> str:
    """Return the sentences about a cancellation: the refund, and the amount kept and why."""
    words, back, stays = i18n.of(language), booking.refund_if_cancelled, booking.stays_if_cancelled
    if booking.amount.amount == 0 and not has_come(booking):
        return str(words.CANCEL_FREE)
    rest = say.money(stays.amount, stays.currency, language)
    if back.amount:
        amount = say.money(back.amount, back.currency, language)
        text = words.CANCEL_BACK_IN_PART if stays.amount else words.CANCEL_BACK
        return str(text.format(amount=amount, stays=rest))
    if booking.payment_status == "disputed":
        return str(words.CANCEL_DISPUTED)
    if stays.amount:
        return str(words.CANCEL_STAYS.format(amount=rest))
    if not has_come(booking):
        return str(words.CANCEL_NOTHING_PAID)
    return str(words.CANCEL_GIVEN_BEFORE if booking.refunds else words.CANCEL_NOTHING_BACK)


def why_given_back(booking: BookingView, language: str) -> str:
    """Return why money of a failed or cancelled booking is refunded, by its cause; or ""."""
    words = i18n.of(language).GIVEN_BACK_WHY
    causes = [r.cause for r in booking.refunds if r.state != "failed"]
    cause = causes[-1] if causes else ""
    if cause == "cancelled":
        cause = f"cancelled_{booking.end_cause}" if booking.end_cause else cause
    return str(words.get(cause, ""))
