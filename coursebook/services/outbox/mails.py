"""Mails to students: the text of each kind, and sending them from the outbox.

A new kind of mail is one function in `mail.messages` and one line in `MAILS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.booking_statement import Kept, Payment, Return, lines_of
from coursebook.domain.dispute import DisputeState
from coursebook.domain.external_text import mail_address
from coursebook.domain.refund import RefundState
from coursebook.mail import messages
from coursebook.mail.facts import CalendarFacts, MailFacts, MoneyText, RefundText
from coursebook.mail.messages import Mail
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    Dispute,
    OutboxMessage,
    PaymentAttempt,
    Refund,
    User,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.services.bookings.balance import received_money
from coursebook.services.bookings.calendar_files import calendar_facts, stamped_facts
from coursebook.services.context import Context
from coursebook.services.outbox.hold_reminders import may_still_pay
from coursebook.services.presenters import hold_end

log = structlog.get_logger("coursebook.worker")

MAILS: dict[str, Callable[[MailFacts], Mail]] = {
    "mail:booked": messages.booked,
    "mail:payment_on_its_way": messages.payment_on_its_way,
    "mail:payment_failed": messages.payment_failed,
    "mail:hold_ending": messages.hold_ending,
    "mail:hold_expired": messages.hold_expired,
    "mail:cancelled": messages.cancelled,
    "mail:refunded": messages.refunded,
    "mail:refund_failed": messages.refund_failed,
    "mail:other_place_payment_refunded": messages.other_place_payment_refunded,
    "mail:closed_payment_refunded": messages.closed_payment_refunded,
    "mail:late_payment_refunded": messages.late_payment_refunded,
    "mail:second_payment_refunded": messages.second_payment_refunded,
    "mail:cancelled_payment_refunded": messages.cancelled_payment_refunded,
    "mail:not_paid_by_start": messages.not_paid_by_start,
    "mail:payment_failed_after_start": messages.payment_failed_after_start,
    "mail:started_payment_refunded": messages.started_payment_refunded,
    "mail:course_cancelled_payment_refunded": messages.course_cancelled_payment_refunded,
    "mail:started_payment_on_its_way": messages.started_payment_on_its_way,
    "mail:cancelled_payment_on_its_way": messages.cancelled_payment_on_its_way,
}
"""The function that writes each kind of mail."""


async def send_mail(context: Context, sender: SmtpSender | None, message: OutboxMessage) -> None:
    """Send the mail of a message. Raises MailNotSent: the outbox tries again.

    Without a mail server nothing is sent and the message counts as done. The addresses are tried in
    turn: the student's own, then those typed in Stripe's form, the latest first. Raises
    PermanentFailure when all are refused: an inbox entry is opened. The key marks a second copy.
    """
    content = await _mail_content(context, message)
    if sender is None or content is None:
        return
    facts, addresses = content
    refusals: list[str] = []
    for address in addresses:
        mail = MAILS[message.kind](replace(facts, student_email=address))
        try:
            await sender.send(mail, key=message.dedupe_key)
        except MailNotSent as error:
            if not error.permanent:
                raise
            log.warning("mail.refused", kind=message.kind, to=address, error=str(error))
            refusals.append(f"{address}: {error}")
        else:
            return
    raise PermanentFailure("; ".join(refusals) or "we have no email address of this person")


class PermanentFailure(Exception):
    """Retrying cannot help: the message is dead, and an inbox entry is opened."""


async def _mail_content(
    context: Context, message: OutboxMessage
) -> tuple[MailFacts, list[str]] | None:
    """Return the facts and addresses of a mail, None if it is no longer true."""
    payload = message.payload
    async with reading(context.database) as work:
        booking = await work.bookings.find(payload["booking_id"])
        course = await work.courses.find(booking.course_id) if booking else None
        user = await work.users.by_id(booking.user_id) if booking else None
        attempts = await work.attempts.of_booking(payload["booking_id"])
        refunds = await work.refunds.of_booking(payload["booking_id"])
        disputes = await work.disputes.of_booking(payload["booking_id"])
    assert booking is not None, "rows are never deleted"
    assert course is not None, "rows are never deleted"
    assert user is not None, "rows are never deleted"
    if message.kind == "mail:hold_expired" and booking.place != SeatState.EXPIRED.value:
        return None  # cancelled or held again since
    if message.kind == "mail:hold_ending" and not may_still_pay(booking, course, context.clock()):
        return None  # paid, cancelled, or too late to pay
    entry = await _entry(context, booking, course, user, message)
    refund = next((r for r in refunds if r.id == payload.get("occasion")), None)
    facts = replace(
        _mail_facts(entry, booking, message),
        held_until=hold_end(booking, course),
        money=_money(booking, attempts, refunds, disputes),
        refund=_refund(refund, attempts) if refund else None,
    )
    payer_emails = [attempt.payer_email for attempt in reversed(attempts)]
    addresses = [mail_address(address) for address in (user.email, *payer_emails)]
    return facts, list(dict.fromkeys(filter(None, addresses)))


async def _entry(
    context: Context, booking: Booking, course: Course, user: User, message: OutboxMessage
) -> CalendarFacts:
    """Return the calendar entry of a mail: the present one, or that of a booking that is over."""
    is_late = message.kind == "mail:booked" and booking.place != SeatState.CONFIRMED.value
    if booking.confirmed_at is not None and not is_late:
        return await stamped_facts(context, booking, course, user)
    entry = calendar_facts(context, booking, course, user, message.created_at)
    return replace(entry, sequence=message.payload.get("sequence", entry.sequence))


def _money(
    booking: Booking,
    attempts: Sequence[PaymentAttempt],
    refunds: Sequence[Refund],
    disputes: Sequence[Dispute],
) -> tuple[MoneyText, ...]:
    """Return the money lines of a booking."""
    lost = {d.attempt_id for d in disputes if d.state == DisputeState.LOST.value}
    payments = [
        Payment(*received_money(a), is_disputed=a.is_disputed, is_lost=a.id in lost)
        for a in attempts
        if a.state == AttemptState.SUCCEEDED.value
    ]
    returns = [Return(r.amount, r.currency, _as_decided(r)) for r in refunds]
    kept = Kept(booking.kept_amount or 0, booking.currency, booking.kept_why)
    return tuple(
        MoneyText(line.outcome, _in_words(line.amount, line.currency), line.why)
        for line in lines_of(payments, returns, kept, is_free=booking.price == 0)
    )


def _as_decided(refund: Refund) -> RefundState:
    """Return the state of a refund as the mail names it: pending after a cancellation.

    Stripe may be quick or slow, and a second try must write the same mail.
    """
    state = RefundState(refund.state)
    return RefundState.PENDING if refund.cause == "cancelled" and state.counts else state


def _refund(refund: Refund, attempts: Sequence[PaymentAttempt]) -> RefundText:
    """Return the texts of a refund, with the refunded amount instead of the price."""
    paid = next(received_money(a) for a in attempts if a.id == refund.attempt_id)
    moved = _in_words(refund.amount, refund.currency)
    return RefundText(amount=moved, paid=_in_words(*paid), cause=refund.cause)


def _mail_facts(entry: CalendarFacts, booking: Booking, message: OutboxMessage) -> MailFacts:
    payload = message.payload
    amount = payload.get("amount", payload.get("price", booking.price))
    return MailFacts(
        **vars(entry),
        amount_text=_in_words(amount, payload.get("currency", booking.currency)),
        ended_by=booking.end_cause or "",
    )


def _in_words(amount: int, currency: str) -> str:
    return money_in_words(amount, currency) if amount else ""
