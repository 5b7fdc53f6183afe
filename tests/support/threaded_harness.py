"""A harness on an event loop in another thread, for synchronous tests."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.support.harness import Harness, a_harness
from tests.support.sandbox import SandboxProcess

T = TypeVar("T")
LONGEST = 60.0


class ThreadedHarness:
    """`harness` runs in another thread; `run` submits a coroutine and returns its result."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.harness: Harness

    def run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)


@contextmanager
def open_threaded_harness(
    sandbox: SandboxProcess, database_url: str, **settings: object
) -> Iterator[ThreadedHarness]:
    """Open a harness in a thread and close it at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="harness")
    thread.start()
    apart, context = ThreadedHarness(loop), a_harness(sandbox, database_url, **settings)
    try:
        apart.harness = apart.run(context.__aenter__())
        try:
            yield apart
        finally:
            apart.run(context.__aexit__(None, None, None))
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
