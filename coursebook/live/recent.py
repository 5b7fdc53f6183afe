"""Recent notifications and commits: a page kept for a moment checks here whether it is fresh."""

import time
from collections.abc import Callable, Collection

from coursebook.live.topics import EVERYTHING

RETENTION = 10.0
"""Seconds. Longer than any page is kept in memory."""


class RecentNotifications:
    """When each topic was last notified, for RETENTION seconds. Times are those of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._notified_at: dict[str, float] = {}

    def record(self, topics: Collection[str]) -> None:
        """Record that these topics are being notified now, or that their change was committed."""
        if not topics:
            return
        now = self._clock()
        recent = {topic: at for topic, at in self._notified_at.items() if now - at < RETENTION}
        self._notified_at = recent | dict.fromkeys(topics, now)

    def since(self, topics: Collection[str], moment: float) -> bool:
        """Return whether one of these topics was notified at this moment or later."""
        return any(self._notified_at.get(topic, -1.0) >= moment for topic in (EVERYTHING, *topics))
