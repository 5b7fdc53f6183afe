"""Entries of the money inbox: opened and closed with an audit row each."""

from datetime import datetime

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.dispute import DisputeState
from coursebook.domain.inbox import InboxContext, InboxKind, Resolution, is_obsolete
from coursebook.domain.refund import RefundState
from coursebook.live import topics
from coursebook.log import current_request_id
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.repositories.money_inbox import InboxEntryDraft
from coursebook.persistence.schema.tables import Dispute, MoneyInboxEntry, PaymentAttempt, Refund
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.bookings.balance import money_left
from coursebook.services.locked_booking import LockedBooking

ALERT = "mail:inbox_entry"
"""The outbox kind of the mail to operators. The addresses are read when it is sent."""

CLOSED = {
    Resolution.DONE: "Done.",
    Resolution.OBSOLETE: "The cause is gone.",
    Resolution.BY_HAND: "Handled by hand; the note is in the entry.",
}
"""The cause in the audit trail when an entry is closed."""

log = structlog.get_logger("coursebook.inbox")


async def open_inbox_entry(
    work: UnitOfWork, draft: InboxEntryDraft, *, actor: Actor, now: datetime
) -> None:
    """Write an entry in the transaction of its cause, and enqueue the mail to operators.

    A second entry with the same key changes nothing.
    """
    entry = await work.inbox.put(draft, now)
    if entry is not None:
        _audit(work, entry, "open", draft.detail, actor=actor, now=now, before=None)
        booking_id = entry.booking_id
        await work.outbox.enqueue(
            ALERT, f"mail:{entry.id}", {"entry_id": entry.id}, now, booking_id=booking_id
        )
        log.warning("inbox.opened", entry=entry.id, kind=entry.kind, booking=entry.booking_id)


async def close_entry(
    work: UnitOfWork,
    entry: MoneyInboxEntry,
    how: Resolution,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> None:
    """Close an open entry. `note`, a person's own words, stands only in the entry."""
    entry.resolved_at, entry.resolved_by, entry.resolution = now, str(actor), how.value
    entry.note = note or entry.note
    await work.flush()
    cause = CLOSED[how]
    _audit(work, entry, "closed", cause, actor=actor, now=now, before="open")
    log.info("inbox.closed", entry=entry.id, kind=entry.kind, how=how.value)


def note_action(
    work: UnitOfWork, entry: MoneyInboxEntry, cause: str, *, actor: Actor, now: datetime
) -> None:
    """Record that the action of an entry has begun. The entry closes when its cause is gone."""
    entry.acted_at, entry.acted_by = now, str(actor)
    _audit(work, entry, "open", cause, actor=actor, now=now, before="open")


async def close_resolved_entries(locked: LockedBooking) -> None:
    """Close the entries of a booking whose cause is gone. Called after every change."""
    work, booking = locked.work, locked.booking
    await work.flush()
    entries = await work.inbox.open_of(booking.id)
    if not entries:
        return
    attempts = await work.attempts.of_booking(booking.id)
    refunds = await work.refunds.of_booking(booking.id)
    disputes = await work.disputes.of_booking(booking.id)
    for entry in entries:
        inbox_context = _inbox_context(locked, entry, attempts, refunds, disputes)
        if is_obsolete(InboxKind(entry.kind), inbox_context):
            await close_entry(work, entry, Resolution.OBSOLETE, actor=locked.actor, now=locked.now)


def _inbox_context(
    locked: LockedBooking,
    entry: MoneyInboxEntry,
    attempts: list[PaymentAttempt],
    refunds: list[Refund],
    disputes: list[Dispute],
) -> InboxContext:
    refund = next((r for r in refunds if r.id == entry.subject_id), None)
    dispute = next((d for d in disputes if d.id == entry.subject_id), None)
    since = sum(
        r.amount
        for r in refunds
        if refund is not None
        and r.attempt_id == refund.attempt_id
        and r.created_at > refund.updated_at  # when it failed
        and RefundState(r.state).counts
    )
    return InboxContext(
        place=locked.place,
        left=money_left(attempts, refunds).get(entry.attempt_id or "", 0),
        requested=entry.amount or 0,
        back_since=since,
        refund=RefundState(refund.state) if refund else None,
        dispute=DisputeState(dispute.state) if dispute else None,
        taken=dispute.amount if dispute else 0,
        is_lost=any(
            d.attempt_id == entry.attempt_id and d.state == DisputeState.LOST.value
            for d in disputes
        ),
    )


def _audit(
    work: UnitOfWork,
    entry: MoneyInboxEntry,
    then: str,
    cause: str,
    *,
    actor: Actor,
    now: datetime,
    before: str | None,
) -> None:
    data = {"entry": entry.id, "kind": entry.kind}
    change = Change(entry.booking_id, f"inbox {entry.id}", "inbox", before, then, cause, data)
    work.audit.write(change, actor=actor, request_id=current_request_id(), now=now)
    work.mark_changed(topics.INBOX)
