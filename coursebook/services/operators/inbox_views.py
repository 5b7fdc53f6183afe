"""From entries of the money inbox to what operators are shown."""

from coursebook.domain.inbox import ACTION, CAUSE, MONEY, InboxKind, Resolution
from coursebook.persistence.schema.tables import MoneyInboxEntry
from coursebook.services.views import InboxEntryView, MoneyView


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
