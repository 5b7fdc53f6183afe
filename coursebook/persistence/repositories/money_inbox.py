"""The money inbox: decisions for a person, one entry for each cause."""

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.inbox import HOLDS_MONEY, InboxKind, Resolution
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import MoneyInboxEntry


@dataclass(frozen=True)
class InboxEntryDraft:
    """A new entry, stored once for each `key`. `amount` is in minor units of `currency`."""

    key: str
    kind: InboxKind
    detail: str
    booking_id: str | None = None
    attempt_id: str | None = None
    subject_id: str | None = None
    session_id: str | None = None
    amount: int | None = None
    currency: str | None = None


class MoneyInbox:
    """The table `money_inbox_entry`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, draft: InboxEntryDraft, now: datetime) -> MoneyInboxEntry | None:
        """Open an entry. Return None when it is open already or was decided by a person.

        An entry that was closed as obsolete is opened again.
        """
        values = asdict(draft)
        key = values.pop("key")
        row = {"id": new_id("inb"), "dedupe_key": key, "created_at": now, **values}
        row["kind"] = draft.kind.value
        if not await insert_once(self._session, MoneyInboxEntry, row, ["dedupe_key"]):
            return await self._reopen(key, draft.detail)
        return await self.by_key(key)

    async def _reopen(self, key: str, detail: str) -> MoneyInboxEntry | None:
        entry = await self.by_key(key)
        if entry is None or entry.resolution != Resolution.OBSOLETE.value:
            return None
        entry.resolved_at = entry.resolved_by = entry.resolution = None
        entry.acted_at = entry.acted_by = None
        entry.detail = detail
        await self._session.flush()
        return entry

    async def by_key(self, key: str) -> MoneyInboxEntry | None:
        """Return the entry of a cause, open or closed."""
        query = sa.select(MoneyInboxEntry).where(col(MoneyInboxEntry.dedupe_key) == key)
        return (await self._session.scalars(query)).first()

    async def known_keys(self, keys: list[str]) -> set[str]:
        """Return the keys that have an entry, open or closed."""
        query = sa.select(col(MoneyInboxEntry.dedupe_key)).where(
            col(MoneyInboxEntry.dedupe_key).in_(keys)
        )
        return set((await self._session.scalars(query)).all())

    async def find(self, entry_id: str) -> MoneyInboxEntry | None:
        """Return one entry, without a lock."""
        return await self._session.get(MoneyInboxEntry, entry_id)

    async def lock(self, entry_id: str) -> MoneyInboxEntry | None:
        """Return an entry under its row lock. Always lock its course and booking first."""
        query = (
            sa.select(MoneyInboxEntry)
            .where(col(MoneyInboxEntry.id) == entry_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self._session.scalars(query)).first()

    async def open_of(self, booking_id: str) -> list[MoneyInboxEntry]:
        """Return the open entries of a booking."""
        query = sa.select(MoneyInboxEntry).where(
            col(MoneyInboxEntry.booking_id) == booking_id,
            col(MoneyInboxEntry.resolved_at).is_(None),
        )
        return list((await self._session.scalars(query)).all())

    async def all_open(self) -> list[MoneyInboxEntry]:
        """Return every open entry."""
        query = sa.select(MoneyInboxEntry).where(col(MoneyInboxEntry.resolved_at).is_(None))
        return list((await self._session.scalars(query)).all())

    async def open_of_kind(self, kind: InboxKind) -> list[MoneyInboxEntry]:
        """Return every open entry of a kind."""
        query = sa.select(MoneyInboxEntry).where(
            col(MoneyInboxEntry.kind) == kind.value, col(MoneyInboxEntry.resolved_at).is_(None)
        )
        return list((await self._session.scalars(query)).all())

    async def decided_of(self, booking_ids: list[str]) -> dict[str, int]:
        """Return the amount (minor units) of each attempt that a person decides or decided about.

        Amounts that the entry's own action refunded, or whose cause is gone, do not count.
        """
        query = sa.select(MoneyInboxEntry).where(
            col(MoneyInboxEntry.booking_id).in_(booking_ids),
            col(MoneyInboxEntry.attempt_id).is_not(None),
            col(MoneyInboxEntry.kind).in_([kind.value for kind in HOLDS_MONEY]),
            sa.or_(
                col(MoneyInboxEntry.resolved_at).is_(None),
                col(MoneyInboxEntry.resolution) == Resolution.BY_HAND.value,
            ),
        )
        amounts: dict[str, int] = {}
        for entry in (await self._session.scalars(query)).all():
            attempt_id = str(entry.attempt_id)
            amounts[attempt_id] = amounts.get(attempt_id, 0) + (entry.amount or 0)
        return amounts

    async def asked_about(self, payment_intent_id: str) -> bool:
        """Return whether a payment without a booking has an entry, open or closed."""
        query = sa.select(col(MoneyInboxEntry.id)).where(
            col(MoneyInboxEntry.kind) == InboxKind.PAID_WITHOUT_BOOKING.value,
            col(MoneyInboxEntry.subject_id) == payment_intent_id,
        )
        return (await self._session.scalars(query.limit(1))).first() is not None

    async def count_open(self, most: int) -> int:
        """Return how many entries are open, and at most `most`."""
        some = sa.select(col(MoneyInboxEntry.id)).where(col(MoneyInboxEntry.resolved_at).is_(None))
        query = sa.select(sa.func.count()).select_from(some.limit(most).subquery())
        return int((await self._session.scalar(query)) or 0)

    async def page(
        self, *, is_open: bool, after: tuple[datetime, str] | None, limit: int
    ) -> list[MoneyInboxEntry]:
        """Return entries, oldest first. Each half (open, closed) has an index in this order."""
        created_at, entry_id = col(MoneyInboxEntry.created_at), col(MoneyInboxEntry.id)
        closed = col(MoneyInboxEntry.resolved_at)
        query = sa.select(MoneyInboxEntry).where(
            closed.is_(None) if is_open else closed.is_not(None)
        )
        if after is not None:
            query = query.where(sa.tuple_(created_at, entry_id) > sa.tuple_(*_bound(after)))
        return list(
            (await self._session.scalars(query.order_by(created_at, entry_id).limit(limit))).all()
        )


def _bound(after: tuple[datetime, str]) -> tuple[sa.ColumnElement[datetime], sa.ColumnElement[str]]:
    created_at, entry_id = after
    return (
        sa.literal(created_at, MoneyInboxEntry.__table__.c.created_at.type),  # type: ignore[attr-defined]
        sa.literal(entry_id),
    )
