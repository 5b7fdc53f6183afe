"""Database outages under load: nothing is lost, nothing is doubled."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.fuzz.money_oracle import check_against_stripe, wait_until_idle
from tests.fuzz.processes import ProcessHarness, product_processes
from tests.fuzz.test_concurrent_checkout import concurrent_harness
from tests.support import cards
from tests.support.harness import Harness, Student
from tests.support.postgres import postgres_cluster

BUYERS = 8
LOAD_SECONDS = 6.0
LOCKED_SECONDS = (2.0, 12.0)
"""Shorter and longer than we wait for another program that locks the file (10 s)."""
AN_HOUR = 3600.0
IDLE_TIMEOUT = 120
KNOWN = {200, 201, 409, 503}


async def one_buyer(
    harness: Harness, student: Student, course_id: str, until: float
) -> Counter[str]:
    """Book, pay and cancel repeatedly; count the answers."""
    counts: Counter[str] = Counter()
    token = (await harness.control("token", email=student.email, ttl=600))["token"]
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(path: str, **more: object) -> httpx.Response:
        answer = await harness.api.post(path, headers=headers, **more)  # type: ignore[arg-type]
        counts[str(answer.json().get("code", answer.status_code))] += 1
        assert answer.status_code in KNOWN, answer.text
        return answer

    while time.monotonic() < until:
        answer = await ask("/api/stripe/checkout", json={"course_id": course_id})
        page = answer.json().get("session_id")
        if page:
            await harness.control(f"sessions/{page}/pay", card=cards.VISA, wait=False)
            await asyncio.sleep(0.05)
            for _ in range(2):  # the first cancel may report a payment that arrived in between
                await ask(f"/api/bookings/{answer.json()['booking_id']}/cancel")
    return counts


async def under_load(
    process_harness: ProcessHarness,
    url: str,
    seconds: float,
    trouble: Callable[[], Awaitable[None]],
) -> str:
    """Run buyers during `trouble`; check all invariants; return the figures."""
    with product_processes(process_harness, url, [process_harness.port]) as running:
        await asyncio.to_thread(running[0].start)
        async with concurrent_harness(process_harness.sandbox, url, running) as (harness, _):
            since = int((await harness.control("clock/advance", seconds=0))["now"])
            course = await harness.course(capacity=BUYERS - 1)
            people = [harness.student(f"d{n}") for n in range(BUYERS)]
            until = time.monotonic() + seconds
            buying = [
                asyncio.create_task(one_buyer(harness, buyer, course.id, until)) for buyer in people
            ]
            await asyncio.sleep(1)
            await trouble()
            counts = sum(await asyncio.gather(*buying), Counter[str]())
            await harness.control(
                "clock/advance", seconds=120
            )  # by then the events were sent again
            await asyncio.to_thread(running[0].kill)
            await asyncio.to_thread(running[0].start, FUZZ_AHEAD=str(AN_HOUR))
            await harness.control("clock/advance", seconds=AN_HOUR)
            await wait_until_idle(harness, seconds=IDLE_TIMEOUT)
            result = await check_against_stripe(harness, since=since)
        assert "Traceback" not in running[0].said(), running[0].said()[-4000:]
    said = ", ".join(f"{n} x {code}" for code, n in sorted(counts.items()))
    return f"answers: {said}; {result.paid} paid, {result.refunds} refunds, books right"


async def test_postgresql_is_restarted_under_load(process_harness: ProcessHarness):
    with postgres_cluster("synchronous_commit=on") as cluster:
        url = cluster.fresh_database()

        async def restarts() -> None:
            await asyncio.to_thread(cluster.restart)
            await asyncio.sleep(1.5)
            await asyncio.to_thread(cluster.restart, crash=True)

        said = await under_load(process_harness, url, LOAD_SECONDS, restarts)
    process_harness.figures.append(
        f"PostgreSQL restarted twice under load (once as by a crash): {said}"
    )


@pytest.mark.parametrize("locked", LOCKED_SECONDS)
async def test_sqlite_is_locked_by_another_program(
    process_harness: ProcessHarness, sqlite_url: str, locked: float
):
    async def lock() -> None:
        other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("PRAGMA busy_timeout=5000")
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(locked)
        other.execute("ROLLBACK")
        other.close()

    said = await under_load(process_harness, sqlite_url, locked + 4, lock)
    process_harness.figures.append(f"SQLite locked for {locked:.0f} s by another program: {said}")
