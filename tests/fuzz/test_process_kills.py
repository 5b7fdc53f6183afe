"""kill -9 between checkout and confirmation, at named kill points and at random times.

After each kill the product restarts and the student comes back. The invariants must hold, with one
seat and one payment.
"""

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_string
from pathlib import Path

import httpx
import pytest

from coursebook.wiring import opened
from tests.fuzz.money_oracle import check_against_stripe, wait_until_idle
from tests.fuzz.processes import ProcessHarness, ProductProcess, product_processes
from tests.support import cards
from tests.support.harness import Harness
from tests.support.product import MovableClock, product_settings
from tests.support.sandbox import SandboxProcess

NO_IDLE_CONNECTIONS = httpx.Limits(max_keepalive_connections=0)
KILL_POINTS = {
    "the hold is not written yet": "checkout commit 1 before",
    "the hold is written, Stripe was not asked": "checkout commit 1 after",
    "Stripe made the page, its answer never came": "checkout stripe 1 after",
    "the page's id is not written yet": "checkout commit 2 before",
    "the page's id is written, the answer never left": "checkout commit 2 after",
    "the event is not stored yet": "webhook commit 1 before",
    "the event is stored, Stripe was not answered": "webhook commit 1 after",
    "Stripe was asked about the session": "webhook stripe 1 after",
    "the place is not confirmed yet": "webhook commit 2 before",
    "the place is confirmed, the event not noted": "webhook commit 2 after",
    "the mail is not sent yet": "worker mail 1 before",
    "the mail is sent, and not noted": "worker mail 1 after",
}
RANDOM_KILLS = 4
MAX_ROUNDS = 5
"""How often every named place is visited at most, whatever the scale."""
MAX_KILL_SECONDS = 1.2
IDLE_TIMEOUT = 40
AHEAD = 240.0
"""Seconds by which the clock is ahead after a restart: leases of the dead have run out."""


@asynccontextmanager
async def beside(
    sandbox: SandboxProcess, url: str, program: ProductProcess
) -> AsyncIterator[Harness]:
    """A harness whose API is the program, and whose books are read here."""
    clock = MovableClock()
    async with (
        opened(product_settings(sandbox, url), clock=clock) as services,
        httpx.AsyncClient(base_url=program.url, timeout=30, trust_env=False) as api,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{sandbox.port}",
            timeout=30,
            trust_env=False,
            limits=NO_IDLE_CONNECTIONS,
        ) as stand_ins,
    ):
        yield Harness(services, clock, api, stand_ins)


async def book_and_pay(harness: Harness, name: str, course_id: str) -> None:
    """Book, pay and return from Stripe; the caller repeats whatever was interrupted."""
    student = harness.student(name)
    answer = await harness.post("/api/stripe/checkout", student, json={"course_id": course_id})
    assert answer.status_code in (200, 201, 409), answer.text
    if answer.status_code == 409:
        assert answer.json()["code"] in ("already_booked", "payment_processing"), answer.text
        return
    page = answer.json()["session_id"]
    await harness.control(f"sessions/{page}/pay", card=cards.VISA, wait=False)


async def until_confirmed(
    harness: Harness, program: ProductProcess, name: str, course_id: str
) -> None:
    """Repeat until the booking is confirmed and its mail has arrived."""
    student = harness.student(name)
    async with asyncio.timeout(IDLE_TIMEOUT):
        while True:
            if program.is_dead:  # it was killed more often than planned
                raise AssertionError(program.said()[-2000:])
            await book_and_pay(harness, name, course_id)
            mine = await harness.get("/api/bookings", student)
            words = [b["status"] for b in mine.json()["items"]]
            if words == ["confirmed"] and await harness.mails(student):
                return
            await asyncio.sleep(0.1)


async def kill_once(
    process_harness: ProcessHarness,
    program: ProductProcess,
    url: str,
    *,
    where: str = "",
    after: float = 0.0,
) -> None:
    """Make one booking with one kill on the way; check the invariants at the end."""
    name = "sam"
    async with beside(process_harness.sandbox, url, program) as harness:
        since = int((await harness.control("clock/advance", seconds=0))["now"])
        course = await harness.course(capacity=1)
        await asyncio.to_thread(program.start, FUZZ_DIE_AT=where)
        booking = asyncio.create_task(book_and_pay(harness, name, course.id))
        began = time.monotonic()
        limit = after or IDLE_TIMEOUT
        while not program.is_dead and time.monotonic() - began < limit:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        if where:
            assert program.is_dead, f"{where} was never reached"
        program.kill()
        await asyncio.gather(booking, return_exceptions=True)
        await harness.control("clock/advance", seconds=AHEAD)
        await asyncio.to_thread(program.start, FUZZ_AHEAD=str(AHEAD))
        await until_confirmed(harness, program, name, course.id)
        await wait_until_idle(harness, seconds=IDLE_TIMEOUT)
        result = await check_against_stripe(harness, since=since)
        assert result.paid == 1, "the student paid twice"
        assert [b.place for b in result.books.bookings].count("confirmed") == 1
        mails = await harness.mails(harness.student(name))
        booked = [m["raw"] for m in mails if m["subject"].startswith("Booked")]
        assert len({message_from_string(raw)["Message-ID"] for raw in booked}) == 1
        program.kill()


async def test_a_kill_at_any_point_loses_nothing(
    process_harness: ProcessHarness, request: pytest.FixtureRequest, scale: float
):
    rng = random.Random()
    rounds = int(max(1, min(scale, MAX_ROUNDS)))
    kills = [(name, where, 0.0) for _ in range(rounds) for name, where in KILL_POINTS.items()]
    moments = (rng.uniform(0, MAX_KILL_SECONDS) for _ in range(int(RANDOM_KILLS * scale)))
    kills += [("at any moment", "", moment) for moment in moments]
    restarts = []
    for number, (name, where, after) in enumerate(kills):
        url = _fresh(request, process_harness.folder, number)
        with product_processes(process_harness, url, [process_harness.port]) as (program,):
            try:
                await kill_once(process_harness, program, url, where=where, after=after)
            except BaseException as error:
                error.add_note(f"killed: {name} ({where or f'{after:.3f} s'}), {url}")
                error.add_note(program.said()[-3000:])
                raise
            restarts.append(program.starts[-1])
    named = len(KILL_POINTS) * rounds
    process_harness.figures.append(
        f"kill -9: {len(kills)} kills ({named} at {len(KILL_POINTS)} named places, "
        f"{len(kills) - named} at random moments), books right each time; "
        f"back after {sorted(restarts)[len(restarts) // 2]:.1f} s (median)"
    )


def _fresh(request: pytest.FixtureRequest, folder: Path, number: int) -> str:
    """Every third time on PostgreSQL, else on SQLite."""
    if number % 3 == 2:
        url: str = request.getfixturevalue("postgres").fresh_database()
        return url
    path = folder / f"killed-{number}.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"
