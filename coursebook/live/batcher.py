"""Batch topics: many changes within a moment become one notification.

The batcher rests after each notification, so that live updates never take all the processor time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

import structlog

log = structlog.get_logger("coursebook.live")

BATCH_SECONDS = 0.2
CANCEL_SECONDS = 0.5
"""How long a cancelled task has to end before it is cancelled again."""
REST_FACTOR = 40
"""Rest this many times as long as the notification took: bookings get most of the time.

The notification only queues the updates. The sockets write them afterwards, which costs more.
"""
MAX_REST_SECONDS = 0.7
"""Keep every rest shorter than this, so that each change is sent within a second."""
RETRY_DELAY = 1.0
Notify = Callable[[frozenset[str]], Awaitable[None]]


class Batcher:
    """Collect topics and pass them to `notify`. Topics whose notification failed are sent again."""

    def __init__(self, notify: Notify, seconds: float = BATCH_SECONDS) -> None:
        self._notify, self._seconds = notify, seconds
        self._topics: set[str] = set()
        self._wake = asyncio.Event()

    def add(self, topics: Collection[str]) -> None:
        """Add topics that changed."""
        if topics:
            self._topics.update(topics)
            self._wake.set()

    async def run(self) -> None:
        """Send batches until cancelled."""
        while True:
            if not self._wake.is_set():  # else: topics were added during the rest
                await self._wake.wait()
                await asyncio.sleep(self._seconds)
            topics, self._topics = frozenset(self._topics), set()
            self._wake.clear()
            began = time.monotonic()
            try:
                await self._notify(topics)
            except Exception as error:  # noqa: BLE001 - the database may be away for a while
                log.warning(
                    "live_notification.failed", kind=type(error).__name__, topics=len(topics)
                )
                self.add(topics)
                await asyncio.sleep(RETRY_DELAY)
            rest = min(REST_FACTOR * (time.monotonic() - began), MAX_REST_SECONDS)
            await asyncio.sleep(max(rest, self._seconds))


async def cancel_and_wait(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended.

    It is cancelled again until then: redis-py swallows nearly every second cancellation of a
    listener, which then goes on until its own timeout of ten seconds, or longer.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=CANCEL_SECONDS)
    with suppress(asyncio.CancelledError):
        await task
