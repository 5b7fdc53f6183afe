import asyncio
from collections.abc import Sequence

import pytest

from coursebook.errors import Unavailable
from coursebook.services.settlement.group_commit import MAX_TOGETHER, GroupCommit


class Table:
    """Remembers what was written together. A write takes until `go` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.group = GroupCommit(self._write)

    async def _write(self, items: Sequence[int]) -> Sequence[str]:
        self.batches.append(list(items))
        await self.go.wait()
        if any(item < 0 for item in items):
            raise ValueError("cannot be stored")
        if 13 in items:
            raise Unavailable
        return [f"row {item}" for item in items]

    def ask(self, *items: int) -> list[asyncio.Task[str]]:
        return [asyncio.create_task(self.group.add(item)) for item in items]


async def test_what_arrives_during_a_transaction_is_written_together_by_the_next():
    table = Table()
    first = table.ask(1)
    await asyncio.sleep(0.01)
    later = table.ask(2, 3, 4)
    await asyncio.sleep(0.01)
    assert table.batches == [[1]]
    assert not any(task.done() for task in first + later)
    table.go.set()
    assert await asyncio.gather(*first, *later) == ["row 1", "row 2", "row 3", "row 4"]
    assert table.batches == [[1], [2, 3, 4]]


async def test_one_item_is_written_at_once():
    table = Table()
    table.go.set()
    assert await table.group.add(1) == "row 1"
    assert await table.group.add(2) == "row 2"
    assert table.batches == [[1], [2]]


async def test_a_transaction_has_an_end():
    table = Table()
    first = table.ask(0)
    await asyncio.sleep(0.01)
    rest = table.ask(*range(100, 101 + MAX_TOGETHER))
    await asyncio.sleep(0.01)
    table.go.set()
    await asyncio.gather(*first, *rest)
    assert [len(batch) for batch in table.batches] == [1, MAX_TOGETHER, 1]


async def test_an_item_that_cannot_be_stored_does_not_stop_the_others():
    table = Table()
    first = table.ask(1)
    await asyncio.sleep(0.01)
    good, bad, good_too = table.ask(2, -1, 3)
    await asyncio.sleep(0.01)
    table.go.set()
    await asyncio.gather(*first)
    assert await good == "row 2"
    with pytest.raises(ValueError, match="cannot be stored"):
        await bad
    assert await good_too == "row 3"


async def test_without_a_database_all_hear_it_and_nothing_is_tried_again():
    table = Table()
    first = table.ask(1)
    await asyncio.sleep(0.01)
    rest = table.ask(2, 13, 3)
    await asyncio.sleep(0.01)
    table.go.set()
    await asyncio.gather(*first)
    for task in rest:
        with pytest.raises(Unavailable):
            await task
    assert table.batches == [[1], [2, 13, 3]]


async def test_a_caller_who_leaves_stops_nobody():
    table = Table()
    first, second = table.ask(1, 2)
    await asyncio.sleep(0.01)
    first.cancel()
    table.go.set()
    assert await second == "row 2"
    assert await table.group.add(3) == "row 3"


async def test_nobody_waits_for_a_transaction_that_was_cancelled():
    table = Table()
    asked = table.ask(1)
    await asyncio.sleep(0.01)
    asked += table.ask(2)
    await asyncio.sleep(0.01)
    writing = next(task for task in asyncio.all_tasks() if "_write_all" in str(task.get_coro()))
    writing.cancel()
    for task in asked:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 1)
    table.go.set()
    assert await table.group.add(3) == "row 3"
