"""Webhook events: stored under Stripe's id, then handled at least once."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.external_text import clean_text
from coursebook.persistence.schema.insert import insert_new
from coursebook.persistence.schema.tables import WebhookEvent

LEASE = timedelta(seconds=30)
MIN_RETRY_SECONDS = 2
MAX_RETRY_SECONDS = 3600

_EVENTS: sa.Table = WebhookEvent.__table__  # type: ignore[attr-defined]
_HANDLED = sa.update(_EVENTS).where(_EVENTS.c.id == sa.bindparam("event"))
_HANDLED = _HANDLED.values(handled_at=sa.bindparam("handled_at"), outcome=sa.bindparam("outcome"))


class Events:
    """The table `webhook_event`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def store(self, rows: Sequence[dict[str, Any]]) -> list[bool]:
        """Insert events, each with `received_at`. Return for each whether it is new."""
        # Leased at once: the receiver handles it immediately, the worker only if that failed.
        leased = [{**row, "next_try_at": row["received_at"] + LEASE, "tries": 0} for row in rows]
        new = await insert_new(self._session, WebhookEvent, leased, "id")
        are_new = []
        for row in rows:
            are_new.append(row["id"] in new)
            new.discard(row["id"])  # of an event that arrives twice at once, one is new
        return are_new

    async def find(self, event_id: str) -> WebhookEvent | None:
        """Return a stored event."""
        return await self._session.get(WebhookEvent, event_id)

    async def claim(self, now: datetime, limit: int) -> list[WebhookEvent]:
        """Lease unhandled events that are due."""
        query = due_events(now).order_by(col(WebhookEvent.next_try_at)).limit(limit)
        query = query.with_for_update(skip_locked=True)
        due = list((await self._session.scalars(query)).all())
        for event in due:
            event.next_try_at = now + LEASE
        return due

    async def handled(self, outcomes: Iterable[tuple[str, str]], now: datetime) -> None:
        """Mark events as handled: pairs of an event's id and its outcome."""
        # Sorted, so that two processes with the same events never wait for each other.
        rows = [
            {"event": event_id, "handled_at": now, "outcome": clean_text(outcome, 500)}
            for event_id, outcome in sorted(outcomes)
        ]
        await self._session.execute(_HANDLED, rows)

    async def close_all(self, outcome: str, now: datetime) -> int:
        """Mark every pending event as handled, without handling it. Return their number."""
        query = sa.select(WebhookEvent).where(col(WebhookEvent.handled_at).is_(None))
        pending = (await self._session.scalars(query)).all()
        for event in pending:
            event.handled_at, event.outcome = now, outcome
        return len(pending)

    async def failed(self, event_id: str, error: str, now: datetime) -> None:
        """Record a failure and schedule the next attempt. Events are never given up."""
        event = await self.find(event_id)
        if event is not None:
            event.tries += 1
            pause = min(MIN_RETRY_SECONDS * 2 ** min(event.tries, 12), MAX_RETRY_SECONDS)
            event.next_try_at = now + timedelta(seconds=pause)
            event.outcome = clean_text(error, 500)


def due_events(now: datetime) -> sa.Select[WebhookEvent]:
    """Return the query for unhandled events that are due."""
    is_due = col(WebhookEvent.next_try_at) <= now
    return sa.select(WebhookEvent).where(col(WebhookEvent.handled_at).is_(None), is_due)
