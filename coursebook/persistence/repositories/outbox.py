"""The outbox: jobs stored in a transaction and run after it, at least once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.external_text import clean_text
from coursebook.log import current_request_id
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.insert import insert_all_once, insert_once
from coursebook.persistence.schema.tables import OutboxMessage

LEASE = timedelta(minutes=3)
"""Longer than the slowest job takes, such as with an SMTP server that hardly answers."""
MIN_RETRY_SECONDS = 5
MAX_RETRY_SECONDS = 3600
MAX_ATTEMPTS = 20


class Lane(IntEnum):
    """Which messages go first: of those that are due, the lower lane.

    0: money and places · 1: other work for one person · 2: bulk, the same mail to many people.
    """

    FIRST = 0
    PERSONAL = 1
    BULK = 2


@dataclass(frozen=True)
class OutboxDraft:
    """A message before it is stored. Of several with one `key` only the first is kept.

    `id`: that of the row, "" for any.
    """

    kind: str
    key: str
    payload: dict[str, Any]
    booking_id: str | None = None
    lane: Lane = Lane.FIRST
    id: str = ""


class Outbox:
    """The table `outbox_message`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def enqueue(
        self,
        kind: str,
        key: str,
        payload: dict[str, Any],
        now: datetime,
        *,
        booking_id: str | None = None,
        due_at: datetime | None = None,
        lane: Lane = Lane.FIRST,
    ) -> None:
        """Store a message, once for each key. A second call with the key changes nothing.

        The message keeps the current request id, for the log lines of its later delivery.
        """
        row = _row(OutboxDraft(kind, key, payload, booking_id, lane), now, due_at or now)
        await insert_once(self._session, OutboxMessage, row, ["dedupe_key"])

    async def enqueue_all(
        self, drafts: Sequence[OutboxDraft], now: datetime, lane: Lane = Lane.FIRST
    ) -> None:
        """Store many messages at once, each as `enqueue` does, in one lane."""
        rows = [_row(replace(draft, lane=lane), now, now) for draft in drafts]
        await insert_all_once(self._session, OutboxMessage, rows, ["dedupe_key"])

    async def claim(
        self, now: datetime, limit: int, lanes: Collection[Lane] = tuple(Lane)
    ) -> list[OutboxMessage]:
        """Lease due messages, so that no other process takes them at the same time.

        The lower lane goes first, then what has been due for longer.
        """
        query = (
            due_messages(now)
            .where(col(OutboxMessage.lane).in_([lane.value for lane in lanes]))
            .order_by(col(OutboxMessage.lane), col(OutboxMessage.next_try_at))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        due = list((await self._session.scalars(query)).all())
        for message in due:
            message.tries += 1
            message.next_try_at = now + LEASE
        return due

    async def undone(self, keys: list[str]) -> set[str]:
        """Return the keys of messages that are not done, including dead ones."""
        query = sa.select(col(OutboxMessage.dedupe_key)).where(
            col(OutboxMessage.dedupe_key).in_(keys), col(OutboxMessage.done_at).is_(None)
        )
        return set((await self._session.scalars(query)).all())

    async def mails_of(self, booking_id: str) -> list[OutboxMessage]:
        """Return the mails to the person of a booking, in the order in which they were stored."""
        query = sa.select(OutboxMessage).where(
            col(OutboxMessage.booking_id) == booking_id, *_is_mail(OutboxMessage)
        )
        order = (col(OutboxMessage.created_at), col(OutboxMessage.id))
        return list((await self._session.scalars(query.order_by(*order))).all())

    async def with_failed_mail(self, booking_ids: Collection[str]) -> set[str]:
        """Return those bookings to whose person a mail was given up, and none was sent since."""
        later = aliased(OutboxMessage)
        was_sent_since = sa.exists().where(
            col(later.booking_id) == col(OutboxMessage.booking_id),
            *_is_mail(later),
            col(later.done_at).is_not(None),
            col(later.created_at) > col(OutboxMessage.created_at),
        )
        query = sa.select(col(OutboxMessage.booking_id)).where(
            col(OutboxMessage.booking_id).in_(booking_ids),
            col(OutboxMessage.is_dead),
            *_is_mail(OutboxMessage),
            ~was_sent_since,
        )
        return {str(booking_id) for booking_id in await self._session.scalars(query)}

    async def done(self, message_id: str, now: datetime) -> None:
        """Mark a message as done."""
        message = await self._session.get(OutboxMessage, message_id)
        if message is not None:
            message.done_at = now
            message.last_error = None

    async def close_all(self, reason: str, now: datetime) -> int:
        """Close every message that is not done, without doing it; return how many."""
        query = sa.select(OutboxMessage).where(col(OutboxMessage.done_at).is_(None))
        pending = (await self._session.scalars(query)).all()
        for message in pending:
            message.done_at, message.is_dead, message.last_error = now, False, reason
        return len(pending)

    async def revive(self, message_id: str, now: datetime) -> bool:
        """Retry a dead message now. Return False when it is not dead."""
        message = await self._session.get(OutboxMessage, message_id)
        if message is None or not message.is_dead:
            return False
        message.is_dead = False
        message.next_try_at = now
        return True

    async def failed(
        self, message_id: str, error: str, now: datetime, *, give_up: bool = False
    ) -> bool:
        """Record a failure and schedule the next attempt. Return True when the message is dead."""
        message = await self._session.get(OutboxMessage, message_id)
        if message is None:
            return False
        pause = min(MIN_RETRY_SECONDS * 2 ** (message.tries - 1), MAX_RETRY_SECONDS)
        message.next_try_at = now + timedelta(seconds=pause)
        message.last_error = clean_text(error, 500)
        message.is_dead = give_up or message.tries >= MAX_ATTEMPTS
        return message.is_dead


def _is_mail(table: type[OutboxMessage]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of a mail to the person of a booking, not to operators about it."""
    kind = col(table.kind)
    return [kind.startswith("mail:", autoescape=True), kind != "mail:inbox_entry"]


def _row(draft: OutboxDraft, now: datetime, due_at: datetime) -> dict[str, Any]:
    request_id = current_request_id()
    return {
        "id": draft.id or new_id("out"),
        "kind": draft.kind,
        "dedupe_key": draft.key,
        "booking_id": draft.booking_id,
        "payload": draft.payload | ({"request_id": request_id} if request_id else {}),
        "lane": draft.lane.value,
        "tries": 0,
        "next_try_at": due_at,
        "created_at": now,
        "is_dead": False,
    }


def due_messages(now: datetime) -> sa.Select[OutboxMessage]:
    """Return the query for messages that are due, of every lane."""
    return sa.select(OutboxMessage).where(
        col(OutboxMessage.done_at).is_(None),
        col(OutboxMessage.is_dead).is_(False),
        col(OutboxMessage.next_try_at) <= now,
    )
