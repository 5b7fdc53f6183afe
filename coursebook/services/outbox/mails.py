"""Mails to students: their facts, and sending them from the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import structlog

from coursebook.domain.amount_text import money_text
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.booking_statement import Kept, Payment, Return, lines_of
from coursebook.domain.dispute import DisputeState
from coursebook.domain.refund import RefundState
from coursebook.mail.facts import (
    CalendarFacts,
    CourseCancellationFacts,
    CourseChangeFacts,
    MailFacts,
    MoneyText,
    RefundText,
)
from coursebook.mail.kinds import MailKind
from coursebook.mail.messages import Writer
from coursebook.mail.smtp import MailNotSent, SmtpSender
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseChange,
    Dispute,
    OutboxMessage,
    PaymentAttempt,
    Refund,
    User,
)
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.bookings.balance import booked_promise, received_money
from coursebook.services.bookings.calendar_files import (
    EntryDetails,
    calendar_facts,
    stamped_facts,
)
from coursebook.services.context import Context
from coursebook.services.locked_booking import MAIL
from coursebook.services.manage.school_settings import sender_of
from coursebook.services.outbox.change_mails import change_facts
from coursebook.services.outbox.course_reminders import from_start, is_untrue, reminded_start
from coursebook.services.outbox.hand_mails import claim_url, expected_money, hand_text
from coursebook.services.outbox.hold_reminders import may_still_pay
from coursebook.services.outbox.message_recipients import words_of
from coursebook.services.outbox.move_mails import move_facts, with_left_meetings
from coursebook.services.outbox.recipients import addresses_of, for_recipient
from coursebook.services.presenters import hold_end

ABOUT_A_PLACE = (MailKind.COURSE_CHANGED, MailKind.MOVED)
"""Mails that are not sent once the place has ended."""
ON_CANCELLING = ("cancelled", "course_cancelled_payment")
"""The causes of refunds that the mail about the cancellation announces."""

log = structlog.get_logger("coursebook.worker")


async def send_mail(
    context: Context, sender: SmtpSender | None, message: OutboxMessage, write: Writer
) -> bool:
    """Send the mail that `write` makes of a message. Raises MailNotSent: the outbox tries again.

    Return False when nothing was sent: the mail is no longer true, or there is no mail server. The
    message counts as done then. The addresses are tried in
    turn: the student's own, then those typed in Stripe's form, the latest first. Raises
    PermanentFailure when all are refused: an inbox entry is opened. The key marks a second copy.
    """
    content = await _mail_content(context, message)
    if sender is None or content is None:
        return False
    facts, addresses = content
    refusals: list[str] = []
    for address in addresses:
        mail = write(replace(facts, student_email=address))
        try:
            await sender.send(mail, key=message.dedupe_key)
        except MailNotSent as error:
            if not error.permanent:
                raise
            log.warning("mail.refused", kind=message.kind, to=address, error=str(error))
            refusals.append(f"{address}: {error}")
        else:
            return True
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
        meetings = await work.meetings.all_of(booking.course_id) if booking else []
        change_id = payload.get("change_id")
        change = await work.course_changes.find(change_id) if change_id else None
        cancellation = await _cancellation(work, booking, message)
        school = await sender_of(context, work)
        words = await words_of(work, message)
        expected = await expected_money(context, work, booking) if booking else None
    assert booking is not None, "rows are never deleted"
    assert course is not None, "rows are never deleted"
    assert user is not None, "rows are never deleted"
    kind = _kind(message)
    now = context.clock()
    if words is None or _is_void(kind, booking, course, now=now):
        return None
    if kind == MailKind.REMINDER and is_untrue(payload, booking, course, meetings, now):
        return None
    if payload.get("course_id", booking.course_id) != booking.course_id:
        return None  # moved to another course since, which has a mail of its own
    details = EntryDetails(school, meetings)
    entry = await _entry(context, booking, course, user, message, details=details)
    refund = next((r for r in refunds if r.id == payload.get("occasion")), None)
    facts = replace(
        facts_about(context, entry, booking, course, user, payload=payload),
        money=_money(booking, attempts, refunds, disputes, language=entry.texts.language),
        refund=_refund(refund, attempts, entry.texts.language) if refund else None,
        change=_change(context, change, booking, message, entry.texts.language) if change else None,
        cancellation=cancellation,
        message=words,
        hand=hand_text(expected, entry.texts),
        claim_url=await claim_url(context, user, kind),
    )
    facts = for_recipient(
        _with_dates(facts, kind, payload), payload, booking, course, site=context.public_url
    )
    addresses = addresses_of(payload, user, attempts)
    was_promised = addresses or not user.is_guest  # the school entered a guest without an address
    return (facts, addresses) if was_promised else None


def _with_dates(facts: MailFacts, kind: str, payload: dict[str, Any]) -> MailFacts:
    """Return the facts with the dates that this kind of mail is about."""
    if kind == MailKind.MOVED:
        return replace(
            facts,
            move=move_facts(payload, facts.texts.language),
            meetings=with_left_meetings(facts.entries, payload) or facts.meetings,
        )
    if kind == MailKind.REMINDER:
        return replace(facts, meetings=from_start(facts, reminded_start(payload)))
    return facts


async def _cancellation(
    work: UnitOfWork, booking: Booking | None, message: OutboxMessage
) -> CourseCancellationFacts:
    """Return the words of the school about a cancelled course."""
    if booking is None or _kind(message) != MailKind.COURSE_CANCELLED:
        return CourseCancellationFacts()
    row = await work.course_cancellations.find(booking.course_id)
    return CourseCancellationFacts(
        reason=row.reason if row else "",
        message=row.message if row else "",
        is_on_its_way=bool(message.payload.get("is_on_its_way")),
    )


def _is_void(kind: str, booking: Booking, course: Course, *, now: datetime) -> bool:
    """Whether a mail is no longer true."""
    match kind:
        case MailKind.PAYMENT_EXPECTED:  # paid or ended since
            return booking.place != SeatState.HELD.value
        case MailKind.HOLD_EXPIRED:  # cancelled or held again since
            return booking.place != SeatState.EXPIRED.value
        case MailKind.HOLD_ENDING:  # paid, cancelled, or too late to pay
            return not may_still_pay(booking, course, now)
        case _:  # some are void once the place has ended
            return kind in ABOUT_A_PLACE and SeatState(booking.place) not in LIVE


async def _entry(
    context: Context,
    booking: Booking,
    course: Course,
    user: User,
    message: OutboxMessage,
    *,
    details: EntryDetails,
) -> CalendarFacts:
    """Return the calendar entries of a mail: the present ones, or those of a booking now over."""
    is_confirmation = _kind(message) in (MailKind.BOOKED, MailKind.BOOKED_BY_SCHOOL)
    is_late = is_confirmation and booking.place != SeatState.CONFIRMED.value
    if booking.confirmed_at is not None and not is_late:
        return await stamped_facts(context, booking, course, user, details)
    entry = calendar_facts(context, booking, course, user, message.created_at, details=details)
    return replace(entry, sequence=message.payload.get("sequence", entry.sequence))


def _money(
    booking: Booking,
    attempts: Sequence[PaymentAttempt],
    refunds: Sequence[Refund],
    disputes: Sequence[Dispute],
    *,
    language: str,
) -> tuple[MoneyText, ...]:
    """Return the money lines of a booking."""
    lost = {d.attempt_id for d in disputes if d.state == DisputeState.LOST.value}
    payments = [
        Payment(*received_money(a), is_disputed=a.is_disputed, is_lost=a.id in lost)
        for a in attempts
        if a.state == AttemptState.SUCCEEDED.value
    ]
    returns = [Return(r.amount, r.currency, _as_decided(r)) for r in refunds]
    if booking.received_by_hand:
        payments.append(Payment(booking.received_by_hand, booking.currency))
    if booking.returned_by_hand:
        amount = booking.returned_by_hand
        given = Return(amount, booking.currency, RefundState.SUCCEEDED, is_by_hand=True)
        returns.append(given)
    kept = Kept(booking.kept_amount or 0, booking.currency, booking.kept_why)
    return tuple(
        MoneyText(line.outcome, _amount_text(line.amount, line.currency, language), line.why)
        for line in lines_of(payments, returns, kept, is_free=booking.price == 0)
    )


def _as_decided(refund: Refund) -> RefundState:
    """Return the state of a refund as the mail names it: pending after a cancellation.

    Stripe may be quick or slow, and a second try must write the same mail.
    """
    state = RefundState(refund.state)
    return RefundState.PENDING if refund.cause in ON_CANCELLING and state.counts else state


def _refund(refund: Refund, attempts: Sequence[PaymentAttempt], language: str) -> RefundText:
    """Return the texts of a refund, with the refunded amount instead of the price."""
    paid = next(received_money(a) for a in attempts if a.id == refund.attempt_id)
    moved = _amount_text(refund.amount, refund.currency, language)
    return RefundText(
        amount=moved,
        paid=_amount_text(*paid, language),
        cause=refund.cause,
        reason=refund.reason,
        note=refund.note,
    )


def _change(
    context: Context,
    change: CourseChange,
    booking: Booking,
    message: OutboxMessage,
    language: str,
) -> CourseChangeFacts:
    is_hold_shorter, now = bool(message.payload.get("is_hold_shorter")), context.clock()
    return change_facts(change, booking, language, now, is_hold_shorter=is_hold_shorter)


def facts_about(
    context: Context,
    entry: CalendarFacts,
    booking: Booking,
    course: Course,
    user: User,
    *,
    payload: Mapping[str, Any],
) -> MailFacts:
    """Return what any mail may say about a booking and its course as they are now.

    `payload`: the sum that the mail is about, if it is not the price, and an operator's reason.
    """
    is_confirmed = booking.place == SeatState.CONFIRMED.value
    amount = payload.get("amount", payload.get("price", booking.price))
    currency = payload.get("currency", booking.currency)
    return MailFacts(
        **vars(entry),
        amount_text=_amount_text(amount, currency, entry.texts.language),
        ended_by=booking.end_cause or "",
        held_until=hold_end(booking, course),
        is_online=course.is_online,
        reader_timezone=user.timezone,
        promise=booked_promise(booking).whole.ahead_until(context.clock(), course.starts_at),
        attendee_info=course.attendee_info if is_confirmed else "",
        reason=payload.get("reason", ""),
        picture_url=picture_url(context, course),
        ticket_code=(booking.ticket_code or "") if is_confirmed else "",
        look=context.look,
    )


def _amount_text(amount: int, currency: str, language: str) -> str:
    return money_text(amount, currency, language) if amount else ""


def picture_url(context: Context, course: Course) -> str:
    """Return the picture of a course for mail programs, which show no SVG; "" without one.

    A course picture in SVG needs a JPEG of the same name; the sample courses have one.
    """
    picture = PurePosixPath(course.image)
    if picture.suffix == ".svg":
        picture = picture.with_suffix(".jpg")
    return f"{context.public_url}{picture}" if course.image else ""


def _kind(message: OutboxMessage) -> str:
    return message.kind.removeprefix(MAIL)
