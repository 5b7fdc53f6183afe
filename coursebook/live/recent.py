"""What was told of late: whoever keeps a page for a moment asks whether it is still the newest."""

import time
from collections.abc import Callable, Collection

from coursebook.live.topics import EVERYTHING

KEPT_SECONDS = 10.0
"""Longer than anybody keeps a page."""


class RecentNotifications:
    """When each topic was last told. It forgets after a while; times are those of `clock`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, float] = {}

    def note(self, topics: Collection[str]) -> None:
        """Take note that these are being told now."""
        now = self._clock()
        kept = {topic: at for topic, at in self._at.items() if now - at < KEPT_SECONDS}
        self._at = kept | dict.fromkeys(topics, now)

    def since(self, topics: Collection[str], moment: float) -> bool:
        """Tell whether one of these was told at this moment or later."""
        return any(self._at.get(one, -1.0) >= moment for one in (EVERYTHING, *topics))
