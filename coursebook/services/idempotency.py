"""`Idempotency-Key` of our own API: the same request again gets the first answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from coursebook.errors import FieldError, Invalid, Unavailable
from coursebook.persistence.unit_of_work import writing
from coursebook.services.context import Context

log = structlog.get_logger("coursebook.idempotency")

RETENTION = timedelta(hours=24)
MAX_RUN_TIME = timedelta(minutes=2)
"""A first request that has not answered by then has failed; its key is free again."""


@dataclass(frozen=True)
class StoredReply:
    """The first answer: HTTP status and JSON body."""

    status: int
    body: dict[str, Any]


class IdempotentReplies:
    """First answers, kept for a day."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def begin(self, subject: str, key: str, request_hash: str) -> StoredReply | None:
        """Take a key, or return the first answer.

        Raises Invalid when the key belongs to another request, Unavailable while the first runs.
        """
        now = self._context.clock()
        async with writing(self._context.database) as work:
            if await work.replies.start(subject, key, request_hash, now):
                return None
            reply = await work.replies.find(subject, key)
            assert reply is not None, "it was there a moment ago, and this transaction sees it"
            if reply.request_hash != request_hash:
                message = "This Idempotency-Key was used for another request; use a new one."
                raise Invalid([FieldError("/headers/Idempotency-Key", message)])
            if reply.status is not None and reply.body is not None:
                return StoredReply(reply.status, reply.body)
            if now - reply.created_at < MAX_RUN_TIME:
                raise Unavailable("The first request with this key is still running; try again.")
            reply.created_at = now
            return None

    async def finish(self, subject: str, key: str, status: int, body: dict[str, Any]) -> None:
        """Keep the first answer. It counts also when the database is away by now."""
        try:
            async with writing(self._context.database) as work:
                await work.replies.finish(subject, key, status, body)
        except Unavailable:
            log.warning("reply.lost", key=key)

    async def forget(self, subject: str, key: str) -> None:
        """Free a key whose request came to no final answer."""
        async with writing(self._context.database) as work:
            await work.replies.forget(subject, key)

    async def prune(self) -> None:
        """Delete responses older than a day."""
        async with writing(self._context.database) as work:
            await work.replies.prune(self._context.clock() - RETENTION)
