"""One transaction for writes that are asked for at the same moment.

Each write alone costs a BEGIN, a COMMIT and, on SQLite, a disk flush. Under load they are shared.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from coursebook.errors import Unavailable

MAX_TOGETHER = 32
"""Items of one transaction."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Passes items to `write`, which stores them in one transaction and returns their results.

    What arrives while a transaction runs is written by the next one, so no item waits for a timer.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Return the result of an item once it is committed. Raises what `write` raises for it."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = asyncio.create_task(self._write_all())
        return await future

    async def _write_all(self) -> None:
        batch: list[tuple[Item, asyncio.Future[Result]]] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
                await self._write_batch(batch)
        finally:  # also when cancelled: nobody may wait for ever
            for _, future in [*batch, *self._waiting]:
                future.cancel()
            self._waiting, self._task = [], None

    async def _write_batch(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - each caller gets it
            if len(batch) > 1 and not isinstance(error, Unavailable):
                for one in batch:  # an item that cannot be stored must not stop the others
                    await self._write_batch([one])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if not future.done():  # its caller may have left
                future.set_result(result)
