"""What operators are shown of the money inbox: frozen, ready to be read."""

from dataclasses import dataclass
from datetime import datetime

from coursebook.domain.inbox import ACTION, CAUSE, MONEY, InboxAction, InboxKind, Resolution
from coursebook.persistence.tables import MoneyInboxEntry
from coursebook.services.views import MoneyView


@dataclass(frozen=True)
class InboxEntryView:
    """One thing that a person has to decide. `action` is None when it is closed.

    `expect` is what the action gives back now, None when it moves no money; with `student` and
    `course` ("" without a booking) it is told of a single entry, not in lists.
    """

    id: str
    kind: InboxKind
    cause: str
    money: str
    detail: str
    amount: MoneyView | None
    booking_id: str | None
    session_id: str | None
    action: InboxAction | None
    created_at: datetime
    acted_at: datetime | None
    acted_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    resolution: Resolution | None
    note: str | None
    expect: MoneyView | None = None
    student: str = ""
    course: str = ""


@dataclass(frozen=True)
class InboxPage:
    """One page of entries, the oldest first."""

    items: tuple[InboxEntryView, ...]
    next_cursor: str | None


def inbox_entry_view(row: MoneyInboxEntry) -> InboxEntryView:
    """Return an entry with what its kind means."""
    kind = InboxKind(row.kind)
    has_amount = row.amount is not None and row.currency
    return InboxEntryView(
        id=row.id,
        kind=kind,
        cause=CAUSE[kind],
        money=MONEY[kind],
        detail=row.detail,
        amount=MoneyView(row.amount or 0, row.currency or "") if has_amount else None,
        booking_id=row.booking_id,
        session_id=row.session_id,
        action=ACTION[kind] if row.resolved_at is None else None,
        created_at=row.created_at,
        acted_at=row.acted_at,
        acted_by=row.acted_by,
        closed_at=row.resolved_at,
        closed_by=row.resolved_by,
        resolution=Resolution(row.resolution) if row.resolution else None,
        note=row.note,
    )
