"""The audit trail: rows are only ever added."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.actor import Actor
from coursebook.persistence.schema.tables import AuditEntry


@dataclass(frozen=True)
class Change:
    """One change of state. `subject` names what changed, such as `booking` or `attempt 2`."""

    booking_id: str | None
    subject: str
    event: str
    from_state: str | None
    to_state: str | None
    cause: str = ""
    data: dict[str, Any] = field(default_factory=dict)


_INSERT = sa.insert(AuditEntry.__table__).inline()  # type: ignore[attr-defined]
"""Without asking for the new keys: nobody needs them."""


class Audit:
    """The table `audit_entry`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._rows: list[dict[str, Any]] = []

    def write(self, change: Change, *, actor: Actor, request_id: str, now: datetime) -> None:
        """Note a change, by whom, and within which request; `put_down` makes the row."""
        self._rows.append(
            {
                "at": now,
                "booking_id": change.booking_id,
                "subject": change.subject,
                "actor": str(actor)[:160],  # an id of Stripe's in it may be longer than its column
                "event": change.event,
                "from_state": change.from_state,
                "to_state": change.to_state,
                "cause": change.cause,
                "request_id": request_id,
                "data": change.data,
            }
        )

    async def flush(self) -> None:
        """Write the rows of this transaction, in order, after what they tell of."""
        if self._rows:
            await self._session.flush()
            await self._session.execute(_INSERT, self._rows)
            self._rows = []

    async def of_booking(self, booking_id: str) -> list[AuditEntry]:
        """Return everything that happened to a booking, in order."""
        query = sa.select(AuditEntry).where(col(AuditEntry.booking_id) == booking_id)
        return list((await self._session.scalars(query.order_by(col(AuditEntry.id)))).all())

    async def of_bookings(self, booking_ids: list[str]) -> dict[str, list[AuditEntry]]:
        """Return everything that happened to several bookings in one query, in order."""
        query = (
            sa.select(AuditEntry)
            .where(col(AuditEntry.booking_id).in_(booking_ids))
            .order_by(col(AuditEntry.booking_id), col(AuditEntry.id))
        )
        found: dict[str, list[AuditEntry]] = {}
        for entry in (await self._session.scalars(query)).all():
            found.setdefault(str(entry.booking_id), []).append(entry)
        return found
