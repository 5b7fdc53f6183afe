"""The hub: take changes after their commit, and notify subscribers here and in other processes.

Publishing never waits: it only adds names to a set. When the hub is broken, pages stay as they
were and are right again after a reload.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, nullcontext

from coursebook.live.batcher import BATCH_SECONDS, Batcher, Notify, cancel_and_wait
from coursebook.live.connection import Connection, Transport
from coursebook.live.postgres import PostgresTransport
from coursebook.live.recent import RecentNotifications
from coursebook.live.redis import RedisTransport
from coursebook.live.subscriptions import Subscriptions
from coursebook.live.topics import AT_ONCE
from coursebook.settings import Settings

Listener = Callable[[Collection[str]], None]


class Hub:
    """One for each process. Without a `transport` it knows only this process."""

    def __init__(self, transport: Transport | None = None) -> None:
        self.subscriptions = Subscriptions()
        self.recent = RecentNotifications()
        self._batchers: list[Batcher] = []
        self._listeners: list[Listener] = []
        self._connection = Connection(transport, self.publish_here) if transport else None

    @property
    def is_alone(self) -> bool:
        """Whether changes of other processes do not arrive although they should."""
        return self._connection is not None and not self._connection.is_up

    def publish(self, topics: Collection[str]) -> None:
        """Publish changes to every process. Call it after the commit; it never waits or fails."""
        self.publish_here(topics)
        if self._connection is not None and topics:
            self._connection.publish(topics)

    def publish_here(self, topics: Collection[str]) -> None:
        """Notify the subscribers of this process only."""
        self.recent.record(AT_ONCE.intersection(topics))
        for listener in self._listeners:
            listener(topics)
        for batcher in self._batchers:
            batcher.add(topics)

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every change at once, unbatched. It must not wait or fail."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the connection to the other processes open while the block lasts."""
        async with self._connection.open() if self._connection else nullcontext():
            yield

    @asynccontextmanager
    async def notifying(
        self, notify: Notify, *, seconds: float = BATCH_SECONDS
    ) -> AsyncIterator[None]:
        """Call `notify` with changed topics, batched over `seconds`, while the block lasts."""

        async def record_and_notify(topics: frozenset[str]) -> None:
            self.recent.record(topics)
            await notify(topics)

        batcher = Batcher(record_and_notify, seconds)
        self._batchers.append(batcher)
        task = asyncio.create_task(batcher.run(), name="live batcher")
        try:
            yield
        finally:
            self._batchers.remove(batcher)
            await cancel_and_wait(task)


def transport_of(settings: Settings) -> Transport | None:
    """Return the transport to the other processes: Redis, else PostgreSQL. Opens no connection.

    Return None where one process serves alone: on SQLite, and without Redis behind a pooler,
    because PgBouncer does not support LISTEN.
    """
    if settings.redis_url:
        return RedisTransport(settings.redis_url)
    if settings.database_url.startswith("postgres") and not settings.database_pooler:
        return PostgresTransport(settings.database_url)
    return None
