"""The database is away when an event comes: 503, and Stripe's next try succeeds."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from tests.support import cards
from tests.support.harness import World, a_world
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import deliver, event_of

PAID = "checkout.session.completed"


@pytest.fixture
async def world(
    sandbox_of_the_run: SandboxProcess, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A product that waits for a locked SQLite file only shortly."""
    monkeypatch.setattr("coursebook.persistence.engine.databases.SQLITE_BUSY_SECONDS", 0)
    async with a_world(sandbox_of_the_run, database_url) as one:
        yield one


@contextmanager
def away(world: World, database_url: str) -> Iterator[None]:
    """Nobody can write to the database inside the block."""
    if database_url.startswith("sqlite"):
        other = sqlite3.connect(
            database_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
        )
        other.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
        return
    name = database_url.rpartition("/")[2]
    asyncio.run(_postgres(database_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
    try:
        yield
    finally:
        asyncio.run(_postgres(database_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))


async def _postgres(database_url: str, statement: str) -> None:
    base, _, name = database_url.rpartition("/")
    connection = await asyncpg.connect(f"{base}/postgres")
    await connection.execute(statement)
    await connection.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    )
    await connection.close()


async def test_an_event_that_cannot_be_stored_is_answered_503_and_comes_again(
    world: World, database_url: str
):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    event = await event_of(world, started, PAID)
    blocked = away(world, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        answer = await deliver(world, event)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        ready = await world.get("/api/ready")
        assert ready.status_code in (200, 503)
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    assert await world.status_of(started) == "pending"
    assert (await deliver(world, event)).status_code == 200
    assert await world.status_of(started) == "confirmed"


async def test_stripe_itself_tries_again_until_the_database_is_back(
    world: World, database_url: str
):
    started = await world.checkout(world.student("sam"), await world.course())
    blocked = away(world, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        await world.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    await world.quiet()
    assert await world.status_of(started) == "confirmed"


async def test_a_click_while_the_database_is_away_gets_a_sentence(world: World, database_url: str):
    sam, course = world.student("sam"), await world.course()
    await world.token(sam)
    blocked = away(world, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        answer = await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    assert (await world.checkout(sam, course)).status_code == 201
