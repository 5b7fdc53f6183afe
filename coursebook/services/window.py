"""Limits by a moving window for each key, counted in this process.

Ours and not a library's: the memory storage of `limits` (5.8) scans all keys at every attempt, each
time in a thread. Here an attempt costs its own key only; a sweep now and then drops expired keys.
"""

import time
from bisect import bisect_right
from collections.abc import Callable

SWEEP_EVERY = 1000
"""Tries between two times that all keys are looked through for what is over."""


class MemoryWindow:
    """The moments of the last tries of each key. `clock` gives seconds, never runs backwards."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tries: dict[str, list[float]] = {}
        self._ends: dict[str, float] = {}
        self._since_sweep = 0

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._tries)

    def wait(self, key: str, most: int, seconds: float) -> float | None:
        """Count one try and return None, or return the seconds until the next one may come.

        At most `most` tries count within any `seconds`. One that has to wait does not count.
        """
        now = self._clock()
        self._sweep(now)
        tries = self._tries.setdefault(key, [])
        del tries[: bisect_right(tries, now - seconds)]
        if len(tries) >= most:
            return seconds - (now - tries[0] if tries else 0.0)
        tries.append(now)
        self._ends[key] = now + seconds
        return None

    def _sweep(self, now: float) -> None:
        self._since_sweep += 1
        if self._since_sweep < SWEEP_EVERY:
            return
        self._since_sweep = 0
        for key in [key for key, end in self._ends.items() if end <= now]:
            del self._tries[key], self._ends[key]
