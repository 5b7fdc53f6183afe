"""The hub: takes changes after their commit and tells those who watch, here and elsewhere.

It never keeps anybody waiting: to publish is to put names into a set. When it is broken, the pages
are as right as they were, and right again after a reload.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, nullcontext

from coursebook.live.batcher import GATHER_SECONDS, Batcher, Tell, ended
from coursebook.live.connection import Connection
from coursebook.live.recent import RecentNotifications
from coursebook.live.subscriptions import Subscriptions
from coursebook.live.transports import Transport


class Hub:
    """One for each process. Without a `wire` it knows only this process."""

    def __init__(self, wire: Transport | None = None) -> None:
        self.watchers = Subscriptions()
        self.told = RecentNotifications()
        self._gatherings: list[Batcher] = []
        self._line = Connection(wire, self._arrived) if wire else None

    @property
    def is_alone(self) -> bool:
        """Whether changes of other processes are not heard although they should be."""
        return self._line is not None and not self._line.is_up

    def publish(self, topics: Collection[str]) -> None:
        """Say that these changed. Call it after the commit; it never waits and never fails."""
        self._arrived(topics)
        if self._line is not None and topics:
            self._line.say(topics)

    def look_again(self, topics: Collection[str]) -> None:
        """Tell those who watch these here as if they had changed: something may be missing."""
        self._arrived(topics)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep the line to the other processes for as long as the block lasts."""
        async with self._line.open() if self._line else nullcontext():
            yield

    @asynccontextmanager
    async def telling(self, tell: Tell, *, seconds: float = GATHER_SECONDS) -> AsyncIterator[None]:
        """Call `tell` with what changed, gathered over `seconds`, while the block lasts."""

        async def noted(topics: frozenset[str]) -> None:
            self.told.note(topics)
            await tell(topics)

        gathering = Batcher(noted, seconds)
        self._gatherings.append(gathering)
        task = asyncio.create_task(gathering.run(), name="live tells")
        try:
            yield
        finally:
            self._gatherings.remove(gathering)
            await ended(task)

    def _arrived(self, topics: Collection[str]) -> None:
        for gathering in self._gatherings:
            gathering.add(topics)
