"""`settle`: fetch a Checkout Session from Stripe and apply what it says to our books.

Webhook, success page, worker and operator all call this one function; any order, any number of
times. No transaction is open while Stripe is asked.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, Place, PlaceEvent
from coursebook.domain.refund import RefundState
from coursebook.domain.settlement import Decision, Effect, SessionWord, Situation, decide
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


GIVE_BACK_CAUSES = {
    Place.HELD: "late_payment",
    Place.EXPIRED: "late_payment",
    Place.CONFIRMED: "second_payment",
    Place.CANCELLED: "cancelled_payment",
}
"""Why money that came goes back at once, by where the place stands; also names the mail."""

SECOND_THOUGHTS = timedelta(seconds=30)
"""A student who cancels or tries again also ends a session: then no mail says that time ran out."""


@dataclass(frozen=True)
class Settled:
    """What settling came to. `facts` is None when Stripe does not know the session."""

    outcome: str
    booking_id: str | None = None
    facts: SessionFacts | None = None


async def settle(
    tools: Tools, session_id: str, *, actor: str, refunds_too: bool = False
) -> Settled:
    """Ask Stripe about a session and apply the answer.

    Its refunds are looked at when their sum changed, or in any case with `refunds_too`.
    Raises StripeUnreachable or StripeRefused when Stripe cannot say, Unavailable when the database
    is away; nothing has changed then.
    """
    try:
        facts = await tools.gateway.session(session_id)
    except NoSuchObject:
        return Settled("Stripe does not know this session.")
    refunds = await _refunds(tools, facts, in_any_case=refunds_too)
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


async def _refunds(
    tools: Tools, facts: SessionFacts, *, in_any_case: bool
) -> list[RefundFacts] | None:
    if not facts.payment_intent_id:
        return None
    async with reading(tools.database) as work:
        attempt = await work.attempts.by_session(facts.id)
        known = await work.refunds.of_attempt(attempt.id) if attempt else []
    is_known = facts.refunded == _given_back(known) and not any(_is_open(r) for r in known)
    if is_known and not in_any_case:
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
            f"Stripe took {facts.amount} {facts.currency} (minor units) for attempt "
            f"{facts.attempt_number} of booking {facts.booking_id!r}, which we do not have.",
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
    situation = Situation(
        place=ledger.place,
        attempt=AttemptState(attempt.state),
        is_current=not _living(tried, attempt),
        word=facts.word,
        matches=matches,
        seat_free=seats_of(ledger.course).left > 0,
        may_take=await _may_take(ledger),
    )
    decision = decide(situation)
    if decision.attempt is not None:
        ledger.set_attempt(attempt, decision.attempt, CAUSES[facts.word])
    if facts.word is SessionWord.OPEN and AttemptState(attempt.state).is_final:
        await ledger.promise_close(attempt)  # a page that we had given up can still be paid
    await _carry_out(ledger, attempt, tried, facts, decision)
    return f"{facts.word} → {decision.effect}"


def _living(tried: list[PaymentAttempt], attempt: PaymentAttempt) -> list[PaymentAttempt]:
    """Return the other attempts that can be paid or are being paid."""
    return [a for a in tried if a.id != attempt.id and not AttemptState(a.state).is_final]


async def _may_take(ledger: Ledger) -> bool:
    """Whether a place on this course may be taken although the hold was lost."""
    course, booking = ledger.course, ledger.booking
    if ledger.place is not Place.EXPIRED:
        return True
    if course.status != CourseStatus.PUBLISHED.value or course.starts_at <= ledger.now:
        return False
    newest = await ledger.work.bookings.newest_of(booking.user_id, course.id)
    return newest is None or newest.id == booking.id or Place(newest.place) not in LIVE


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
            _keep_what_was_paid(ledger, attempt)
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail("booked")
        case Effect.WAIT:
            ledger.booking.hold_expires_at = None
            ledger.note("hold_stopped", CAUSES[facts.word])
            await _close_others(ledger, attempt, tried)
            await ledger.promise_mail("payment_on_its_way", occasion=attempt.number)
        case Effect.RELEASE:
            ledger.move(PlaceEvent.EXPIRE, CAUSES[facts.word])
            if facts.word is SessionWord.FAILED:
                await ledger.promise_mail("payment_failed", occasion=attempt.number)
            else:
                await ledger.promise_mail(
                    "hold_expired", wait=SECOND_THOUGHTS, occasion=attempt.number
                )
        case Effect.GIVE_BACK:
            cause = GIVE_BACK_CAUSES[ledger.place]
            await ledger.promise_refund(attempt, facts.amount, cause)
            await ledger.promise_mail(
                f"{cause}_refunded", occasion=attempt.number, amount=facts.amount
            )
        case Effect.ASK_A_PERSON:
            await _ask_a_person(ledger, attempt, facts)


def _keep_what_was_paid(ledger: Ledger, attempt: PaymentAttempt) -> None:
    """An older page may have been paid, at the price it showed: that one then counts."""
    booking = ledger.booking
    if (booking.price, booking.currency) != (attempt.amount, attempt.currency):
        ledger.note("older_price", "An older page was paid.", price=booking.price)
        booking.price, booking.currency = attempt.amount, attempt.currency


async def _close_others(
    ledger: Ledger, attempt: PaymentAttempt, tried: list[PaymentAttempt]
) -> None:
    for other in _living(tried, attempt):
        await ledger.promise_close(other)


async def _ask_a_person(ledger: Ledger, attempt: PaymentAttempt, facts: SessionFacts) -> None:
    detail = (
        f"Stripe took {facts.amount} {facts.currency} ({facts.mode}, livemode {facts.livemode}), "
        f"but we asked for {attempt.amount} {attempt.currency} (minor units)."
    )
    ledger.note("money_inbox", detail, session=facts.id)
    if ledger.place is Place.HELD and ledger.booking.hold_expires_at is None:
        ledger.booking.hold_expires_at = ledger.now  # it waited for this money, which is not it
    await ledger.work.inbox.put(
        f"mismatch:{facts.id}",
        "payment_differs",
        detail,
        ledger.now,
        booking_id=ledger.booking.id,
        session_id=facts.id,
    )
