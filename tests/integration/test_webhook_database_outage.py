"""The database is unavailable when an event arrives: 503, and Stripe's next delivery succeeds."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from tests.support import cards
from tests.support.harness import Harness, a_harness
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import deliver, event_of

pytestmark = pytest.mark.both_databases

PAID = "checkout.session.completed"


@pytest.fixture
async def harness(
    sandbox_of_the_run: SandboxProcess, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Harness]:
    """A product that waits only briefly for a locked SQLite file."""
    monkeypatch.setattr("coursebook.persistence.engine.databases.SQLITE_BUSY_SECONDS", 0)
    async with a_harness(sandbox_of_the_run, database_url) as product_harness:
        yield product_harness


@contextmanager
def away(harness: Harness, database_url: str) -> Iterator[None]:
    """Block all writes to the database inside the `with` block."""
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
    harness: Harness, database_url: str
):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    blocked = away(harness, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        answer = await deliver(harness, event)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        ready = await harness.get("/api/ready")
        assert ready.status_code in (200, 503)
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    assert await harness.status_of(started) == "pending"
    assert (await deliver(harness, event)).status_code == 200
    assert await harness.status_of(started) == "confirmed"


async def test_stripe_itself_tries_again_until_the_database_is_back(
    harness: Harness, database_url: str
):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    blocked = away(harness, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA)
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"


async def test_a_click_while_the_database_is_away_gets_a_sentence(
    harness: Harness, database_url: str
):
    sam, course = harness.student("sam"), await harness.course()
    await harness.token(sam)
    blocked = away(harness, database_url)
    await asyncio.to_thread(blocked.__enter__)
    try:
        answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    finally:
        await asyncio.to_thread(blocked.__exit__, None, None, None)
    assert (await harness.checkout(sam, course)).status_code == 201
