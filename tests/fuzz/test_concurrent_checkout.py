"""Concurrent checkouts by twice as many people as there are places.

All places are sold and paid, and the others are refused with `course_full`.
"""

import asyncio
import time
from collections import Counter

import httpx
import pytest

from tests.fuzz.concurrent_harness import concurrent_harness
from tests.fuzz.money_oracle import check_against_stripe, wait_until_idle
from tests.fuzz.processes import ProcessHarness, product_processes
from tests.support import cards
from tests.support.harness import Harness, Student
from tests.support.ports import free_port

PLACES = {"postgres": 200, "sqlite": 50}
"""SQLite takes one writer at a time, however many wait. `--fuzz-scale 2` sells 200 there too."""
PAYING_AT_ONCE = 8
IDLE_TIMEOUT = 600
SLOW_MACHINE = (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.BAD_GATEWAY)
"""Answers that ask to press again: no connection was free in time, or the sandbox did not answer
the SDK's three calls of 10 s each. The place of who got the second one is held already."""
OPENED = (httpx.codes.CREATED, httpx.codes.OK)
"""A payment page: with a new hold, or of the hold that an earlier press left."""
SERVERS = {"postgres": 2, "sqlite": 1}


async def all_at_once(
    harness: Harness,
    clients: list[httpx.AsyncClient],
    people: list[Student],
    course_id: str,
    again: Counter[Student],
) -> list[httpx.Response]:
    """Let everybody press «Book now» together, spread over the servers; count in `again`."""
    tokens = {
        one: (await harness.control("token", email=one.email, ttl=600))["token"] for one in people
    }

    async def press(number: int, one: Student) -> httpx.Response:
        headers = {"Authorization": f"Bearer {tokens[one]}"}
        client = clients[number % len(clients)]
        said = {"course_id": course_id}
        while True:
            answer = await client.post("/api/stripe/checkout", json=said, headers=headers)
            if answer.status_code not in SLOW_MACHINE:
                return answer
            again[one] += 1

    return list(await asyncio.gather(*(press(n, one) for n, one in enumerate(people))))


async def pay_all(harness: Harness, pages: list[str]) -> None:
    """Pay every page, some at a time."""
    some = asyncio.Semaphore(PAYING_AT_ONCE)

    async def pay(page: str) -> None:
        async with some:
            await harness.control(f"sessions/{page}/pay", card=cards.VISA, wait=False)

    await asyncio.gather(*(pay(page) for page in pages))


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
async def test_twice_as_many_people_as_places_book_at_once(
    process_harness: ProcessHarness, request: pytest.FixtureRequest, kind: str, scale: float
):
    places = max(PLACES.values()) if scale > 1 else PLACES[kind]
    url: str = request.getfixturevalue(f"{kind}_url")
    ports = [process_harness.port, free_port()][: SERVERS[kind]]
    with product_processes(process_harness, url, ports) as running:
        for server in running:
            await asyncio.to_thread(server.start)
        async with concurrent_harness(process_harness.sandbox, url, running) as (harness, clients):
            since = int((await harness.control("clock/advance", seconds=0))["now"])
            course = await harness.course(capacity=places)
            people = [harness.student(f"c{n}") for n in range(2 * places)]
            again: Counter[Student] = Counter()
            began = time.monotonic()
            answers = await all_at_once(harness, clients, people, course.id, again)
            seconds = time.monotonic() - began
            pages = [a.json()["session_id"] for a in answers if a.status_code in OPENED]
            refusals = Counter(a.json()["code"] for a in answers if a.status_code not in OPENED)
            assert refusals == {"course_full": places}, running[0].said()[-3000:]
            assert len(set(pages)) == places
            await pay_all(harness, pages)
            await wait_until_idle(harness, seconds=IDLE_TIMEOUT)
            result = await check_against_stripe(harness, since=since)
        assert result.paid == places
        (row,) = result.books.courses
        assert (row.held, row.confirmed) == (0, places)
        for server in running:
            assert "Traceback" not in server.said(), server.said()[-3000:]
            assert "deadlock" not in server.said()
    process_harness.figures.append(
        f"concurrent checkout, {kind}, {len(ports)} server(s): {2 * places} people, "
        f"{places} sold and paid, {places} clear refusals, all answered in {seconds:.1f} s"
        f" ({again.total()} had to press again)"
    )
