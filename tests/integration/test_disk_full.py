"""The disk is full under the embedded database: 503, a sentence, and nothing half-written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from tests.support.booking_invariants import check_books
from tests.support.harness import World, a_world
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import deliver, event_of

NO_LIMIT = 0xFFFFFFFE
PAID = "checkout.session.completed"


@pytest.fixture
async def world(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[World]:
    """A product whose file is as small as can be: where rows were deleted there is room."""
    async with a_world(sandbox_of_the_run, sqlite_url) as one:
        yield one
        await check_books(one)


@asynccontextmanager
async def full(world: World) -> AsyncIterator[None]:
    """Give SQLite not one page more, which it says in the words of a full disk."""
    await _allow(world, 1)  # not below what is there already
    try:
        yield
    finally:
        await _allow(world, NO_LIMIT)


async def _allow(world: World, pages: int) -> None:
    async with world.services.context.database.writing.connect() as only_writer:
        await only_writer.execute(sa.text(f"PRAGMA max_page_count={pages}"))


async def test_an_event_that_finds_no_room_is_answered_503_and_comes_again(world: World):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    event = await event_of(world, started, PAID)
    event["data"]["object"]["description"] = "x" * 20_000
    async with full(world):
        answer = await deliver(world, event)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert await world.status_of(started) == "pending", "what is there can still be read"
    assert (await deliver(world, event)).status_code == 200
    assert await world.status_of(started) == "confirmed"


async def test_a_click_that_finds_no_room_gets_a_sentence_and_takes_no_place(world: World):
    course = await world.course(capacity=100)
    async with full(world):
        for number in range(100):  # the last pages have room for a few rows
            who = world.student(f"guest{number}")
            answer = await world.post("/api/stripe/checkout", who, json={"course_id": course.id})
            if answer.status_code != 201:
                break
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    await check_books(world)
    assert (await world.checkout(who, course)).status_code in (200, 201)
