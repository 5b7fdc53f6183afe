"""The micro-cache of rendered pages: short-lived, bounded, one render for concurrent requests."""

import asyncio

import pytest

from coursebook.services.cache import MicroCache


class Maker:
    """Produces numbers, counts calls, and waits at a gate if there is one."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.made = 0
        self._gate = gate

    async def __call__(self) -> int:
        self.made += 1
        number = self.made
        if self._gate:
            await self._gate.wait()
        return number


async def test_what_is_fresh_is_made_once_and_what_is_old_is_made_anew():
    now = [0.0]
    cache, maker = MicroCache[int](1.0, 10, lambda: now[0]), Maker()
    assert [await cache.get("a", maker), await cache.get("a", maker)] == [1, 1]
    now[0] = 1.0
    assert await cache.get("a", maker) == 2


async def test_a_crowd_waits_for_one():
    gate = asyncio.Event()
    cache, maker = MicroCache[int](1.0, 10, lambda: 0.0), Maker(gate)
    crowd = [asyncio.create_task(cache.get("a", maker)) for _ in range(50)]
    await asyncio.sleep(0)
    gate.set()
    assert set(await asyncio.gather(*crowd)) == {1}


async def test_one_visitor_who_leaves_does_not_take_the_page_from_the_others():
    gate = asyncio.Event()
    cache, maker = MicroCache[int](1.0, 10, lambda: 0.0), Maker(gate)
    leaves = asyncio.create_task(cache.get("a", maker))
    stays = asyncio.create_task(cache.get("a", maker))
    await asyncio.sleep(0)
    leaves.cancel()
    gate.set()
    assert await stays == 1


async def test_it_never_keeps_more_than_it_may_and_forgets_the_least_used():
    cache, maker = MicroCache[int](9.0, 2, lambda: 0.0), Maker()
    for key in ("a", "b", "a", "c"):
        await cache.get(key, maker)
    assert len(cache) == 2
    assert await cache.get("a", maker) == 1
    assert await cache.get("b", maker) == 4


async def test_a_failure_is_told_and_not_kept():
    cache = MicroCache[int](9.0, 2, lambda: 0.0)

    async def broken() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await cache.get("a", broken)
    assert await cache.get("a", Maker()) == 1


async def test_what_has_changed_is_made_anew_however_fresh():
    now, changed = [0.0], [-1.0]
    cache = MicroCache[int](9.0, 2, lambda: now[0], lambda _, since: changed[0] >= since)
    maker = Maker()
    assert await cache.get("a", maker) == 1
    now[0], changed[0] = 1.0, 0.5
    assert [await cache.get("a", maker), await cache.get("a", maker)] == [2, 2]


async def test_whoever_waits_while_it_changes_gets_the_newer_one():
    gate, changed = asyncio.Event(), [-1.0]
    now = [0.0]
    cache = MicroCache[int](9.0, 2, lambda: now[0], lambda _, since: changed[0] >= since)
    maker = Maker(gate)
    waits = [asyncio.create_task(cache.get("a", maker)) for _ in range(3)]
    await asyncio.sleep(0)
    changed[0], now[0] = 0.5, 1.0
    gate.set()
    assert await asyncio.gather(*waits) == [2, 2, 2]
    assert maker.made == 2


async def test_who_makes_a_newer_value_can_use_the_old_one_again():
    now = [0.0]
    cache = MicroCache[int](1.0, 10, lambda: now[0])
    olds: list[int | None] = []

    async def make() -> int:
        olds.append(cache.replaced("a"))
        return len(olds)

    for now[0] in (0.0, 2.0, 4.0):
        await cache.get("a", make)
    assert olds == [None, 1, 2]
    assert cache.replaced("a") is None, "the memory of an old value is freed"
    assert cache.replaced("b") is None
