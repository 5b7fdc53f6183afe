"""Gathering: many changes within a moment are told once, and telling never takes all the time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

import structlog

log = structlog.get_logger("coursebook.live")

GATHER_SECONDS = 0.2
REST = 40
"""After telling we rest this many times as long as it took: bookings get most of the time.

What was told is only queued by then: the sockets write it afterwards, which costs more than that.
"""
LONGEST_REST = 0.7
"""Everything is told within a second, so no rest is longer than this."""
AGAIN_SECONDS = 1.0
Tell = Callable[[frozenset[str]], Awaitable[None]]


class Batcher:
    """Collects topics, and tells them on. What could not be told is told again later."""

    def __init__(self, tell: Tell, seconds: float = GATHER_SECONDS) -> None:
        self._tell, self._seconds = tell, seconds
        self._topics: set[str] = set()
        self._wake = asyncio.Event()

    def add(self, topics: Collection[str]) -> None:
        """Take note of changes."""
        if topics:
            self._topics.update(topics)
            self._wake.set()

    async def run(self) -> None:
        """Tell what comes in, until cancelled."""
        while True:
            if not self._wake.is_set():  # else: it was gathered while we rested
                await self._wake.wait()
                await asyncio.sleep(self._seconds)
            topics, self._topics = frozenset(self._topics), set()
            self._wake.clear()
            began = time.monotonic()
            try:
                await self._tell(topics)
            except Exception as problem:  # noqa: BLE001 - the database may be away for a while
                log.warning("live.not_told", kind=type(problem).__name__, topics=len(topics))
                self.add(topics)
                await asyncio.sleep(AGAIN_SECONDS)
            rest = min(REST * (time.monotonic() - began), LONGEST_REST)
            await asyncio.sleep(max(rest, self._seconds))


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it is gone."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
