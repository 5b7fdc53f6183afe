"""What a decision of the settlement table does to a booking, under its lock."""

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, EndCause, SeatState
from coursebook.domain.end_causes import cause_of_not_taking, refund_cause
from coursebook.domain.inbox import InboxKind
from coursebook.domain.settlement import CheckoutSessionStatus, Decision, Effect
from coursebook.payments.gateway import SessionFacts
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.hold_end import end_hold
from coursebook.services.settlement.inbox_entries import open_inbox_entry

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


async def carry_out(
    ledger: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    tried: list[PaymentAttempt],
    facts: SessionFacts,
    decision: Decision,
) -> None:
    """Do to the booking what was decided, with every promise that belongs to it."""
    match decision.effect:
        case Effect.NOTHING:
            return
        case Effect.CONFIRM | Effect.TAKE_FREE_SEAT:
            ledger.confirm(CAUSES[facts.status])
            _keep_what_was_paid(ledger, attempt)
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail("booked")
        case Effect.WAIT:
            ledger.booking.hold_expires_at = None
            ledger.note("hold_stopped", CAUSES[facts.status])
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail(
                "payment_on_its_way",
                occasion=attempt.number,
                amount=attempt.amount,
                currency=attempt.currency,
            )
        case Effect.RELEASE:
            has_failed = facts.status is CheckoutSessionStatus.FAILED
            why = EndCause.PAYMENT_FAILED if has_failed else EndCause.PAGE_EXPIRED
            about = attempt.number
            await end_hold(ledger, why, CAUSES[facts.status], occasion=about, by_stripe=True)
        case Effect.REFUND:
            await _give_back(ledger, attempt, facts)
        case Effect.END:
            is_on_its_way = facts.status is CheckoutSessionStatus.PROCESSING
            why, about = cause_of_not_taking(state_of(ledger.course)), attempt.number
            await end_hold(
                ledger, why, CAUSES[facts.status], occasion=about, is_on_its_way=is_on_its_way
            )
            await _close_others(ledger, attempt, tried)
        case Effect.END_AND_REFUND:
            await _give_back(ledger, attempt, facts)  # first, while the place tells why
            ledger.end(cause_of_not_taking(state_of(ledger.course)), CAUSES[facts.status])
            await _close_others(ledger, attempt, tried)
        case Effect.REVIEW:
            await _ask_a_person(ledger, attempt, tried, facts)


async def _give_back(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, facts: SessionFacts
) -> None:
    """Promise all of a payment, and the mail that says why."""
    taken_at = attempt.taken_at or ledger.now
    booking = ledger.booking
    newest = await ledger.work.bookings.newest_of(booking.user_id, booking.course_id)
    is_other = newest is not None and newest.id != booking.id and SeatState(newest.place) in LIVE
    course = state_of(ledger.course)
    cause = refund_cause(ledger.place, course, taken_at, has_other_place=is_other)
    await ledger.promise_refund(attempt, facts.amount, cause)
    await ledger.promise_mail(
        f"{cause}_refunded",
        occasion=attempt.number,
        amount=facts.amount,
        currency=attempt.currency,
    )


def _keep_what_was_paid(ledger: LockedBookingAndCourse, attempt: PaymentAttempt) -> None:
    """An older page may have been paid, at the price it showed: that one then counts."""
    booking = ledger.booking
    if (booking.price, booking.currency) != (attempt.amount, attempt.currency):
        ledger.note("older_price", "An older page was paid.", price=booking.price)
        booking.price, booking.currency = attempt.amount, attempt.currency


async def _close_others(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, tried: list[PaymentAttempt]
) -> None:
    for other in living(tried, attempt):
        await ledger.promise_close(other)


async def _ask_a_person(
    ledger: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    tried: list[PaymentAttempt],
    facts: SessionFacts,
) -> None:
    detail = (
        f"Stripe took {money_in_words(facts.amount, facts.currency)} ({facts.mode}, "
        f"{'live' if facts.livemode else 'test'} mode), but we asked for "
        f"{money_in_words(attempt.amount, attempt.currency)}."
    )
    attempt.received_amount = facts.charged or facts.amount
    attempt.received_currency = facts.currency[:3]
    waits = any(a.state == AttemptState.PROCESSING.value for a in tried)  # for another bank
    if ledger.place is SeatState.HELD and ledger.booking.hold_expires_at is None and not waits:
        ledger.booking.hold_expires_at = ledger.now  # it waited for this money, which is not it
    question = InboxEntryDraft(
        f"mismatch:{facts.id}",
        InboxKind.PAYMENT_DIFFERS,
        detail,
        booking_id=ledger.booking.id,
        attempt_id=attempt.id,
        session_id=facts.id,
        amount=attempt.received_amount,
        currency=attempt.received_currency,
    )
    await open_inbox_entry(ledger.work, question, actor=ledger.actor, now=ledger.now)


def living(tried: list[PaymentAttempt], attempt: PaymentAttempt) -> list[PaymentAttempt]:
    """Return the other attempts that can be paid or are being paid."""
    return [a for a in tried if a.id != attempt.id and not AttemptState(a.state).is_final]
