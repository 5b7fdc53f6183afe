"""A small memory of what was just made, so that a crowd on one page costs one drawing a second."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept(Generic[T]):
    """Something that is being made, or was, and when (monotonic seconds) it stops being fresh."""

    making: asyncio.Task[T]
    until: float


class MicroCache(Generic[T]):
    """Keeps what was made for `seconds`, at most `most` entries; the least used ones go first.

    Whoever asks while something is being made waits for that one. A failure is told to all who
    waited, and is not kept.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[str, _Kept[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """Return what is kept under `key`, or make it. Raises what `make` raises."""
        kept = self._kept.get(key)
        if kept is None or not self._is_good(kept):
            making = asyncio.ensure_future(make())
            making.add_done_callback(_heard)
            kept = _Kept(making, self._clock() + self._seconds)
            self._kept[key] = kept
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        # One visitor who leaves must not take the page from the others who wait for it.
        return await asyncio.shield(kept.making)

    def _is_good(self, kept: _Kept[T]) -> bool:
        making = kept.making
        if not making.done():
            return True
        failed = making.cancelled() or making.exception() is not None
        return not failed and self._clock() < kept.until


def _heard(making: asyncio.Task[Any]) -> None:
    """Take note of a failure that nobody waits for any more; asyncio would log it as forgotten."""
    if not making.cancelled():
        making.exception()
