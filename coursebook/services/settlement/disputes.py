"""Disputes: record what Stripe reports, and open the inbox entries that need an operator."""

from dataclasses import replace

import structlog

from coursebook.domain.amount_text import money_in_words
from coursebook.domain.booking import SeatState
from coursebook.domain.dispute import DisputeState, may_become
from coursebook.domain.inbox import InboxKind
from coursebook.domain.refund import RefundState
from coursebook.payments.gateway import DisputeFacts
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Dispute, PaymentAttempt
from coursebook.services.bookings.balance import amount_owed, balance_of, received_money
from coursebook.services.context import Context
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.settlement.inbox_entries import open_inbox_entry
from coursebook.services.settlement.refunds import amount_left

log = structlog.get_logger("coursebook.payments")

INBOX_KIND: dict[DisputeState, InboxKind] = {
    DisputeState.INQUIRY: InboxKind.INQUIRY_OPEN,
    DisputeState.OPEN: InboxKind.DISPUTE_OPEN,
    DisputeState.LOST: InboxKind.DISPUTE_LOST,
    DisputeState.WON: InboxKind.DISPUTE_WON_LATE,
}
"""The inbox entry of each state. LOST and WON open one only in some cases."""
DISPUTE_WON = "dispute_won"
"""The cause of a refund that was owed while a bank disputed the payment."""


async def apply_disputes(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    facts: list[DisputeFacts],
    context: Context,
) -> None:
    """Record the disputes of a payment as Stripe has them. The place never changes by this."""
    disputes = {d.stripe_dispute_id: d for d in await locked.work.disputes.of_attempt(attempt.id)}
    updates: list[tuple[Dispute, DisputeFacts]] = []
    for fact in sorted(facts, key=lambda f: f.id):
        row = disputes.get(fact.id)
        if row is None:
            row = disputes[fact.id] = await _record_dispute(locked, attempt, fact)
        elif may_become(DisputeState(row.state), fact.state):
            locked.set_dispute(row, fact.state, f"Stripe says: {fact.state.value}.")
        else:
            row.answer_by, row.fee = fact.answer_by, max(row.fee or 0, fact.fee)
            if row.state == fact.state.value:
                row.amount, row.currency = fact.amount, fact.currency
            continue  # the same answer again, or an older one
        row.amount, row.currency, row.answer_by = fact.amount, fact.currency, fact.answer_by
        row.fee = max(row.fee or 0, fact.fee)
        await _open_entries(locked, attempt, row, fact, livemode=context.gateway.livemode)
        updates.append((row, fact))
    attempt.is_disputed = any(DisputeState(d.state).takes_money for d in disputes.values())
    if locked.place is not SeatState.CONFIRMED:
        for row, fact in updates:
            await _handle_end(locked, attempt, row, fact)


async def _handle_end(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, row: Dispute, fact: DisputeFacts
) -> None:
    """Handle a dispute that ended when the place is not confirmed.

    Won: refund the sum owed; without a decision about it, open an inbox entry. Lost: if we had
    refunded too, the student has the money twice: open an inbox entry.
    """
    left = await amount_left(locked, attempt)
    if fact.state is DisputeState.WON and _is_decided(locked):
        owed = await _amount_owed(locked, attempt)
        if owed and not attempt.is_disputed:
            await locked.enqueue_refund(attempt, owed, DISPUTE_WON)
    elif fact.state is DisputeState.WON and left and _may_be_owed(locked, row):
        draft = _draft(attempt, row, InboxKind.DISPUTE_WON_LATE, _detail(fact))
        await _open_entry(locked, draft)
    twice = row.amount + await _amount_refunded(locked, attempt) - received_money(attempt)[0]
    if fact.state is DisputeState.LOST and row.currency == received_money(attempt)[1] and twice > 0:
        again = money_in_words(twice, row.currency)
        detail = f"{_detail(fact)} {again} of it had been given back before."
        draft = _draft(attempt, row, InboxKind.GIVEN_BACK_TWICE, detail)
        await _open_entry(locked, replace(draft, amount=twice))


def _is_decided(locked: LockedBookingAndCourse) -> bool:
    """Whether we know how much the school keeps. A lost hold keeps nothing."""
    return locked.booking.kept_amount is not None or locked.booking.confirmed_at is None


async def _amount_owed(locked: LockedBookingAndCourse, attempt: PaymentAttempt) -> int:
    """Return what of a payment is still to be refunded."""
    booking, work = locked.booking, locked.work
    attempts = await work.attempts.of_booking(booking.id)
    balance = balance_of(booking, attempts, await work.refunds.of_booking(booking.id))
    return min(amount_owed(booking, balance), balance.free.get(attempt.id, 0))


async def _amount_refunded(locked: LockedBookingAndCourse, attempt: PaymentAttempt) -> int:
    """Return the amount that Stripe has refunded of a payment, without enqueued refunds."""
    refunds = await locked.work.refunds.of_attempt(attempt.id)
    return sum(r.amount for r in refunds if r.stripe_refund_id and RefundState(r.state).counts)


async def _record_dispute(
    locked: LockedBookingAndCourse, attempt: PaymentAttempt, fact: DisputeFacts
) -> Dispute:
    row = Dispute(
        id=new_id("dsp"),
        booking_id=locked.booking.id,
        attempt_id=attempt.id,
        stripe_dispute_id=fact.id,
        state=fact.state.value,
        amount=fact.amount,
        currency=fact.currency,
        reason=fact.reason[:60],
        answer_by=fact.answer_by,
        created_at=locked.now,
        updated_at=locked.now,
    )
    await locked.add_dispute(row, f"The bank's reason: {fact.reason.replace('_', ' ')}.")
    log.warning(
        "dispute.recorded", dispute=fact.id, booking=locked.booking.id, state=fact.state.value
    )
    return row


async def _open_entries(
    locked: LockedBookingAndCourse,
    attempt: PaymentAttempt,
    row: Dispute,
    fact: DisputeFacts,
    *,
    livemode: bool,
) -> None:
    kind = INBOX_KIND.get(fact.state)
    if fact.state is DisputeState.WON:
        kind = None  # see `_handle_end` for places that are not confirmed
    if fact.state is DisputeState.LOST and locked.place is not SeatState.CONFIRMED:
        kind = None  # no place to decide about
    if kind is not None:
        await _open_entry(locked, _draft(attempt, row, kind, _detail(fact)))
    amount, currency = received_money(attempt)
    differs = fact.currency != currency or fact.amount > amount
    if (differs or fact.livemode != livemode) and not fact.state.is_over:
        detail = f"{_detail(fact)} We know of {money_in_words(amount, currency)}."
        await _open_entry(locked, _draft(attempt, row, InboxKind.DISPUTE_DIFFERS, detail))


def _may_be_owed(locked: LockedBookingAndCourse, row: Dispute) -> bool:
    """Whether money from a won dispute may have been kept only because it was disputed.

    If the place had ended before the dispute began, we kept it by the terms.
    """
    ended = locked.booking.cancelled_at
    return ended is None or ended >= row.created_at


def _draft(attempt: PaymentAttempt, row: Dispute, kind: InboxKind, detail: str) -> InboxEntryDraft:
    return InboxEntryDraft(
        f"{kind.value}:{row.stripe_dispute_id}",
        kind,
        detail,
        booking_id=attempt.booking_id,
        attempt_id=attempt.id,
        subject_id=row.id,
        session_id=attempt.session_id,
        amount=row.amount,
        currency=row.currency,
    )


async def _open_entry(locked: LockedBookingAndCourse, draft: InboxEntryDraft) -> None:
    await open_inbox_entry(locked.work, draft, actor=locked.actor, now=locked.now)


def _detail(fact: DisputeFacts) -> str:
    kind = "An inquiry" if fact.state is DisputeState.INQUIRY else "A dispute"
    until = ""
    if fact.answer_by is not None and not fact.state.is_over:
        until = f" Answer it in Stripe's dashboard before {fact.answer_by:%Y-%m-%d %H:%M} UTC."
    reason = fact.reason.replace("_", " ")
    money = money_in_words(fact.amount, fact.currency)
    return f"{kind} about {money}, {reason}: {fact.id}.{until}"
