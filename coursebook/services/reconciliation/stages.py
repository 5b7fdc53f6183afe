"""The stages of a comparison: each fetches one page, reads our rows and returns the differences."""

from collections.abc import Awaitable, Callable
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
    compare_by_hand,
    compare_dispute,
    compare_payment,
    compare_refund,
    compare_session,
    lost_refund,
    unaccounted_money,
    underpayment,
    unexplained_keeping,
    wrong_dispute_flag,
)
from coursebook.services.reconciliation.page_comparison import PageComparison
from coursebook.services.reconciliation.payouts import payouts

BATCH_SIZE = 100


async def sessions(context: Context, run: Run) -> PageComparison:
    """Compare our Checkout Sessions: each is recorded, in the same state, with the same amount."""
    own = await installation_of(context)
    page = await context.gateway.sessions_since(run.since, run.cursor)
    session_facts = [facts for facts in page.items if facts.maker in ("", own.id)]
    async with writing(context.database) as work:
        attempts = await work.reconciliations.by_sessions([f.id for f in session_facts])
        await work.reconciliations.mark_checked([a.id for a in attempts.values()], run.started_at)
        for facts in (f for f in session_facts if f.id not in attempts):
            if attempt := await _unrecorded_attempt(work, facts):
                attempts[facts.id] = attempt
        session_facts = [f for f in session_facts if f.maker or _is_ours(attempts.get(f.id))]
        inbox_keys = await work.inbox.known_keys([k for f in session_facts for k in _keys(f)])
    differences = (
        compare_session(f, attempts.get(f.id), is_asked=not inbox_keys.isdisjoint(_keys(f)))
        for f in session_facts
    )
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in differences if d], len(page.items), page.next_cursor, oldest)


def _is_ours(attempt: PaymentAttempt | None) -> bool:
    """Whether an object whose metadata has no installation id is ours: we have it and made it."""
    return attempt is not None and not attempt.is_foreign


async def _unrecorded_attempt(work: UnitOfWork, facts: SessionFacts) -> PaymentAttempt | None:
    """Return the attempt of a session whose id was not stored when we queried for it."""
    if not facts.booking_id or facts.attempt_number is None:
        return None
    ours = await work.attempts.by_number(facts.booking_id, facts.attempt_number)
    return ours if ours is not None and ours.session_id in (None, facts.id) else None


def _keys(facts: SessionFacts) -> tuple[str, str]:
    """Return the keys of the inbox entries that may exist for a session."""
    return f"mismatch:{facts.id}", f"orphan:{facts.id}"


async def payments(context: Context, run: Run) -> PageComparison:
    """Compare our paid payments: each is recorded, and refunded no more than at Stripe."""
    own = await installation_of(context)
    page = await context.gateway.payments_since(run.since, run.cursor)
    payment_facts = [f for f in page.items if f.maker in ("", own.id) and f.received > 0]
    differences = []
    async with reading(context.database) as work:
        attempts = await work.reconciliations.by_payments([f.id for f in payment_facts])
        for facts in payment_facts:
            ours = attempts.get(facts.id)
            if not facts.maker and not _is_ours(ours):
                continue
            if ours is None and await _is_unsettled(work, facts):
                continue  # compared among the sessions
            refunds = await work.refunds.of_attempt(ours.id) if ours else []
            is_asked = ours is None and await work.inbox.asked_about(facts.id)
            differences.append(compare_payment(facts, ours, refunds, is_asked=is_asked))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in differences if d], len(page.items), page.next_cursor, oldest)


async def _is_unsettled(work: UnitOfWork, facts: PaymentFacts) -> bool:
    """Whether a payment belongs to an attempt that we have not recorded as paid."""
    if not facts.booking_id or facts.attempt_number is None:
        return False
    ours = await work.attempts.by_number(facts.booking_id, facts.attempt_number)
    return ours is not None and ours.payment_intent_id is None


async def refunds(context: Context, run: Run) -> PageComparison:
    """Compare refunds of our payments: each is recorded with the same state and amount."""
    page = await context.gateway.all_refunds_since(run.since, run.cursor)
    differences = []
    async with reading(context.database) as work:
        ids = [str(f.payment_intent_id) for f in page.items]
        paid = await work.reconciliations.by_payments(ids)
        for facts in (f for f in page.items if f.payment_intent_id in paid):
            attempt = paid[str(facts.payment_intent_id)]
            rows = await work.refunds.of_attempt(attempt.id)
            ours = next((r for r in rows if r.stripe_refund_id == facts.id), None)
            differences.append(compare_refund(facts, ours, attempt))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in differences if d], len(page.items), page.next_cursor, oldest)


async def disputes(context: Context, run: Run) -> PageComparison:
    """Compare disputes of our payments: each is recorded, in the same state."""
    page = await context.gateway.all_disputes_since(run.since, run.cursor)
    differences = []
    async with reading(context.database) as work:
        ids = [str(f.payment_intent_id) for f in page.items]
        paid = await work.reconciliations.by_payments(ids)
        rows = await work.disputes.by_stripe_ids([f.id for f in page.items])
        for facts in (f for f in page.items if f.payment_intent_id in paid):
            attempt = paid[str(facts.payment_intent_id)]
            differences.append(compare_dispute(facts, rows.get(facts.id), attempt))
    oldest = page.items[-1].created if page.items else None
    return PageComparison([d for d in differences if d], len(page.items), page.next_cursor, oldest)


async def ours(context: Context, run: Run) -> PageComparison:
    """Compare our payments: Stripe has each, and all money is accounted for."""
    async with reading(context.database) as work:
        after = _after(run.cursor)
        page = await work.reconciliations.payments(run.since, after, BATCH_SIZE)
        differences = await _unaccounted(work, sorted({a.booking_id for a in page}))
    for attempt in (a for a in page if _is_unseen(a, run)):
        differences += await _compare_with_stripe(context, attempt)
    last = page[-1] if len(page) == BATCH_SIZE else None
    return PageComparison(
        differences, len(page), f"{last.created_at.isoformat()} {last.id}" if last else None
    )


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    created_at, key = cursor.split(" ")
    return datetime.fromisoformat(created_at), key


async def _unaccounted(work: UnitOfWork, booking_ids: list[str]) -> list[Difference]:
    attempts_of = await work.attempts.of_bookings(booking_ids)
    refunds_of = await work.refunds.of_bookings(booking_ids)
    decided = await work.inbox.decided_of(booking_ids)
    differences: list[Difference] = []
    for booking_id in booking_ids:
        booking = await work.bookings.find(booking_id)
        if booking is not None:
            attempts, refunds = attempts_of.get(booking_id, []), refunds_of.get(booking_id, [])
            differences += unaccounted_money(booking, attempts, refunds, decided)
            differences += filter(
                None, [underpayment(booking, attempts), unexplained_keeping(booking)]
            )
    disputes = await work.disputes.of_bookings(booking_ids)
    attempt_by_id = {a.id: a for attempts in attempts_of.values() for a in attempts}
    flags = (wrong_dispute_flag(a, disputes) for a in attempt_by_id.values())
    differences += filter(None, flags)
    lost = await _lost_refunds(work, [r for refunds in refunds_of.values() for r in refunds])
    return differences + [lost_refund(r, attempt_by_id[r.attempt_id]) for r in lost]


async def _lost_refunds(work: UnitOfWork, refunds: list[Refund]) -> list[Refund]:
    """Return the refunds that were never requested from Stripe and are not queued either."""
    requests = {f"refund-{r.id}": r for r in refunds if r.state == RefundState.CREATED.value}
    queued_keys = await work.outbox.undone([*requests]) if requests else set()
    return [refund for key, refund in requests.items() if key not in queued_keys]


def _is_unseen(attempt: PaymentAttempt, run: Run) -> bool:
    """Whether a payment should be in Stripe's list and was not."""
    is_over = AttemptState(attempt.state).is_final and attempt.state != AttemptState.SUCCEEDED.value
    is_listed = attempt.reconciled_at is not None and attempt.reconciled_at >= run.started_at
    has_session = bool(attempt.amount) and attempt.session_id is not None
    return has_session and not is_over and not is_listed


async def _compare_with_stripe(context: Context, attempt: PaymentAttempt) -> list[Difference]:
    assert attempt.session_id is not None, "only attempts with a session are compared"
    try:
        facts = await context.gateway.session(attempt.session_id)
    except NoSuchObject:
        cause = f"Stripe does not know this payment; in our books it is {attempt.state}."
        fields = (attempt.session_id, attempt.booking_id, attempt.amount, attempt.currency)
        return [Difference(attempt.session_id, cause, *fields)]
    difference = compare_session(facts, attempt, is_asked=True)
    return [difference] if difference else []


async def by_hand(context: Context, run: Run) -> PageComparison:
    """Compare money taken by hand: the sums of bookings, and where each amount belongs."""
    differences: list[Difference] = []
    async with reading(context.database) as work:
        ids = await work.offline_payments.booking_ids(run.cursor or "", BATCH_SIZE)
        payments = await work.offline_payments.of_bookings(ids)
        attempts = await work.attempts.of_bookings(ids)
        for booking_id in ids:
            booking = await work.bookings.find(booking_id)
            assert booking is not None, "rows are never deleted"
            keys = {entry.dedupe_key for entry in await work.inbox.open_of(booking_id)}
            differences += compare_by_hand(booking, payments[booking_id], keys)
            if booking_id not in attempts:  # else compared with its payments
                differences += filter(
                    None, [underpayment(booking, []), unexplained_keeping(booking)]
                )
    return PageComparison(differences, len(ids), ids[-1] if len(ids) == BATCH_SIZE else None)


async def places(context: Context, _run: Run) -> PageComparison:
    """Compare the seat counts of each course with its live bookings."""
    async with reading(context.database) as work:
        counts = await work.reconciliations.wrong_places()
        waiting = await work.reconciliations.wrong_waiting()
        offers = await work.reconciliations.stray_offers()
    differences = [
        Difference(
            f"places:{row.course_id}",
            f"“{row.title}” counts {row.counted[0]} held and {row.counted[1]} confirmed places, "
            f"but has {row.booked[0]} and {row.booked[1]}.",
        )
        for row in counts
    ]
    differences += [
        Difference(
            f"waiting:{row.course_id}",
            f"“{row.title}” counts {row.counted[0]} people who wait, but has {row.booked[0]}.",
        )
        for row in waiting
    ]
    differences += [
        Difference(
            f"offer:{entry_id}",
            "A place is offered to somebody of a waiting list, but is not held.",
            booking_id=booking_id,
        )
        for entry_id, booking_id in offers
    ]
    return PageComparison(differences, len(differences))


STAGE_FUNCTIONS: dict[Stage, Callable[[Context, Run], Awaitable[PageComparison]]] = {
    Stage.SESSIONS: sessions,
    Stage.PAYMENTS: payments,
    Stage.REFUNDS: refunds,
    Stage.DISPUTES: disputes,
    Stage.PAYOUTS: payouts,
    Stage.OURS: ours,
    Stage.BY_HAND: by_hand,
    Stage.PLACES: places,
}
"""The function that compares one page of each stage."""
