"""Counts and ages for monitoring: pending work, open decisions and heartbeats."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import (
    Booking,
    MoneyInboxEntry,
    OutboxMessage,
    Pulse,
    Refund,
    WebhookEvent,
)


@dataclass(frozen=True)
class Waiting:
    """The number of pending rows, and the time of the oldest (None: nothing is pending)."""

    count: int
    since: datetime | None


_MAX_CONNECTIONS = sa.text("""
    SELECT least(
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    )
""")
"""`least` ignores NULL; -1 means no limit; `reserved_connections` exists since PostgreSQL 16."""


class Statistics:
    """Queries over whole tables. Each uses an index or a small table."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def max_connections(self) -> int:
        """Return how many connections PostgreSQL allows all our processes together."""
        return int(await self._session.scalar(_MAX_CONNECTIONS))

    async def bookings(self) -> dict[str, int]:
        """Count bookings by seat state."""
        query = sa.select(col(Booking.place), sa.func.count()).group_by(col(Booking.place))
        return {row[0]: row[1] for row in (await self._session.execute(query)).all()}

    async def overdue_holds(self, now: datetime) -> Waiting:
        """Count held seats whose hold has ended and that Stripe has not settled."""
        is_overdue = sa.and_(col(Booking.place) == "held", col(Booking.hold_expires_at) < now)
        return await self._waiting(col(Booking.hold_expires_at), is_overdue)

    async def events(self) -> Waiting:
        """Count Stripe events that are stored and not handled."""
        return await self._waiting(
            col(WebhookEvent.received_at), col(WebhookEvent.handled_at).is_(None)
        )

    async def last_event(self) -> datetime | None:
        """Return when the last Stripe event arrived."""
        received_at: datetime | None = await self._session.scalar(
            sa.select(sa.func.max(col(WebhookEvent.received_at)))
        )
        return received_at

    async def outbox(self) -> Waiting:
        """Count messages of the outbox that are not done: mails, refunds, sessions to close."""
        is_pending = sa.and_(col(OutboxMessage.done_at).is_(None), ~col(OutboxMessage.is_dead))
        return await self._waiting(col(OutboxMessage.created_at), is_pending)

    async def dead_messages(self) -> int:
        """Count messages of the outbox that were given up."""
        is_dead = sa.and_(col(OutboxMessage.done_at).is_(None), col(OutboxMessage.is_dead))
        return (await self._waiting(col(OutboxMessage.created_at), is_dead)).count

    async def money_inbox(self) -> Waiting:
        """Count open entries of the money inbox."""
        return await self._waiting(
            col(MoneyInboxEntry.created_at), col(MoneyInboxEntry.resolved_at).is_(None)
        )

    async def refunds(self) -> Waiting:
        """Count refunds that have not succeeded yet."""
        unfinished = [RefundState.CREATED.value, RefundState.PENDING.value]
        return await self._waiting(col(Refund.created_at), col(Refund.state).in_(unfinished))

    async def pulses(self) -> dict[str, datetime]:
        """Return the last run of each periodic job, by name."""
        return {pulse.name: pulse.at for pulse in await self._session.scalars(sa.select(Pulse))}

    async def _waiting(self, since: Any, condition: Any) -> Waiting:  # noqa: ANN401 - SQL expressions
        query = sa.select(sa.func.count(), sa.func.min(since)).where(condition)
        count, oldest = (await self._session.execute(query)).one()
        return Waiting(count, oldest)
