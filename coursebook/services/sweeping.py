"""What ends by itself: holds that ran out, sessions nobody heard of, calls whose answer was lost.

A hold ends only when Stripe says that its session can no longer be paid. So the sweep asks Stripe,
closes the session if it is still open, and only then releases the place, in this order.
"""

from datetime import timedelta

import structlog

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place, PlaceEvent
from coursebook.domain.settlement import SessionWord
from coursebook.payments.gateway import NoSuchObject, SessionFacts, StripeRefused
from coursebook.persistence.tables import PaymentAttempt
from coursebook.persistence.work import reading, writing
from coursebook.services.ledger import locked
from coursebook.services.settling import settle
from coursebook.services.tools import Tools

log = structlog.get_logger("coursebook.worker")

WORKER = "worker"
FORGOTTEN = timedelta(minutes=5)
"""After this a call whose answer is missing is not on its way any more: Stripe is searched."""


async def sweep_hold(tools: Tools, booking_id: str) -> None:
    """End an overdue hold, if Stripe agrees. Raises GatewayError: the hold then stays for now."""
    async with reading(tools.database) as work:
        tried = await work.attempts.of_booking(booking_id)
    for attempt in tried:
        if not AttemptState(attempt.state).is_final:
            await close_attempt(tools, attempt.id)
    async with writing(tools.database) as work:
        ledger = await locked(work, booking_id, WORKER, tools.clock())
        if ledger is None or ledger.place is not Place.HELD:
            return
        states = {AttemptState(a.state) for a in await work.attempts.of_booking(booking_id)}
        overdue = ledger.booking.hold_expires_at
        if all(s.is_final for s in states) and overdue is not None and overdue <= ledger.now:
            ledger.move(PlaceEvent.EXPIRE, "The time to pay ran out; no session can be paid.")
            await ledger.promise_mail("hold_expired", occasion="swept")
            log.info("hold.released", booking=booking_id)


async def close_attempt(tools: Tools, attempt_id: str) -> None:
    """See to it that an attempt can no longer be paid, and apply what Stripe says of it."""
    async with reading(tools.database) as work:
        attempt = await work.attempts.find(attempt_id)
    if attempt is None or AttemptState(attempt.state).is_final:
        return
    session_id = attempt.session_id or await _search(tools, attempt)
    if session_id is None:
        await _never_made(tools, attempt)
        return
    facts = (await settle(tools, session_id, actor=WORKER)).facts
    if facts is None or facts.word is not SessionWord.OPEN:
        return
    try:
        await tools.gateway.expire_session(session_id)
    except StripeRefused:
        log.info("session.not_open", session=session_id)
    await settle(tools, session_id, actor=WORKER)


async def ask_again(tools: Tools, attempt: PaymentAttempt) -> None:
    """Ask Stripe about an attempt that is not settled, or make up for a call that was lost."""
    if attempt.session_id:
        await settle(tools, attempt.session_id, actor=WORKER)
        return
    if tools.clock() - attempt.created_at > FORGOTTEN:
        await close_attempt(tools, attempt.id)
        return
    try:
        facts: SessionFacts = await tools.gateway.create_session(
            attempt.params, attempt.idempotency_key
        )
    except NoSuchObject:
        return
    except StripeRefused as refusal:
        log.warning("checkout.replay_refused", attempt=attempt.id, said=str(refusal))
        return
    await settle(tools, facts.id, actor=WORKER)


async def _search(tools: Tools, attempt: PaymentAttempt) -> str | None:
    found = await tools.gateway.find_session(attempt.booking_id, attempt.number, attempt.created_at)
    return found.id if found else None


async def _never_made(tools: Tools, attempt: PaymentAttempt) -> None:
    """Stripe has no session of this attempt, so nobody can pay it."""
    async with writing(tools.database) as work:
        ledger = await locked(work, attempt.booking_id, WORKER, tools.clock())
        row = await work.attempts.find(attempt.id)
        if ledger is None or row is None or row.state != AttemptState.CREATED.value:
            return
        ledger.set_attempt(row, AttemptState.EXPIRED, "Stripe never made a payment page.")
