"""A full disk with SQLite: 503, one clear sentence, and nothing partly written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, a_harness
from tests.support.sandbox import SandboxProcess
from tests.support.stripe_objects import deliver, event_of

pytestmark = pytest.mark.both_databases

NO_LIMIT = 0xFFFFFFFE
PAID = "checkout.session.completed"


@pytest.fixture
async def harness(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[Harness]:
    """A product whose database file can hardly grow; deleted rows leave some room."""
    async with a_harness(sandbox_of_the_run, sqlite_url) as product_harness:
        yield product_harness
        await check_books(product_harness)


@asynccontextmanager
async def full(harness: Harness) -> AsyncIterator[None]:
    """Limit SQLite to its current number of pages, which fails like a full disk."""
    await _allow(harness, 1)  # not below what is there already
    try:
        yield
    finally:
        await _allow(harness, NO_LIMIT)


async def _allow(harness: Harness, pages: int) -> None:
    async with harness.services.context.database.writing.connect() as only_writer:
        await only_writer.execute(sa.text(f"PRAGMA max_page_count={pages}"))


async def test_an_event_on_a_full_disk_gets_503_and_is_sent_again(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    event["data"]["object"]["description"] = "x" * 20_000
    async with full(harness):
        answer = await deliver(harness, event)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert await harness.status_of(started) == "pending", "reading must still work"
    assert (await deliver(harness, event)).status_code == 200
    assert await harness.status_of(started) == "confirmed"


async def test_a_checkout_on_a_full_disk_gets_a_sentence_and_takes_no_seat(harness: Harness):
    course = await harness.course(capacity=100)
    async with full(harness):
        for number in range(100):  # the last pages have room for a few rows
            who = harness.student(f"guest{number}")
            answer = await harness.post("/api/stripe/checkout", who, json={"course_id": course.id})
            if answer.status_code != 201:
                break
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    await check_books(harness)
    assert (await harness.checkout(who, course)).status_code in (200, 201)
