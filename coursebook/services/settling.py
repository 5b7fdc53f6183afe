"""`settle`: fetch a Checkout Session from Stripe and apply what it says to our books.

Webhook, success page, worker and operator all call this one function; any order, any number of
times. No transaction is open while Stripe is asked.
"""

from dataclasses import dataclass

import structlog

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place, PlaceEvent
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import STATE_OF, Decision, Effect, SessionWord, Situation, decide
from coursebook.payments.gateway import NoSuchObject, RefundFacts, SessionFacts
from coursebook.persistence.courses import seats_of
from coursebook.persistence.tables import CourseStatus, PaymentAttempt, Refund
from coursebook.persistence.work import Work, reading, writing
from coursebook.services.ledger import Ledger, locked
from coursebook.services.refunding import apply_refunds
from coursebook.services.tools import Tools

log = structlog.get_logger("coursebook.payments")

CAUSES: dict[SessionWord, str] = {
    SessionWord.OPEN: "Stripe opened the payment page.",
    SessionWord.PAID: "Stripe says: paid.",
    SessionWord.NOTHING_TO_PAY: "Stripe says: nothing to pay.",
    SessionWord.PROCESSING: "Stripe says: complete, the bank is still working on the payment.",
    SessionWord.FAILED: "Stripe says: the bank did not carry out the payment.",
    SessionWord.EXPIRED: "Stripe says: the payment page has expired, nothing was paid.",
}


@dataclass(frozen=True)
class Settled:
    """What settling came to. `facts` is None when Stripe does not know the session."""

    outcome: str
    booking_id: str | None = None
    facts: SessionFacts | None = None


async def settle(tools: Tools, session_id: str, *, actor: str) -> Settled:
    """Ask Stripe about a session and apply the answer.

    Raises StripeUnreachable or StripeRefused when Stripe cannot say, Unavailable when the database
    is away; nothing has changed then.
    """
    try:
        facts = await tools.gateway.session(session_id)
    except NoSuchObject:
        return Settled("Stripe does not know this session.")
    refunds = await _refunds_if_changed(tools, facts)
    async with writing(tools.database) as work:
        found = await _attempt_of(work, facts)
        if found is None:
            return await _nobodys(work, facts, tools)
        ledger = await locked(work, found.booking_id, actor, tools.clock())
        assert ledger is not None, "an attempt belongs to a booking"
        tried = await work.attempts.of_booking(ledger.booking.id)
        attempt = next(a for a in tried if a.id == found.id)
        _remember(attempt, facts, ledger)
        outcome = await _apply(ledger, attempt, tried, facts, tools)
        if refunds is not None:
            await apply_refunds(ledger, attempt, refunds)
    log.info("payment.settled", session=facts.id, booking=ledger.booking.id, outcome=outcome)
    return Settled(outcome, ledger.booking.id, facts)


async def _refunds_if_changed(tools: Tools, facts: SessionFacts) -> list[RefundFacts] | None:
    if not facts.payment_intent_id:
        return None
    async with reading(tools.database) as work:
        attempt = await work.attempts.by_session(facts.id)
        known = await work.refunds.of_attempt(attempt.id) if attempt else []
    if facts.refunded == _given_back(known) and not any(_is_open(r) for r in known):
        return None
    return await tools.gateway.refunds_of(facts.payment_intent_id)


def _given_back(known: list[Refund]) -> int:
    asked = [r for r in known if r.stripe_refund_id and RefundState(r.state).counts]
    return sum(r.amount for r in asked)


def _is_open(refund: Refund) -> bool:
    return not RefundState(refund.state).is_final


async def _attempt_of(work: Work, facts: SessionFacts) -> PaymentAttempt | None:
    """Find the attempt of a session; adopt a session whose id was never stored."""
    known = await work.attempts.by_session(facts.id)
    if known is not None or not facts.is_ours:
        return known
    if facts.booking_id is None or facts.attempt_number is None:
        return None
    lost = await work.attempts.by_number(facts.booking_id, facts.attempt_number)
    return lost if lost is not None and lost.session_id is None else None


async def _nobodys(work: Work, facts: SessionFacts, tools: Tools) -> Settled:
    if facts.is_ours and facts.word is SessionWord.PAID:
        await work.inbox.put(
            f"orphan:{facts.id}",
            "paid_without_booking",
            f"Stripe took {facts.amount} {facts.currency} (minor units) for a booking "
            f"{facts.booking_id!r} that we do not have.",
            tools.clock(),
            session_id=facts.id,
        )
        return Settled("Paid, carries our mark, but we have no such booking: money inbox.")
    return Settled("Not ours, no effect.")


def _remember(attempt: PaymentAttempt, facts: SessionFacts, ledger: Ledger) -> None:
    """Keep what Stripe told beside the state: ids, receipt, the reason of a decline."""
    attempt.session_id = facts.id
    attempt.checkout_url = facts.url
    attempt.expires_at = facts.expires_at
    attempt.payment_intent_id = facts.payment_intent_id or attempt.payment_intent_id
    attempt.receipt_url = facts.receipt_url or attempt.receipt_url
    attempt.asked_at = ledger.now
    if facts.last_error and facts.last_error != attempt.last_error:
        attempt.last_error = facts.last_error
        ledger.note("declined", facts.last_error, attempt=attempt.number)


async def _apply(
    ledger: Ledger,
    attempt: PaymentAttempt,
    tried: list[PaymentAttempt],
    facts: SessionFacts,
    tools: Tools,
) -> str:
    matches = (
        facts.amount == attempt.amount
        and facts.currency == attempt.currency
        and facts.mode == "payment"
        and facts.livemode == tools.gateway.livemode
    )
    course = ledger.course
    situation = Situation(
        place=ledger.place,
        attempt=AttemptState(attempt.state),
        is_current=attempt.id == tried[-1].id,
        word=facts.word,
        matches=matches,
        seat_free=seats_of(course).left > 0,
        may_take=course.status == CourseStatus.PUBLISHED.value and course.starts_at > ledger.now,
    )
    decision = decide(situation)
    if decision.attempt is not None:
        ledger.set_attempt(attempt, decision.attempt, CAUSES[facts.word])
    await _carry_out(ledger, attempt, tried, facts, decision)
    return f"{facts.word} → {decision.effect}"


async def _carry_out(
    ledger: Ledger,
    attempt: PaymentAttempt,
    tried: list[PaymentAttempt],
    facts: SessionFacts,
    decision: Decision,
) -> None:
    match decision.effect:
        case Effect.NOTHING:
            return
        case Effect.CONFIRM | Effect.TAKE_FREE_PLACE:
            ledger.move(PlaceEvent.CONFIRM, CAUSES[facts.word])
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail("booked")
        case Effect.WAIT:
            ledger.booking.hold_expires_at = None
            ledger.note("hold_stopped", CAUSES[facts.word])
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail("payment_on_its_way", occasion=attempt.number)
        case Effect.RELEASE:
            ledger.move(PlaceEvent.EXPIRE, CAUSES[facts.word])
            failed = STATE_OF[facts.word] is AttemptState.FAILED
            kind = "payment_failed" if failed else "hold_expired"
            await ledger.promise_mail(kind, occasion=attempt.number)
        case Effect.GIVE_BACK:
            cause = _give_back_cause(ledger.place)
            await ledger.promise_refund(attempt, facts.amount, cause)
            await ledger.promise_mail(
                "late_payment_refunded", occasion=attempt.number, amount=facts.amount, cause=cause
            )
        case Effect.ASK_A_PERSON:
            await _ask_a_person(ledger, attempt, facts)


async def _close_others(
    ledger: Ledger, attempt: PaymentAttempt, tried: list[PaymentAttempt]
) -> None:
    for other in tried:
        if other.id != attempt.id and not AttemptState(other.state).is_final:
            await ledger.promise_close(other)


def _give_back_cause(place: Place) -> str:
    return {
        Place.CONFIRMED: "second_payment",
        Place.CANCELLED: "paid_after_cancelling",
    }.get(place, "paid_late_no_place")


async def _ask_a_person(ledger: Ledger, attempt: PaymentAttempt, facts: SessionFacts) -> None:
    detail = (
        f"Stripe took {facts.amount} {facts.currency} ({facts.mode}, livemode {facts.livemode}), "
        f"but we asked for {attempt.amount} {attempt.currency} (minor units)."
    )
    ledger.note("money_inbox", detail, session=facts.id)
    await ledger.work.inbox.put(
        f"mismatch:{facts.id}",
        "payment_differs",
        detail,
        ledger.now,
        booking_id=ledger.booking.id,
        session_id=facts.id,
    )
