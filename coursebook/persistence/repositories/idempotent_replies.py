"""Stored replies to POSTs that carried an `Idempotency-Key`."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import IdempotentReply


class Replies:
    """The table `idempotent_reply`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def start(self, subject: str, key: str, request_hash: str, now: datetime) -> bool:
        """Take a key. Returns False when this subject used it before."""
        row = {"subject": subject, "key": key, "request_hash": request_hash, "created_at": now}
        return await insert_once(self._session, IdempotentReply, row, ["subject", "key"])

    async def find(self, subject: str, key: str) -> IdempotentReply | None:
        """Return the row of a key."""
        return await self._session.get(IdempotentReply, (subject, key))

    async def finish(self, subject: str, key: str, status: int, body: dict[str, Any]) -> None:
        """Store the reply."""
        reply = await self.find(subject, key)
        if reply is not None:
            reply.status = status
            reply.body = body

    async def forget(self, subject: str, key: str) -> None:
        """Free a key whose request got no final reply."""
        await self._session.execute(
            sa.delete(IdempotentReply).where(
                col(IdempotentReply.subject) == subject, col(IdempotentReply.key) == key
            )
        )

    async def prune(self, before: datetime) -> None:
        """Delete older replies."""
        await self._session.execute(sa.delete(IdempotentReply).where(is_old(before)))


def is_old(before: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of replies that are older than that."""
    return col(IdempotentReply.created_at) < before
