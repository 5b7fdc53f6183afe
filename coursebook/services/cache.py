"""A small cache that makes each value once for all simultaneous callers."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass
class _Entry(Generic[T]):
    """Something that is being made, or was, and since when (monotonic seconds).

    While it is being made, `before` is the value that it replaces.
    """

    task: asyncio.Task[T]
    since: float
    before: T | None

    def value(self) -> T | None:
        """Return what was made, None while there is nothing."""
        is_made = self.task.done() and not self.task.cancelled() and not self.task.exception()
        return self.task.result() if is_made else None

    def forget_before(self, _task: asyncio.Task[T]) -> None:
        """Free the memory of the value that this one has replaced."""
        self.before = None


def _stays(_made: object, _since: float) -> bool:
    return False


class MicroCache(Generic[T]):
    """Caches up to `most` values for `seconds`; the least recently used are dropped first.

    Concurrent callers of a key wait for the same value. A failure is raised to all of them and is
    not cached. `is_old(value, since)` returns whether a value that was started at that time has
    changed since. Setting the clock back invalidates the entries, so a wall clock is sufficient.
    """

    def __init__(
        self,
        seconds: float,
        most: int,
        clock: Callable[[], float],
        is_old: Callable[[T, float], bool] = _stays,
    ) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._is_old = is_old
        self._entries: OrderedDict[str, _Entry[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def forget(self) -> None:
        """Drop every entry."""
        self._entries.clear()

    def replaced(self, key: str) -> T | None:
        """Return the old value of `key` while a new one is made; None if there was none.

        A `make` whose result would be the same can return it again.
        """
        entry = self._entries.get(key)
        return entry.before if entry is not None else None

    async def get(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """Return the cached value of `key`, or make it. Raises the errors of `make`."""
        entry = self._of(key, make)
        # One visitor who leaves must not take the page from the others who wait for it.
        made = await asyncio.shield(entry.task)
        if not self._is_old(made, entry.since):
            return made
        # It changed while it was being made, and they may know the newer one already.
        return await asyncio.shield(self._of(key, make).task)

    def _of(self, key: str, make: Callable[[], Awaitable[T]]) -> _Entry[T]:
        entry = self._entries.get(key)
        if entry is None or not self._is_good(entry):
            before = entry.value() if entry is not None else None
            task = asyncio.ensure_future(make())
            task.add_done_callback(_retrieve_exception)
            entry = self._entries[key] = _Entry(task, self._clock(), before)
            task.add_done_callback(entry.forget_before)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
        self._entries.move_to_end(key)
        return entry

    def _is_good(self, entry: _Entry[T]) -> bool:
        task = entry.task
        if not task.done():
            return True
        if task.cancelled() or task.exception() is not None:
            return False
        is_fresh = 0 <= self._clock() - entry.since < self._seconds
        return is_fresh and not self._is_old(task.result(), entry.since)


def _retrieve_exception(task: asyncio.Task[Any]) -> None:
    """Retrieve a failure that no caller waits for; asyncio would log it as never retrieved."""
    if not task.cancelled():
        task.exception()
