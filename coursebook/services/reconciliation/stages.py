"""One page of each stage of a comparison: asks Stripe, reads our side, and says what differs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.attempt import AttemptState
from coursebook.domain.reconciliation import Difference, Run, Stage
from coursebook.domain.refund import RefundState
from coursebook.payments.gateway import NoSuchObject, PaymentFacts, SessionFacts
from coursebook.persistence.schema.tables import PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.reconciliation.comparisons import (
    compare_dispute,
    compare_payment,
    compare_refund,
    compare_session,
    lost_refund,
    unaccounted_money,
    underpayment,
    wrong_dispute_flag,
)

BATCH_SIZE = 100


@dataclass(frozen=True)
class PageComparison:
    """What came of one page. `oldest`: how far back in Stripe's list it reached."""

    found: list[Difference]
    count: int
    next_cursor: str | None = None
    oldest: datetime | None = None


async def sessions(context: Context, run: Run) -> PageComparison:
    """Sessions of ours: known, in the same state, with the same amount."""
    own = await installation_of(context)
    page = await context.gateway.sessions_since(run.since, run.cursor)
    mine = [facts for facts in page.items if facts.maker in ("", own.id)]
    async with writing(context.database) as work:
        known = await work.reconciliations.by_sessions([facts.id for facts in mine])
        await work.reconciliations.seen([a.id for a in known.values()], run.started_at)
        for facts in (f for f in mine if f.id not in known):
            if lost := await _unrecorded_attempt(work, facts):
                known[facts.id] = lost
        mine = [f for f in mine if f.maker or _is_of_our_books(known.get(f.id))]
        asked = await work.inbox.known_keys([key for f in mine for key in _keys(f)])
    compared = (
        compare_session(f, known.get(f.id), is_asked=not asked.isdisjoint(_keys(f))) for f in mine
    )
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in compared if d], len(page.items), page.next_cursor, oldest)


def _is_of_our_books(attempt: PaymentAttempt | None) -> bool:
    """Whether an object whose mark has no id is ours: our books have it, and made it."""
    return attempt is not None and not attempt.is_foreign


async def _unrecorded_attempt(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Return the attempt of a session whose id we had not stored when we looked for it."""
    if not facts.booking_id or facts.attempt_number is None:
        return None
    ours = await work.attempts.by_number(facts.booking_id, facts.attempt_number)
    return ours if ours is not None and ours.session_id in (None, facts.id) else None


def _keys(facts: SessionFacts) -> tuple[str, str]:
    """Return under which keys a person may have been asked about a session."""
    return f"mismatch:{facts.id}", f"orphan:{facts.id}"


async def payments(context: Context, run: Run) -> PageComparison:
    """Payments of ours that brought money: known, and no more given back than Stripe says."""
    own = await installation_of(context)
    page = await context.gateway.payments_since(run.since, run.cursor)
    mine = [f for f in page.items if f.maker in ("", own.id) and f.received > 0]
    found = []
    async with reading(context.database) as work:
        known = await work.reconciliations.by_payments([facts.id for facts in mine])
        for facts in mine:
            ours = known.get(facts.id)
            if not facts.maker and not _is_of_our_books(ours):
                continue
            if ours is None and await _is_unsettled(work, facts):
                continue  # found among the sessions
            refunds = await work.refunds.of_attempt(ours.id) if ours else []
            is_asked = ours is None and await work.inbox.asked_about(facts.id)
            found.append(compare_payment(facts, ours, refunds, is_asked=is_asked))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in found if d], len(page.items), page.next_cursor, oldest)


async def _is_unsettled(work: UnitOfWork, facts: PaymentFacts) -> bool:
    """Whether a payment belongs to an attempt of which we have not heard that it was paid."""
    if not facts.booking_id or facts.attempt_number is None:
        return False
    ours = await work.attempts.by_number(facts.booking_id, facts.attempt_number)
    return ours is not None and ours.payment_intent_id is None


async def refunds(context: Context, run: Run) -> PageComparison:
    """Refunds of our payments: known, in the same state, of the same amount."""
    page = await context.gateway.all_refunds_since(run.since, run.cursor)
    found = []
    async with reading(context.database) as work:
        ids = [str(f.payment_intent_id) for f in page.items]
        paid = await work.reconciliations.by_payments(ids)
        for facts in (f for f in page.items if f.payment_intent_id in paid):
            attempt = paid[str(facts.payment_intent_id)]
            known = await work.refunds.of_attempt(attempt.id)
            ours = next((r for r in known if r.stripe_refund_id == facts.id), None)
            found.append(compare_refund(facts, ours, attempt))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in found if d], len(page.items), page.next_cursor, oldest)


async def disputes(context: Context, run: Run) -> PageComparison:
    """Disputes of our payments: known, in the same state."""
    page = await context.gateway.all_disputes_since(run.since, run.cursor)
    found = []
    async with reading(context.database) as work:
        ids = [str(f.payment_intent_id) for f in page.items]
        paid = await work.reconciliations.by_payments(ids)
        known = await work.disputes.by_stripe_ids([f.id for f in page.items])
        for facts in (f for f in page.items if f.payment_intent_id in paid):
            attempt = paid[str(facts.payment_intent_id)]
            found.append(compare_dispute(facts, known.get(facts.id), attempt))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in found if d], len(page.items), page.next_cursor, oldest)


async def ours(context: Context, run: Run) -> PageComparison:
    """Our payments: Stripe has each, and each has one home."""
    async with reading(context.database) as work:
        after = _after(run.cursor)
        page = await work.reconciliations.payments(run.since, after, BATCH_SIZE)
        found = await _unaccounted(work, sorted({a.booking_id for a in page}))
    for attempt in (a for a in page if _is_unseen(a, run)):
        found += await _compare_with_stripe(context, attempt)
    last = page[-1] if len(page) == BATCH_SIZE else None
    return PageComparison(
        found, len(page), f"{last.created_at.isoformat()} {last.id}" if last else None
    )


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    made, key = cursor.split(" ")
    return datetime.fromisoformat(made), key


async def _unaccounted(work: UnitOfWork, booking_ids: list[str]) -> list[Difference]:
    attempts = await work.attempts.of_bookings(booking_ids)
    refunds = await work.refunds.of_bookings(booking_ids)
    asked = await work.inbox.decided_of(booking_ids)
    found: list[Difference] = []
    for booking_id in booking_ids:
        booking = await work.bookings.find(booking_id)
        if booking is not None:
            mine = attempts.get(booking_id, [])
            found += unaccounted_money(booking, mine, refunds.get(booking_id, []), asked)
            found += filter(None, [underpayment(booking, mine)])
    disputes = await work.disputes.of_bookings(booking_ids)
    flags = (wrong_dispute_flag(a, disputes) for attempts in attempts.values() for a in attempts)
    found += filter(None, flags)
    paid = {a.id: a for attempts in attempts.values() for a in attempts}
    lost = await _lost_refunds(work, [r for rows in refunds.values() for r in rows])
    return found + [lost_refund(refund, paid[refund.attempt_id]) for refund in lost]


async def _lost_refunds(work: UnitOfWork, refunds: list[Refund]) -> list[Refund]:
    """Return the refunds that Stripe was not asked for, and that nobody will ask for."""
    unasked = {f"refund-{r.id}": r for r in refunds if r.state == RefundState.CREATED.value}
    waiting = await work.outbox.undone([*unasked]) if unasked else set()
    return [refund for key, refund in unasked.items() if key not in waiting]


def _is_unseen(attempt: PaymentAttempt, run: Run) -> bool:
    """Whether Stripe's list did not have a payment that it should have."""
    over = AttemptState(attempt.state).is_final and attempt.state != AttemptState.SUCCEEDED.value
    seen = attempt.reconciled_at is not None and attempt.reconciled_at >= run.started_at
    return bool(attempt.amount) and attempt.session_id is not None and not over and not seen


async def _compare_with_stripe(context: Context, attempt: PaymentAttempt) -> list[Difference]:
    assert attempt.session_id is not None, "only those with a session are asked about"
    try:
        facts = await context.gateway.session(attempt.session_id)
    except NoSuchObject:
        cause = f"Stripe does not know this payment; in our books it is {attempt.state}."
        what = (attempt.session_id, attempt.booking_id, attempt.amount, attempt.currency)
        return [Difference(attempt.session_id, cause, *what)]
    found = compare_session(facts, attempt, is_asked=True)
    return [found] if found else []


async def places(context: Context, _run: Run) -> PageComparison:
    """Places: what is counted on a course are its live bookings."""
    async with reading(context.database) as work:
        wrong = await work.reconciliations.wrong_places()
    found = [
        Difference(
            f"places:{one.course_id}",
            f"“{one.title}” counts {one.counted[0]} held and {one.counted[1]} confirmed places, "
            f"but has {one.booked[0]} and {one.booked[1]}.",
        )
        for one in wrong
    ]
    return PageComparison(found, len(wrong))


STAGE_FUNCTIONS: dict[Stage, Callable[[Context, Run], Awaitable[PageComparison]]] = {
    Stage.SESSIONS: sessions,
    Stage.PAYMENTS: payments,
    Stage.REFUNDS: refunds,
    Stage.DISPUTES: disputes,
    Stage.OURS: ours,
    Stage.PLACES: places,
}
"""What looks at one page of each stage."""
