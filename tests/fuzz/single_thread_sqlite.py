"""SQLite without a thread of its own: a hundred times quicker to reach, for one loop alone.

aiosqlite hands every statement to a thread and waits for it. On the only loop of a process that
talks to a file in memory this costs more than the statement itself, many times over.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiosqlite.core
import pytest


class _AtOnce:
    """Stands where the queue to the thread is, and does what comes in right away."""

    daemon = True

    def start(self) -> None:
        """Nothing is started: there is no thread."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Do one thing, and answer as the thread does."""
        future, act = asked
        try:
            result = act()
        except BaseException as problem:  # noqa: BLE001 - goes to whoever asked
            if future is not None:
                future.set_exception(problem)
        else:
            if future is not None:
                future.set_result(result)


@contextmanager
def sqlite_inline() -> Iterator[None]:
    """Let every connection that is opened meanwhile work on the loop itself."""
    begin = aiosqlite.core.Connection.__init__

    def inline(self: Any, *args: Any, **more: Any) -> None:
        begin(self, *args, **more)
        self._tx = self._thread = _AtOnce()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.core.Connection, "__init__", inline)
        yield
