"""Settling: fetch a Checkout Session from Stripe and apply its state to our database.

`settle` runs these steps:

1. Fetch the session, and its refunds and disputes if they may have changed. No transaction is open
   while Stripe answers.
2. Find the attempt that the session belongs to, and lock its booking and course.
3. Let `decide` (domain/settlement.py) choose an effect, and carry it out (`effects.py`).
4. Apply the refunds (`refunds.py`) and disputes (`disputes.py`).
5. Close the entries of the money inbox that this has resolved (`inbox_entries.py`).

Steps 2 to 5 are one transaction. Webhooks, the success page, the worker and operators all call
`settle`, in any order and any number of times.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import Way, is_reserved, takes
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, SeatState
from coursebook.domain.dispute import DisputeState
from coursebook.domain.inbox import InboxKind, Resolution
from coursebook.domain.installation import Origin
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import CheckoutSessionStatus, Situation, decide
from coursebook.payments.gateway import DisputeFacts, NoSuchObject, RefundFacts, SessionFacts
from coursebook.persistence.course_search.courses import seats_of, state_of
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.tables import PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.installation import origin
from coursebook.services.locked_booking import LockedBookingAndCourse, again_if_moved, lock_booking
from coursebook.services.settlement.disputes import apply_disputes
from coursebook.services.settlement.effects import CAUSES, carry_out, other_live_attempts
from coursebook.services.settlement.inbox_entries import (
    close_entry,
    close_resolved_entries,
    open_inbox_entry,
)
from coursebook.services.settlement.moved_pages import is_moved_since
from coursebook.services.settlement.refunds import apply_refunds

log = structlog.get_logger("coursebook.payments")

NOT_OURS = "Not ours, no effect."
OF_ANOTHER_INSTALLATION = "Of another installation of coursebook, no effect."


@dataclass(frozen=True)
class SettlementResult:
    """The outcome of settling. `facts` is None when Stripe does not know the session."""

    outcome: str
    booking_id: str | None = None
    facts: SessionFacts | None = None


@dataclass(frozen=True)
class StripeUpdates:
    """Refunds and disputes of a payment as Stripe has them; None where we did not fetch them."""

    refunds: list[RefundFacts] | None = None
    disputes: list[DisputeFacts] | None = None


@again_if_moved
async def settle(
    context: Context, session_id: str, *, actor: Actor, refunds_too: bool = False
) -> SettlementResult:
    """Fetch a session from Stripe and apply its state.

    Refunds and disputes are fetched when they may have changed, and always with `refunds_too`.
    Raises StripeUnreachable or StripeRefused when Stripe gives no answer, and Unavailable when the
    database is down. Nothing has changed then.
    """
    try:
        facts = await context.gateway.session(session_id)
    except NoSuchObject:
        return SettlementResult("Stripe does not know this session.")
    if await origin(context, facts.maker) is Origin.ANOTHERS:
        return SettlementResult(OF_ANOTHER_INSTALLATION)
    updates = await fetch_refunds_and_disputes(context, facts, in_any_case=refunds_too)
    async with writing(context.database) as work:
        candidate = await _find_attempt(work, facts)
        if candidate is not None and candidate.is_foreign:
            return SettlementResult(OF_ANOTHER_INSTALLATION)
        if candidate is None:
            return await _unmatched_session(work, facts, context, actor)
        locked = await lock_booking(work, candidate.booking_id, actor, context.clock())
        assert locked is not None, "an attempt belongs to a booking"
        attempts = await work.attempts.of_booking(locked.booking.id)
        attempt = next(a for a in attempts if a.id == candidate.id)
        _store_facts(attempt, facts, locked)
        outcome = await _apply(locked, attempt, attempts, facts, context)
        await apply_updates(locked, attempt, updates, context)
        await close_resolved_entries(locked)
    log.info("payment.settled", session=facts.id, booking=locked.booking.id, outcome=outcome)
    return SettlementResult(outcome, locked.booking.id, facts)


async def fetch_refunds_and_disputes(
    context: Context, facts: SessionFacts, *, in_any_case: bool
) -> StripeUpdates:
    """Fetch refunds and disputes from Stripe when they may have changed. Raises GatewayError."""
    payment = facts.payment_intent_id
    if not payment:
        return StripeUpdates()
    async with reading(context.database) as work:
        refunds = await work.refunds.of_session(facts.id)
        disputes = await work.disputes.of_session(facts.id) if facts.is_disputed else []
    is_same_sum = facts.refunded == _refunded(refunds) and not any(_is_open(r) for r in refunds)
    are_over = disputes and all(DisputeState(d.state).is_over for d in disputes)
    ask_refunds = in_any_case or not is_same_sum
    ask_disputes = facts.is_disputed and (in_any_case or not are_over)
    return StripeUpdates(
        await context.gateway.refunds_of(payment) if ask_refunds else None,
        await context.gateway.disputes_of(payment) if ask_disputes else None,
    )


def _refunded(refunds: list[Refund]) -> int:
    counted = [r for r in refunds if r.stripe_refund_id and RefundState(r.state).counts]
    return sum(r.amount for r in counted)


def _is_open(refund: Refund) -> bool:
    return not RefundState(refund.state).is_final


async def _find_attempt(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Find the attempt of a session; adopt a session whose id was never stored.

    Another process may have stored the id after our first query. The second one then finds it.
    """
    attempt = await work.attempts.by_session(facts.id)
    if attempt is not None:
        return attempt
    attempt = await _attempt_by_metadata(work, facts)
    return attempt if attempt is not None and attempt.session_id in (None, facts.id) else None


async def _attempt_by_metadata(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Return the attempt that the metadata of a session names, None if we have no such attempt."""
    if facts.maker is None or facts.booking_id is None or facts.attempt_number is None:
        return None
    return await work.attempts.by_number(facts.booking_id, facts.attempt_number)


async def _unmatched_session(
    work: UnitOfWork, facts: SessionFacts, context: Context, actor: Actor
) -> SettlementResult:
    """Handle a session that matches no booking: open an inbox entry if it was paid and is ours.

    The entry stays open until the payment is refunded. Metadata without our id is not enough:
    another installation on the same Stripe account may have made the session.
    """
    key, now = f"orphan:{facts.id}", context.clock()
    is_ours = await origin(context, facts.maker) is Origin.OURS or await _attempt_by_metadata(
        work, facts
    )
    if not is_ours:
        return SettlementResult(NOT_OURS)
    if facts.status is not CheckoutSessionStatus.PAID:
        return SettlementResult(NOT_OURS, facts=facts)
    if facts.charged and facts.refunded >= facts.charged:
        entry = await work.inbox.by_key(key)
        if entry is not None and entry.resolved_at is None:
            await close_entry(work, entry, Resolution.OBSOLETE, actor=actor, now=now)
        return SettlementResult("Paid without a booking, and given back.", facts=facts)
    detail = (
        f"Stripe took {money_in_words(facts.amount, facts.currency)} for attempt "
        f"{facts.attempt_number} of booking {facts.booking_id!r}, which we do not have."
    )
    draft = InboxEntryDraft(
        key,
        InboxKind.PAID_WITHOUT_BOOKING,
        detail,
        subject_id=facts.payment_intent_id,
        session_id=facts.id,
        amount=facts.charged or facts.amount,
        currency=facts.currency[:3],
    )
    await open_inbox_entry(work, draft, actor=actor, now=now)
    return SettlementResult(
        "Paid, carries our mark, but we have no such booking: money inbox.", facts=facts
    )


def _store_facts(
    attempt: PaymentAttempt, facts: SessionFacts, locked: LockedBookingAndCourse
) -> None:
    """Store what else Stripe reports: ids, the receipt, the reason of a decline."""
    attempt.session_id = facts.id
    attempt.checkout_url = facts.url
    attempt.expires_at = facts.expires_at
    attempt.payment_intent_id = facts.payment_intent_id or attempt.payment_intent_id
    attempt.payer_email = facts.payer_email or attempt.payer_email
    attempt.receipt_url = facts.receipt_url or attempt.receipt_url
    attempt.receipt_number = facts.receipt_number or attempt.receipt_number
    if attempt.taken_at is None and facts.taken_at is not None:
        # Clocks differ: the payment cannot have arrived before the attempt or after now.
        attempt.taken_at = max(attempt.created_at, min(facts.taken_at, locked.now))
    attempt.asked_at = locked.now
    is_paid = attempt.state == AttemptState.SUCCEEDED.value  # then this answer is an older one
    if facts.last_error and facts.last_error != attempt.last_error and not is_paid:
        attempt.last_error = facts.last_error
        locked.note("declined", facts.last_error, attempt=attempt.number)


async def _apply(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    attempts: list[PaymentAttempt],
    facts: SessionFacts,
    context: Context,
) -> str:
    matches = (
        facts.amount == attempt.amount
        and facts.currency == attempt.currency
        and facts.mode == "payment"
        and facts.livemode == context.gateway.livemode
    )
    situation = Situation(
        place=locked.place,
        attempt=AttemptState(attempt.state),
        is_current=not other_live_attempts(attempts, attempt),
        status=facts.status,
        matches=matches,
        seat_free=seats_of(locked.course).left > 0,
        takes=await _takes(locked, attempt, facts.status),
        another_waits=any(
            _is_processing(locked, other) for other in other_live_attempts(attempts, attempt)
        ),
        is_moved=await is_moved_since(locked, attempt),
        is_reserved=is_reserved(state_of(locked.course), locked.booking.reserved_until, locked.now),
    )
    decision = decide(situation)
    if decision.attempt is not None:
        locked.set_attempt(attempt, decision.attempt, CAUSES[facts.status])
    if facts.status is CheckoutSessionStatus.OPEN and AttemptState(attempt.state).is_final:
        await locked.enqueue_close(attempt)  # it can still be paid, but must not be
    await carry_out(locked, attempt, attempts, facts, decision)
    return f"{facts.status} → {decision.effect}"


async def _takes(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, status: CheckoutSessionStatus
) -> bool:
    """Whether the course accepts a payment that was made at this time."""
    course, booking = locked.course, locked.booking
    paid_at = _time_that_counts(locked, attempt, status)
    if locked.place is not SeatState.EXPIRED:
        return takes(state_of(course), paid_at, Way.MONEY_FOR_HELD)
    if not takes(state_of(course), paid_at, Way.MONEY_FOR_EXPIRED):
        return False
    newest = await locked.work.bookings.newest_of(booking.user_id, course.id)
    return newest is None or newest.id == booking.id or SeatState(newest.place) not in LIVE


def _time_that_counts(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, status: CheckoutSessionStatus
) -> datetime:
    """Return the time of a payment that is compared with the start of the course.

    It is the time when Stripe took the money, for a debit when the student gave the order. A held
    place with nothing to pay cannot be late. One that was lost is taken now.
    """
    if status is CheckoutSessionStatus.NOTHING_TO_PAY and locked.place is SeatState.HELD:
        return attempt.created_at
    return attempt.taken_at or locked.now


def _is_processing(locked: LockedBookingAndCourse, attempt: PaymentAttempt) -> bool:
    """Whether a bank is working on a payment that the course will accept."""
    if attempt.state != AttemptState.PROCESSING.value:
        return False
    ordered_at = attempt.taken_at or attempt.created_at  # older rows lack `taken_at`
    return takes(state_of(locked.course), ordered_at, Way.MONEY_FOR_HELD)


async def apply_updates(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    updates: StripeUpdates,
    context: Context,
) -> None:
    """Apply refunds and disputes in the transaction of the payment itself."""
    if updates.refunds is not None:
        await apply_refunds(locked, attempt, updates.refunds)
    if updates.disputes is not None:
        await apply_disputes(locked, attempt, updates.disputes, context)
