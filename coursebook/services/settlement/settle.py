"""`settle`: fetch a Checkout Session from Stripe and apply what it says to our books.

Webhook, success page, worker and operator all call this one function; any order, any number of
times. No transaction is open while Stripe is asked.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.admission import Way, takes
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
from coursebook.services.locked_booking import LockedBookingAndCourse, locked
from coursebook.services.settlement.disputes import apply_disputes
from coursebook.services.settlement.effects import CAUSES, carry_out, living
from coursebook.services.settlement.inbox_entries import (
    close_entry,
    close_resolved_entries,
    open_inbox_entry,
)
from coursebook.services.settlement.refunds import apply_refunds

log = structlog.get_logger("coursebook.payments")

NOT_OURS = "Not ours, no effect."
ANOTHERS = "Of another installation of coursebook, no effect."


@dataclass(frozen=True)
class Settled:
    """What settling came to. `facts` is None when Stripe does not know the session."""

    outcome: str
    booking_id: str | None = None
    facts: SessionFacts | None = None


@dataclass(frozen=True)
class StripeUpdates:
    """What Stripe says; None: as we know it already, nothing was asked."""

    refunds: list[RefundFacts] | None = None
    disputes: list[DisputeFacts] | None = None


async def settle(
    tools: Context, session_id: str, *, actor: Actor, refunds_too: bool = False
) -> Settled:
    """Ask Stripe about a session and apply the answer.

    Its refunds and disputes are looked at when they may have changed, or in any case with
    `refunds_too`.
    Raises StripeUnreachable or StripeRefused when Stripe cannot say, Unavailable when the database
    is away; nothing has changed then.
    """
    try:
        facts = await tools.gateway.session(session_id)
    except NoSuchObject:
        return Settled("Stripe does not know this session.")
    if await origin(tools, facts.maker) is Origin.ANOTHERS:
        return Settled(ANOTHERS)
    seen = await fetch_refunds_and_disputes(tools, facts, in_any_case=refunds_too)
    async with writing(tools.database) as work:
        found = await _attempt_of(work, facts)
        if found is not None and found.is_foreign:
            return Settled(ANOTHERS)
        if found is None:
            return await _nobodys(work, facts, tools, actor)
        ledger = await locked(work, found.booking_id, actor, tools.clock())
        assert ledger is not None, "an attempt belongs to a booking"
        tried = await work.attempts.of_booking(ledger.booking.id)
        attempt = next(a for a in tried if a.id == found.id)
        _remember(attempt, facts, ledger)
        outcome = await _apply(ledger, attempt, tried, facts, tools)
        await apply_updates(ledger, attempt, seen, tools)
        await close_resolved_entries(ledger)
    log.info("payment.settled", session=facts.id, booking=ledger.booking.id, outcome=outcome)
    return Settled(outcome, ledger.booking.id, facts)


async def fetch_refunds_and_disputes(
    tools: Context, facts: SessionFacts, *, in_any_case: bool
) -> StripeUpdates:
    """Ask Stripe for refunds and disputes when they may have changed. Raises GatewayError."""
    payment = facts.payment_intent_id
    if not payment:
        return StripeUpdates()
    async with reading(tools.database) as work:
        attempt = await work.attempts.by_session(facts.id)
        refunds = await work.refunds.of_attempt(attempt.id) if attempt else []
        disputes = await work.disputes.of_attempt(attempt.id) if attempt else []
    same_sum = facts.refunded == _given_back(refunds) and not any(_is_open(r) for r in refunds)
    settled = disputes and all(DisputeState(d.state).is_over for d in disputes)
    ask_refunds = in_any_case or not same_sum
    ask_disputes = facts.is_disputed and (in_any_case or not settled)
    return StripeUpdates(
        await tools.gateway.refunds_of(payment) if ask_refunds else None,
        await tools.gateway.disputes_of(payment) if ask_disputes else None,
    )


def _given_back(known: list[Refund]) -> int:
    asked = [r for r in known if r.stripe_refund_id and RefundState(r.state).counts]
    return sum(r.amount for r in asked)


def _is_open(refund: Refund) -> bool:
    return not RefundState(refund.state).is_final


async def _attempt_of(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Find the attempt of a session; adopt a session whose id was never stored.

    Somebody else may have adopted it since we looked for its id: then it is known all the same.
    """
    known = await work.attempts.by_session(facts.id)
    if known is not None:
        return known
    marked = await _marked(work, facts)
    return marked if marked is not None and marked.session_id in (None, facts.id) else None


async def _marked(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Return the attempt that the mark of a session names, if our books have it."""
    if facts.maker is None or facts.booking_id is None or facts.attempt_number is None:
        return None
    return await work.attempts.by_number(facts.booking_id, facts.attempt_number)


async def _nobodys(work: UnitOfWork, facts: SessionFacts, tools: Context, actor: Actor) -> Settled:
    """A session of nobody: what was paid with our mark is a person's until it went back.

    A mark without an id is not enough: another installation on the account may have made it.
    """
    key, now = f"orphan:{facts.id}", tools.clock()
    is_ours = await origin(tools, facts.maker) is Origin.OURS or await _marked(work, facts)
    if not is_ours:
        return Settled(NOT_OURS)
    if facts.status is not CheckoutSessionStatus.PAID:
        return Settled(NOT_OURS, facts=facts)
    if facts.charged and facts.refunded >= facts.charged:
        entry = await work.inbox.by_key(key)
        if entry is not None and entry.resolved_at is None:
            await close_entry(work, entry, Resolution.OBSOLETE, actor=actor, now=now)
        return Settled("Paid without a booking, and given back.", facts=facts)
    detail = (
        f"Stripe took {money_in_words(facts.amount, facts.currency)} for attempt "
        f"{facts.attempt_number} of booking {facts.booking_id!r}, which we do not have."
    )
    question = InboxEntryDraft(
        key,
        InboxKind.PAID_WITHOUT_BOOKING,
        detail,
        subject_id=facts.payment_intent_id,
        session_id=facts.id,
        amount=facts.charged or facts.amount,
        currency=facts.currency[:3],
    )
    await open_inbox_entry(work, question, actor=actor, now=now)
    return Settled("Paid, carries our mark, but we have no such booking: money inbox.", facts=facts)


def _remember(attempt: PaymentAttempt, facts: SessionFacts, ledger: LockedBookingAndCourse) -> None:
    """Keep what Stripe told beside the state: ids, receipt, the reason of a decline."""
    attempt.session_id = facts.id
    attempt.checkout_url = facts.url
    attempt.expires_at = facts.expires_at
    attempt.payment_intent_id = facts.payment_intent_id or attempt.payment_intent_id
    attempt.payer_email = facts.payer_email or attempt.payer_email
    attempt.receipt_url = facts.receipt_url or attempt.receipt_url
    if attempt.taken_at is None and facts.taken_at is not None:
        # Clocks differ: it cannot have been before we asked, nor after we heard of it.
        attempt.taken_at = max(attempt.created_at, min(facts.taken_at, ledger.now))
    attempt.asked_at = ledger.now
    is_paid = attempt.state == AttemptState.SUCCEEDED.value  # then this is an older answer
    if facts.last_error and facts.last_error != attempt.last_error and not is_paid:
        attempt.last_error = facts.last_error
        ledger.note("declined", facts.last_error, attempt=attempt.number)


async def _apply(
    ledger: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    tried: list[PaymentAttempt],
    facts: SessionFacts,
    tools: Context,
) -> str:
    matches = (
        facts.amount == attempt.amount
        and facts.currency == attempt.currency
        and facts.mode == "payment"
        and facts.livemode == tools.gateway.livemode
    )
    situation = Situation(
        place=ledger.place,
        attempt=AttemptState(attempt.state),
        is_current=not living(tried, attempt),
        status=facts.status,
        matches=matches,
        seat_free=seats_of(ledger.course).left > 0,
        takes=await _takes(ledger, attempt, facts.status),
        another_waits=any(_waits(ledger, other) for other in living(tried, attempt)),
    )
    decision = decide(situation)
    if decision.attempt is not None:
        ledger.set_attempt(attempt, decision.attempt, CAUSES[facts.status])
    if facts.status is CheckoutSessionStatus.OPEN and AttemptState(attempt.state).is_final:
        await ledger.promise_close(attempt)  # a page that we had given up can still be paid
    await carry_out(ledger, attempt, tried, facts, decision)
    return f"{facts.status} → {decision.effect}"


async def _takes(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, status: CheckoutSessionStatus
) -> bool:
    """Whether the course takes what came, at the moment when Stripe took it."""
    course, booking = ledger.course, ledger.booking
    if ledger.place is not SeatState.EXPIRED:
        return takes(state_of(course), _moment(ledger, attempt, status), Way.MONEY_FOR_HELD)
    if not takes(state_of(course), _moment(ledger, attempt, status), Way.MONEY_FOR_EXPIRED):
        return False
    newest = await ledger.work.bookings.newest_of(booking.user_id, course.id)
    return newest is None or newest.id == booking.id or SeatState(newest.place) not in LIVE


def _moment(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, status: CheckoutSessionStatus
) -> datetime:
    """Return what counts for the start: when the money was taken, for a debit when it was given.

    Where nothing was to pay, nothing was taken late; a place that was lost is taken now.
    """
    if status is CheckoutSessionStatus.NOTHING_TO_PAY and ledger.place is SeatState.HELD:
        return attempt.created_at
    return attempt.taken_at or ledger.now


def _waits(ledger: LockedBookingAndCourse, attempt: PaymentAttempt) -> bool:
    """Whether a bank works on a payment that the course takes."""
    if attempt.state != AttemptState.PROCESSING.value:
        return False
    given_at = attempt.taken_at or attempt.created_at  # rows older than this column do not say
    return takes(state_of(ledger.course), given_at, Way.MONEY_FOR_HELD)


async def apply_updates(
    ledger: LockedBookingAndCourse, attempt: PaymentAttempt, seen: StripeUpdates, tools: Context
) -> None:
    """Take over what was seen, in one transaction with the payment itself."""
    if seen.refunds is not None:
        await apply_refunds(ledger, attempt, seen.refunds)
    if seen.disputes is not None:
        await apply_disputes(ledger, attempt, seen.disputes, tools)
