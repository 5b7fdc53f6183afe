"""Refunds: request ours from Stripe, and record what Stripe reports of any refund."""

from typing import Any

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.amount_text import money_in_words
from coursebook.domain.booking import SeatState
from coursebook.domain.inbox import InboxKind
from coursebook.domain.refund import RefundState, may_become
from coursebook.mail.kinds import MailKind
from coursebook.payments.gateway import RefundFacts, StripeRefused
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.bookings.balance import amount_owed, balance_of, money_left, received_money
from coursebook.services.context import Context
from coursebook.services.installation import installation_of
from coursebook.services.locked_booking import (
    LockedBookingAndCourse,
    RefundWords,
    again_if_moved,
    lock_booking,
)
from coursebook.services.settlement.inbox_entries import close_resolved_entries, open_inbox_entry

log = structlog.get_logger("coursebook.payments")


@again_if_moved
async def make_refund(context: Context, refund_id: str) -> None:
    """Request a promised refund from Stripe. Running twice is harmless.

    Raises StripeUnreachable when the answer is unknown: the outbox tries again.
    """
    maker = await installation_of(context)
    async with reading(context.database) as work:
        refund = await work.refunds.find(refund_id)
        attempt = await work.attempts.find(refund.attempt_id) if refund else None
    if refund is None or attempt is None or attempt.is_foreign:
        return
    if refund.state != RefundState.CREATED.value:
        return
    payment = attempt.payment_intent_id or ""
    # Stripe drops idempotency keys after 24 hours, so look for the refund first.
    existing = [r for r in await context.gateway.refunds_of(payment) if r.our_id == refund.id]
    try:
        refund_facts = existing or [
            await context.gateway.refund(
                payment, refund.amount, refund.id, refund.idempotency_key or "", maker
            )
        ]
    except StripeRefused as error:
        others = await context.gateway.refunds_of(payment)
        await _record_refusal(context, refund, others, str(error))
        return
    if not await _record_answer(context, refund, refund_facts):
        whole_list = await context.gateway.refunds_of(payment)
        await _record_answer(context, refund, whole_list, is_whole=True)
    log.info(
        "refund.requested", refund=refund.id, booking=refund.booking_id, state=refund_facts[0].state
    )


async def _record_answer(
    context: Context, refund: Refund, facts: list[RefundFacts], *, is_whole: bool = False
) -> bool:
    """Record what Stripe answered. Return False, and record nothing, when it cannot be all.

    More refunds than money means that an earlier one has failed and no event has told us; the whole
    list from Stripe tells.
    """
    async with writing(context.database) as work:
        locked = await lock_booking(work, refund.booking_id, WORKER, context.clock())
        paid = await work.attempts.find(refund.attempt_id)
        assert locked is not None, "a refund belongs to a booking"
        assert paid is not None, "and to an attempt"
        if not is_whole and await _exceeds(locked, paid, facts):
            return False
        await apply_refunds(locked, paid, facts)
        await close_resolved_entries(locked)
        return True


async def _exceeds(
    locked: LockedBookingAndCourse, paid: PaymentAttempt, facts: list[RefundFacts]
) -> bool:
    """Tell whether these refunds and the recorded ones are more than was paid."""
    reported_ids = {fact.our_id for fact in facts} | {fact.id for fact in facts}
    recorded = sum(
        row.amount
        for row in await locked.work.refunds.of_attempt(paid.id)
        if row.stripe_refund_id
        and RefundState(row.state).counts
        and not reported_ids & {row.id, row.stripe_refund_id}
    )
    reported = sum(fact.amount for fact in facts if fact.state.counts)
    return recorded + reported > received_money(paid)[0]


async def _record_refusal(
    context: Context, refund: Refund, others: list[RefundFacts], reason: str
) -> None:
    """Record that Stripe refused. It may already have been refunded in Stripe's Dashboard."""
    async with writing(context.database) as work:
        locked = await lock_booking(work, refund.booking_id, WORKER, context.clock())
        paid = await work.attempts.find(refund.attempt_id)
        assert locked is not None, "a refund belongs to a booking"
        assert paid is not None, "and to an attempt"
        await apply_refunds(locked, paid, others)
        row = await work.refunds.find(refund.id)
        assert row is not None, "rows are never deleted"
        if row.state == RefundState.CREATED.value:
            row.last_error = reason[:500]
            locked.set_refund(row, RefundState.FAILED, reason)
            await _refund_rest_or_review(locked, paid, row, others)
        await close_resolved_entries(locked)
    log.warning("refund.refused", refund=refund.id, booking=refund.booking_id, error=reason)


async def _refund_rest_or_review(
    locked: LockedBookingAndCourse, paid: PaymentAttempt, row: Refund, others: list[RefundFacts]
) -> None:
    """Enqueue the sum still owed if the refund was too large; otherwise open an inbox entry."""
    owed = min(row.amount, await _amount_owed(locked, paid))
    if owed <= 0:
        return  # other refunds cover it
    left_at_stripe = received_money(paid)[0] - sum(r.amount for r in others if r.state.counts)
    if left_at_stripe < row.amount:
        words = RefundWords(row.reason, row.note, row.asked_by)
        await locked.enqueue_refund(paid, owed, row.cause, currency=row.currency, words=words)
    else:
        await _open_refund_failed(locked, row, row.last_error or "")


async def _amount_owed(locked: LockedBookingAndCourse, paid: PaymentAttempt) -> int:
    """Return the rest of a payment that we may not keep."""
    booking, work = locked.booking, locked.work
    left = await amount_left(locked, paid)
    is_decided = booking.kept_amount is not None or booking.confirmed_at is None
    is_over = locked.place in (SeatState.CANCELLED, SeatState.EXPIRED)
    was_price = paid.received_amount is None and paid.currency == booking.currency
    if not (is_decided and is_over and was_price):
        return left
    attempts = await work.attempts.of_booking(booking.id)
    balance = balance_of(booking, attempts, await work.refunds.of_booking(booking.id))
    return min(left, amount_owed(booking, balance))


async def apply_refunds(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, facts: list[RefundFacts]
) -> None:
    """Record the refunds of a payment as Stripe has them. The place never changes by this."""
    rows = await locked.work.refunds.of_attempt(attempt.id)
    for fact in facts:
        row = next((r for r in rows if fact.id == r.stripe_refund_id), None) or next(
            (r for r in rows if fact.our_id == r.id and r.stripe_refund_id is None), None
        )
        if row is None:
            await _record_outside_refund(locked, attempt, fact)
        else:
            await _update_refund(locked, row, fact)


async def _update_refund(locked: LockedBookingAndCourse, row: Refund, fact: RefundFacts) -> None:
    row.stripe_refund_id = fact.id
    if not may_become(RefundState(row.state), fact.state):
        return  # the same answer again, or an older one
    is_first_answer = row.state == RefundState.CREATED.value
    locked.set_refund(row, fact.state, f"Stripe says: {fact.state.value}.")
    if fact.state is RefundState.FAILED:
        row.last_error = fact.failure
        await _open_refund_failed(locked, row, fact.failure or "no reason given")
    elif is_first_answer:
        await locked.enqueue_mail(MailKind.REFUNDED, occasion=row.id)


async def _record_outside_refund(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, fact: RefundFacts
) -> None:
    row = Refund(
        id=new_id("rfd"),
        booking_id=locked.booking.id,
        attempt_id=attempt.id,
        state=fact.state.value,
        amount=fact.amount,
        currency=fact.currency,
        cause="stripe_dashboard",
        stripe_refund_id=fact.id,
        created_at=locked.now,
        updated_at=locked.now,
    )
    await locked.add_refund(row, "A refund was made outside coursebook.")
    if fact.state is RefundState.FAILED:
        row.last_error = fact.failure
        await _open_refund_failed(locked, row, fact.failure or "no reason given")
        return
    if locked.place is not SeatState.CONFIRMED:
        return  # no place to decide about
    detail = (
        f"{money_in_words(row.amount, row.currency)} went back from Stripe's dashboard. "
        "Does the student keep the place?"
    )
    key = f"refund-seen:{fact.id}"
    await _open_entry(
        locked, InboxEntryDraft(key, InboxKind.REFUND_FROM_OUTSIDE, detail, **_entry_fields(row))
    )


async def _open_refund_failed(locked: LockedBookingAndCourse, row: Refund, reason: str) -> None:
    detail = (
        f"A refund of {money_in_words(row.amount, row.currency)} failed: {reason}. "
        "The student has to be paid in another way."
    )
    if row.idempotency_key:  # our own: a mail has announced it
        await locked.enqueue_mail(MailKind.REFUND_FAILED, occasion=row.id)
    key = f"refund-failed:{row.id}"
    await _open_entry(
        locked, InboxEntryDraft(key, InboxKind.REFUND_FAILED, detail, **_entry_fields(row))
    )


async def _open_entry(locked: LockedBookingAndCourse, draft: InboxEntryDraft) -> None:
    await open_inbox_entry(locked.work, draft, actor=locked.actor, now=locked.now)


def _entry_fields(row: Refund) -> dict[str, Any]:
    return {
        "booking_id": row.booking_id,
        "attempt_id": row.attempt_id,
        "subject_id": row.id,
        "amount": row.amount,
        "currency": row.currency,
    }


async def amount_left(locked: LockedBookingAndCourse, attempt: PaymentAttempt) -> int:
    """Return the rest of a payment after all refunds, including enqueued ones."""
    await locked.work.flush()
    refunds = await locked.work.refunds.of_attempt(attempt.id)
    return money_left([attempt], refunds).get(attempt.id, 0)
