"""SQLite on the event loop's own thread: a statement takes a hundredth of the usual time.

aiosqlite passes every statement to a thread and waits. For a file in memory that costs far more
than the statement itself.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiosqlite.core
import pytest


class _InlineQueue:
    """Replaces aiosqlite's queue: runs each call at once, on the event loop."""

    daemon = True

    def start(self) -> None:
        """Nothing to start: there is no thread."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Run one call and resolve its future, as the thread does."""
        future, act = asked
        try:
            result = act()
        except BaseException as error:  # noqa: BLE001 - raised by the future
            if future is not None:
                future.set_exception(error)
        else:
            if future is not None:
                future.set_result(result)


@contextmanager
def single_thread_sqlite() -> Iterator[None]:
    """Run connections opened inside the `with` block on the event loop."""
    begin = aiosqlite.core.Connection.__init__

    def inline(self: Any, *args: Any, **more: Any) -> None:
        begin(self, *args, **more)
        self._tx = self._thread = _InlineQueue()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core.Connection, "__init__", inline)
        yield
