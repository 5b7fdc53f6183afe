"""The money inbox: what a person has to decide, one entry for each cause."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.columns import new_id
from coursebook.persistence.insert import insert_once
from coursebook.persistence.tables import MoneyInboxEntry


class MoneyInbox:
    """The table `money_inbox_entry`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(
        self,
        key: str,
        kind: str,
        detail: str,
        now: datetime,
        *,
        booking_id: str | None = None,
        session_id: str | None = None,
    ) -> None:
        """Ask a person, once for this key."""
        row = {
            "id": new_id("inb"),
            "dedupe_key": key,
            "kind": kind,
            "detail": detail,
            "booking_id": booking_id,
            "session_id": session_id,
            "created_at": now,
        }
        await insert_once(self._session, MoneyInboxEntry, row, ["dedupe_key"])

    async def open_sessions_of(self, booking_id: str) -> set[str]:
        """Return the sessions of a booking about which somebody still has to decide."""
        query = sa.select(col(MoneyInboxEntry.session_id)).where(
            col(MoneyInboxEntry.booking_id) == booking_id,
            col(MoneyInboxEntry.resolved_at).is_(None),
            col(MoneyInboxEntry.session_id).is_not(None),
        )
        return {session for session in (await self._session.scalars(query)).all() if session}

    async def open_entries(self, limit: int) -> list[MoneyInboxEntry]:
        """Return what is not decided yet, oldest first."""
        query = (
            sa.select(MoneyInboxEntry)
            .where(col(MoneyInboxEntry.resolved_at).is_(None))
            .order_by(col(MoneyInboxEntry.created_at))
            .limit(limit)
        )
        return list((await self._session.scalars(query)).all())
