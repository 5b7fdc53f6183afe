"""Effects of the settlement table on a booking, under its lock."""

from coursebook.domain.admission import hold_ends
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, EndCause, SeatState
from coursebook.domain.end_causes import cause_of_not_taking, refund_cause
from coursebook.domain.inbox import InboxKind
from coursebook.domain.settlement import CheckoutSessionStatus, Decision, Effect
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import SessionFacts
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.bookings.offline_payments import end_place, settle_by_hand
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.hold_end import end_hold, enqueue_course_cancelled
from coursebook.services.settlement.inbox_entries import open_inbox_entry
from coursebook.services.settlement.moved_pages import is_moved_since

CAUSES: dict[CheckoutSessionStatus, str] = {
    CheckoutSessionStatus.OPEN: "Stripe opened the payment page.",
    CheckoutSessionStatus.PAID: "Stripe says: paid.",
    CheckoutSessionStatus.NOTHING_TO_PAY: "Stripe says: nothing to pay.",
    CheckoutSessionStatus.PROCESSING: (
        "Stripe says: complete, the bank is still working on the payment."
    ),
    CheckoutSessionStatus.FAILED: "Stripe says: the bank did not carry out the payment.",
    CheckoutSessionStatus.EXPIRED: "Stripe says: the payment page has expired, nothing was paid.",
}
REFUND_MAILS: dict[str, MailKind] = {
    "second_payment": MailKind.SECOND_PAYMENT_REFUNDED,
    "cancelled_payment": MailKind.CANCELLED_PAYMENT_REFUNDED,
    "course_cancelled_payment": MailKind.COURSE_CANCELLED_PAYMENT_REFUNDED,
    "started_payment": MailKind.STARTED_PAYMENT_REFUNDED,
    "other_place_payment": MailKind.OTHER_PLACE_PAYMENT_REFUNDED,
    "late_payment": MailKind.LATE_PAYMENT_REFUNDED,
    "closed_payment": MailKind.CLOSED_PAYMENT_REFUNDED,
    "moved_payment": MailKind.MOVED_PAYMENT_REFUNDED,
}
"""The mail of each cause of `refund_cause`."""


async def carry_out(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    attempts: list[PaymentAttempt],
    facts: SessionFacts,
    decision: Decision,
) -> None:
    """Apply the decided effect to the booking, with its mails, refunds and sessions to close."""
    match decision.effect:
        case Effect.NOTHING:
            return
        case Effect.CONFIRM | Effect.TAKE_FREE_SEAT:
            locked.confirm(CAUSES[facts.status])
            _use_paid_price(locked, attempt)
            await settle_by_hand(locked)
            await _close_other_sessions(locked, attempt, attempts)
            await locked.enqueue_mail(MailKind.BOOKED)
        case Effect.WAIT:
            locked.booking.hold_expires_at = None
            locked.note("hold_stopped", CAUSES[facts.status])
            await _close_other_sessions(locked, attempt, attempts)
            await locked.enqueue_mail(
                MailKind.PAYMENT_ON_ITS_WAY,
                occasion=attempt.number,
                amount=attempt.amount,
                currency=attempt.currency,
            )
        case Effect.RELEASE:
            has_failed = facts.status is CheckoutSessionStatus.FAILED
            why = EndCause.PAYMENT_FAILED if has_failed else EndCause.PAGE_EXPIRED
            number = attempt.number
            await end_hold(locked, why, CAUSES[facts.status], occasion=number, by_stripe=True)
        case Effect.KEEP:
            await _keep(locked, attempt, facts)
        case Effect.REFUND:
            await _refund(locked, attempt, facts)
        case Effect.END:
            is_on_its_way = facts.status is CheckoutSessionStatus.PROCESSING
            why, number = cause_of_not_taking(state_of(locked.course)), attempt.number
            await end_hold(
                locked, why, CAUSES[facts.status], occasion=number, is_on_its_way=is_on_its_way
            )
            await _close_other_sessions(locked, attempt, attempts)
        case Effect.END_AND_REFUND:
            await _end_and_refund(locked, attempt, facts)
            await _close_other_sessions(locked, attempt, attempts)
        case Effect.REVIEW:
            await _review(locked, attempt, attempts, facts)


async def _end_and_refund(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, facts: SessionFacts
) -> None:
    """End a place whose payment is not taken, with one mail: on a cancelled course, that of it."""
    why = cause_of_not_taking(state_of(locked.course))
    is_cancelled = why is EndCause.COURSE_CANCELLED
    await _refund(locked, attempt, facts, tells=not is_cancelled)  # while the place shows the cause
    await end_place(locked, why, CAUSES[facts.status])
    if is_cancelled:
        await enqueue_course_cancelled(locked)


async def _refund(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    facts: SessionFacts,
    *,
    tells: bool = True,
) -> None:
    """Enqueue the refund of the whole payment, and the mail with the cause unless not `tells`."""
    taken_at = attempt.taken_at or locked.now
    booking = locked.booking
    newest = await locked.work.bookings.newest_of(booking.user_id, booking.course_id)
    is_other = newest is not None and newest.id != booking.id and SeatState(newest.place) in LIVE
    course = state_of(locked.course)
    is_moved = await is_moved_since(locked, attempt)
    cause = refund_cause(
        locked.place, course, taken_at, has_other_place=is_other, is_moved=is_moved
    )
    await locked.enqueue_refund(attempt, facts.amount, cause)
    if not tells:
        return
    await locked.enqueue_mail(
        REFUND_MAILS[cause],
        occasion=attempt.number,
        amount=facts.amount,
        currency=attempt.currency,
    )


async def _keep(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, facts: SessionFacts
) -> None:
    """Let the hold of a reserved place tick on, and report a debit that failed."""
    booking = locked.booking
    booking.hold_expires_at = hold_ends(locked.now, locked.course.starts_at, booking.reserved_until)
    if facts.status is CheckoutSessionStatus.FAILED:
        await locked.enqueue_mail(
            MailKind.PAYMENT_FAILED_PLACE_KEPT,
            occasion=attempt.number,
            amount=attempt.amount,
            currency=attempt.currency,
        )


def _use_paid_price(locked: LockedBookingAndCourse, attempt: PaymentAttempt) -> None:
    """Set the price to the amount paid: an older Checkout Session may show an older price."""
    booking = locked.booking
    if (booking.price, booking.currency) != (attempt.amount, attempt.currency):
        locked.note("older_price", "An older page was paid.", price=booking.price)
        booking.price, booking.currency = attempt.amount, attempt.currency


async def _close_other_sessions(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, attempts: list[PaymentAttempt]
) -> None:
    for other in other_live_attempts(attempts, attempt):
        await locked.enqueue_close(other)


async def _review(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    attempts: list[PaymentAttempt],
    facts: SessionFacts,
) -> None:
    detail = (
        f"Stripe took {money_in_words(facts.amount, facts.currency)} ({facts.mode}, "
        f"{'live' if facts.livemode else 'test'} mode), but we asked for "
        f"{money_in_words(attempt.amount, attempt.currency)}."
    )
    attempt.received_amount = facts.charged or facts.amount
    attempt.received_currency = facts.currency[:3]
    is_another_processing = any(a.state == AttemptState.PROCESSING.value for a in attempts)
    if (
        locked.place is SeatState.HELD
        and locked.booking.hold_expires_at is None
        and not is_another_processing
    ):
        # It had stopped for this payment, which does not match.
        locked.booking.hold_expires_at = hold_ends(
            locked.now, locked.course.starts_at, locked.booking.reserved_until
        )
    draft = InboxEntryDraft(
        f"mismatch:{facts.id}",
        InboxKind.PAYMENT_DIFFERS,
        detail,
        booking_id=locked.booking.id,
        attempt_id=attempt.id,
        session_id=facts.id,
        amount=attempt.received_amount,
        currency=attempt.received_currency,
    )
    await open_inbox_entry(locked.work, draft, actor=locked.actor, now=locked.now)


def other_live_attempts(
    attempts: list[PaymentAttempt], attempt: PaymentAttempt
) -> list[PaymentAttempt]:
    """Return the other attempts that can be paid or are being paid."""
    return [a for a in attempts if a.id != attempt.id and not AttemptState(a.state).is_final]
