"""Recovery by the worker: overdue holds, unsettled sessions, calls to Stripe whose answer was lost.

A hold ends only when its session can no longer be paid. So the sweep fetches the session, expires
it if it is open, and only then releases the place.
"""

from datetime import timedelta

import structlog

from coursebook.domain.actor import WORKER, Actor
from coursebook.domain.admission import Way, takes
from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import EndCause, SeatState
from coursebook.domain.settlement import CheckoutSessionStatus
from coursebook.payments.gateway import SessionFacts, StripeRefused
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.schema.tables import PaymentAttempt
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.locked_booking import LockedBookingAndCourse, again_if_moved, lock_booking
from coursebook.services.presenters import hold_end
from coursebook.services.settlement.hold_end import end_hold
from coursebook.services.settlement.settle import settle

log = structlog.get_logger("coursebook.worker")

CLOCK_SKEWS = (timedelta(minutes=1), timedelta(days=1))
"""How far our clock may be ahead of Stripe's in a search for a lost session: first and second try.

A day is the limit: Stripe makes no session that ends more than 24 hours after its own time
(docs.stripe.com/api/checkout/sessions/create, `expires_at`).
"""
ANSWER_TIMEOUT = timedelta(minutes=5)
"""A call without an answer for this long is treated as lost, and Stripe is searched."""


@again_if_moved
async def sweep_hold(context: Context, booking_id: str) -> None:
    """End an overdue hold if it cannot be paid. Raises GatewayError; the hold then stays."""
    async with reading(context.database) as work:
        attempts = await work.attempts.of_booking(booking_id)
    for attempt in attempts:
        if not AttemptState(attempt.state).is_final:
            await close_attempt(context, attempt.id)
    async with writing(context.database) as work:
        locked = await lock_booking(work, booking_id, WORKER, context.clock())
        if locked is None or locked.place is not SeatState.HELD:
            return
        if _is_overdue(locked):
            await _end_unpayable_hold(locked, await work.attempts.of_booking(booking_id))


def _is_overdue(locked: LockedBookingAndCourse) -> bool:
    ends = hold_end(locked.booking, locked.course)
    return ends is not None and ends <= locked.now


async def _end_unpayable_hold(
    locked: LockedBookingAndCourse, attempts: list[PaymentAttempt]
) -> None:
    """End a hold if none of its attempts can be paid."""
    states = {AttemptState(a.state) for a in attempts}
    if not all(state.is_final for state in states):
        return
    cause = "The time to pay ran out; no session can be paid."
    # An operator decides about money that came, and writes to the student.
    has_money = AttemptState.SUCCEEDED in states
    is_told = not has_money or state_of(locked.course).is_cancelled
    why, occasion = EndCause.PAGE_EXPIRED, len(attempts)
    if await end_hold(locked, why, cause, occasion=occasion, is_told=is_told):
        log.info("hold.released", booking=locked.booking.id)


async def _end_if_cancelled(locked: LockedBookingAndCourse) -> None:
    """End an unpayable hold on a cancelled course: a retry is impossible."""
    if locked.place is SeatState.HELD and state_of(locked.course).is_cancelled:
        await locked.work.flush()  # or the query overwrites pending changes
        await _end_unpayable_hold(locked, await locked.work.attempts.of_booking(locked.booking.id))


async def close_attempt(context: Context, attempt_id: str) -> None:
    """Make sure that an attempt can no longer be paid, and apply its state at Stripe."""
    async with reading(context.database) as work:
        attempt = await work.attempts.find(attempt_id)
    if attempt is None or attempt.is_foreign or AttemptState(attempt.state).is_final:
        return
    session_id = attempt.session_id or await _find_session(context, attempt)
    if session_id is None:
        await _expire_unmade(context, attempt)
        return
    if await close_session(context, session_id, WORKER) is None:
        await _expire_unknown_to_stripe(context, attempt)


async def close_session(context: Context, session_id: str, actor: Actor) -> SessionFacts | None:
    """Make sure that a session can no longer be paid. Return it, None if Stripe does not know it.

    Raises GatewayError when Stripe does not answer.
    """
    facts = (await settle(context, session_id, actor=actor)).facts
    if facts is None or facts.status is not CheckoutSessionStatus.OPEN:
        return facts
    try:
        await context.gateway.expire_session(session_id)
    except StripeRefused:  # complete or expired a moment ago: settle it as it is now
        log.info("session.found_closed", session=session_id)
    return (await settle(context, session_id, actor=actor)).facts


async def check_attempt(context: Context, attempt: PaymentAttempt) -> None:
    """Settle an attempt that is still open, or repeat the call to Stripe whose answer was lost."""
    if attempt.is_foreign:
        return
    if attempt.session_id:
        await settle(context, attempt.session_id, actor=WORKER)
        return
    now = context.clock()
    async with reading(context.database) as work:
        booking = await work.bookings.find(attempt.booking_id)
        course = await work.courses.find(booking.course_id) if booking else None
    is_held = booking is not None and booking.place == SeatState.HELD.value
    if not is_held or now - attempt.created_at > ANSWER_TIMEOUT:
        await close_attempt(context, attempt.id)
        return
    if course is None or not takes(state_of(course), now, Way.FURTHER_PAGE):
        return  # make no session; search for one after ANSWER_TIMEOUT
    try:
        facts = await context.gateway.create_session(attempt.params, attempt.idempotency_key)
    except StripeRefused as error:
        log.warning("checkout.replay_refused", attempt=attempt.id, error=str(error))
        return
    await settle(context, facts.id, actor=WORKER)


async def _find_session(context: Context, attempt: PaymentAttempt) -> str | None:
    """Return the id of the session that Stripe made for an attempt, None when it made none."""
    maker = await installation_of(context)
    for skew in CLOCK_SKEWS:
        session = await context.gateway.find_session(
            attempt.booking_id, attempt.number, attempt.created_at - skew, maker
        )
        if session is not None:
            return session.id
    return None


@again_if_moved
async def _expire_unmade(context: Context, attempt: PaymentAttempt) -> None:
    """Expire an attempt for which Stripe never created a session: it cannot be paid."""
    async with writing(context.database) as work:
        locked = await lock_booking(work, attempt.booking_id, WORKER, context.clock())
        row = await work.attempts.find(attempt.id)
        if locked is None or row is None or row.state != AttemptState.CREATED.value:
            return
        locked.set_attempt(row, AttemptState.EXPIRED, "Stripe never made a payment page.")
        await _end_if_cancelled(locked)


@again_if_moved
async def _expire_unknown_to_stripe(context: Context, attempt: PaymentAttempt) -> None:
    """Expire an attempt whose session Stripe no longer knows (another account, a reset sandbox).

    The session could be paid until its own end, so the attempt stays open until then.
    """
    async with writing(context.database) as work:
        locked = await lock_booking(work, attempt.booking_id, WORKER, context.clock())
        row = await work.attempts.find(attempt.id)
        if locked is None or row is None or row.state != AttemptState.OPEN.value:
            return
        if row.expires_at is not None and row.expires_at <= locked.now:
            locked.set_attempt(row, AttemptState.EXPIRED, "Stripe does not know this payment page.")
            log.error("session.lost", session=row.session_id, booking=row.booking_id)
            await _end_if_cancelled(locked)
