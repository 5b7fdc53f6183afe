"""The connection to the other processes: the transport's protocol, and sending with retries."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol

import structlog

from coursebook.live.batcher import cancel_and_wait
from coursebook.live.topics import EVERYTHING

log = structlog.get_logger("coursebook.live")

RETRY_DELAYS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
SEND_INTERVAL = 0.05
"""Wait this long between two messages. Topics that change in that time share the next message."""
MAX_PENDING_TOPICS = 10_000
FLUSH_TIMEOUT = 1.0


class TransportLost(Exception):
    """The transport is disconnected: it can neither send nor receive."""


class Transport(Protocol):
    """Deliver a text to every process that listens, including this one."""

    max_topics: int
    """How many topics fit into one message."""

    async def send(self, text: str) -> None:
        """Send one message. Raises TransportLost."""

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Receive every message sent after the block has begun. Raises TransportLost at its end."""

    async def close(self) -> None:
        """Close the connections."""


class Connection:
    """Exchange topics with other processes. `on_topics` gets the topics that they publish.

    Whenever it begins to listen it gets EVERYTHING, because messages may have been missed: during
    an outage, or between the start of this process and a first connection that took its time.
    """

    def __init__(self, transport: Transport, on_topics: Callable[[Collection[str]], None]) -> None:
        self._transport, self._on_topics = transport, on_topics
        self._name = secrets.token_hex(6)
        self._pending: set[str] = set()
        self._wake = asyncio.Event()
        self.is_up = False
        """Whether messages of other processes arrive at the moment."""

    def publish(self, topics: Collection[str]) -> None:
        """Queue topics to be sent. Never waits."""
        self._pending.update(topics)
        if len(self._pending) > MAX_PENDING_TOPICS:  # nothing could be sent for a long time
            self._pending = {EVERYTHING}
        self._wake.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep the connection open while the block lasts. Send pending topics at its end."""
        sender = asyncio.create_task(self._send_loop(), name="live sender")
        receiver = asyncio.create_task(self._receive_loop(), name="live receiver")
        try:
            yield
        finally:
            await cancel_and_wait(sender)
            await self._flush()
            await cancel_and_wait(receiver)
            self.is_up = False
            await self._transport.close()

    async def _send_loop(self) -> None:
        """Send pending topics, with retries, until cancelled."""
        failures = 0
        while True:
            await self._wake.wait()
            try:
                await self._send_pending()
                failures = 0
                await asyncio.sleep(SEND_INTERVAL)
            except Exception as error:  # noqa: BLE001 - the loop must survive any error
                _log_unexpected(error)
                await asyncio.sleep(RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)])
                failures += 1

    async def _receive_loop(self) -> None:
        """Receive messages, and reconnect after each loss, until cancelled."""
        failures = 0
        while True:
            try:
                async with self._transport.listening() as texts:
                    self.is_up = True
                    if failures:
                        log.info("live_connection.restored")
                    failures = 0
                    self._on_topics((EVERYTHING,))
                    async for text in texts:
                        self._receive(text)
            except Exception as error:  # noqa: BLE001 - the loop must survive any error
                _log_unexpected(error)
                if failures == 0:
                    log.warning("live_connection.lost", error=str(error))
            self.is_up = False
            await asyncio.sleep(RETRY_DELAYS[min(failures, len(RETRY_DELAYS) - 1)])
            failures += 1

    async def _flush(self) -> None:
        with suppress(TransportLost, TimeoutError):
            async with asyncio.timeout(FLUSH_TIMEOUT):
                await self._send_pending()

    async def _send_pending(self) -> None:
        while self._pending:
            batch = set(sorted(self._pending)[: self._transport.max_topics])
            self._pending -= batch  # a topic that changes during the send must be sent again
            try:
                await self._transport.send(
                    json.dumps({"from": self._name, "topics": sorted(batch)})
                )
            except BaseException:
                self._pending |= batch
                raise
        self._wake.clear()

    def _receive(self, text: str) -> None:
        try:
            message = json.loads(text)
            sender, topics = message["from"], message["topics"]
        except (ValueError, TypeError, KeyError):
            return
        if sender != self._name and isinstance(topics, list):
            self._on_topics([topic for topic in topics if isinstance(topic, str)])


def _log_unexpected(error: Exception) -> None:
    """Log an error that is not a lost connection. The caller retries all the same."""
    if not isinstance(error, TransportLost):
        log.error("live_connection.failed", exc_info=error)
