"""Counts and ages for those who watch: what waits, since when, and what nobody has decided."""

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
    """How many things wait, and since when the oldest of them does (None: nothing waits)."""

    count: int
    since: datetime | None


_MOST_CONNECTIONS = sa.text("""
    SELECT least(
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    )
""")
"""`least` passes over NULL; -1 is «no limit»; `reserved_connections` came with PostgreSQL 16."""


class Statistics:
    """Questions over whole tables; each is answered by an index or a small table."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def most_connections(self) -> int:
        """Return how many connections PostgreSQL lets us have, all our processes together."""
        return int(await self._session.scalar(_MOST_CONNECTIONS))

    async def bookings(self) -> dict[str, int]:
        """Count bookings by the state of their place."""
        query = sa.select(col(Booking.place), sa.func.count()).group_by(col(Booking.place))
        return {row[0]: row[1] for row in (await self._session.execute(query)).all()}

    async def overdue_holds(self, now: datetime) -> Waiting:
        """Held places whose time is over: Stripe is still to be asked about them."""
        overdue = sa.and_(col(Booking.place) == "held", col(Booking.hold_expires_at) < now)
        return await self._waiting(col(Booking.hold_expires_at), overdue)

    async def events(self) -> Waiting:
        """Events of Stripe that are stored and not handled."""
        return await self._waiting(
            col(WebhookEvent.received_at), col(WebhookEvent.handled_at).is_(None)
        )

    async def last_event(self) -> datetime | None:
        """When Stripe last told us anything."""
        found: datetime | None = await self._session.scalar(
            sa.select(sa.func.max(col(WebhookEvent.received_at)))
        )
        return found

    async def outbox(self) -> Waiting:
        """Promises that are not kept yet: mails, refunds, sessions to close."""
        waits = sa.and_(col(OutboxMessage.done_at).is_(None), ~col(OutboxMessage.is_dead))
        return await self._waiting(col(OutboxMessage.created_at), waits)

    async def dead_promises(self) -> int:
        """Promises that were given up."""
        dead = sa.and_(col(OutboxMessage.done_at).is_(None), col(OutboxMessage.is_dead))
        return (await self._waiting(col(OutboxMessage.created_at), dead)).count

    async def money_inbox(self) -> Waiting:
        """Money that a person has to decide about."""
        return await self._waiting(
            col(MoneyInboxEntry.created_at), col(MoneyInboxEntry.resolved_at).is_(None)
        )

    async def refunds(self) -> Waiting:
        """Money on its way back that has not arrived."""
        under_way = [RefundState.CREATED.value, RefundState.PENDING.value]
        return await self._waiting(col(Refund.created_at), col(Refund.state).in_(under_way))

    async def pulses(self) -> dict[str, datetime]:
        """When each thing that runs by itself last came round."""
        return {pulse.name: pulse.at for pulse in await self._session.scalars(sa.select(Pulse))}

    async def _waiting(self, since: Any, which: Any) -> Waiting:  # noqa: ANN401 - SQL expressions
        query = sa.select(sa.func.count(), sa.func.min(since)).where(which)
        count, oldest = (await self._session.execute(query)).one()
        return Waiting(count, oldest)
