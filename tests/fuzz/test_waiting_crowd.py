"""Waiting lists under load: a crowd at a full course, and payments in the last second of a turn.

`--fuzz-scale 10` has 400 buyers, 50 places that become free, and 60 people who wait.
"""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from itertools import cycle

import httpx
import pytest
import sqlalchemy as sa

from coursebook.persistence.schema.tables import Course, WaitingListEntry
from coursebook.persistence.unit_of_work import reading
from tests.fuzz.processes import ProcessHarness, product_processes
from tests.fuzz.test_process_kills import NO_IDLE_CONNECTIONS, beside
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, Student, eur
from tests.support.ports import free_port

BUYERS, FREED, WAITING = 40, 5, 6
PAYMENTS = 8
"""The sandbox takes no page that ends a day after the real time, so not many turns can pass."""
MAX_SCALE = 10
TURN = 60
PAGE_SECONDS = 1200
"""How long before the end of the turn the payment page is opened."""
BUSY = "unavailable"
"""What a process that has too much to do answers; whoever asks again is served."""
SPREAD_SECONDS = 0.15
"""How far apart a payment and the end of the turn may be."""


async def _join_all(harness: Harness, course: Course, count: int) -> list[Student]:
    """Let that many people join the list one after the other."""
    people = [harness.student(f"w{number}") for number in range(count)]
    for person in people:
        answer = await harness.post(f"/api/courses/{course.id}/waiting", person)
        assert answer.status_code == 201, answer.text
    return people


async def _entries(harness: Harness, course: Course) -> list[WaitingListEntry]:
    query = sa.select(WaitingListEntry).where(WaitingListEntry.course_id == course.id)
    async with reading(harness.services.context.database) as work:
        return list((await work.session.scalars(query.order_by(WaitingListEntry.joined_at))).all())


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_crowd_gets_no_place_that_others_wait_for(
    database: str,
    request: pytest.FixtureRequest,
    process_harness: ProcessHarness,
    scale: float,
    figures: list[str],
):
    size = min(scale, MAX_SCALE)
    buyers, freed, waiting = (round(n * size) for n in (BUYERS, FREED, WAITING))
    url = request.getfixturevalue(f"{database}_url")
    ports = [process_harness.port, free_port()]
    with product_processes(process_harness, url, ports) as programs:
        for program in programs:
            program.start()
        async with AsyncExitStack() as stack:
            harness = await stack.enter_async_context(
                beside(process_harness.sandbox, url, programs[0])
            )
            clients = [
                await stack.enter_async_context(_client(program.url)) for program in programs
            ]
            course = await harness.course(price=eur(0), capacity=freed)
            booked = [
                await harness.checkout(harness.student(f"b{number}"), course)
                for number in range(freed)
            ]
            people = await _join_all(harness, course, waiting)
            answers, sums = await _crowd(harness, clients, course, buyers, booked)
            entries = await _entries(harness, course)
            await check_books(harness)
    assert set(answers) <= {"course_full", BUSY}, answers
    assert sums == {freed}
    assert [e.state for e in entries] == ["offered"] * freed + ["waiting"] * (waiting - freed)
    assert len(people) == len(entries)
    offers = [e.offered_at for e in entries if e.offered_at]
    assert offers == sorted(offers)
    figures.append(
        f"waiting crowd, {database}: {buyers} buyers, {answers['course_full']} refusals, "
        f"{freed} places freed, {waiting} wait"
    )


def _client(url: str) -> httpx.AsyncClient:
    """Return a client with a new connection for each call, so that none was closed meanwhile."""
    return httpx.AsyncClient(base_url=url, timeout=120, trust_env=False, limits=NO_IDLE_CONNECTIONS)


async def _crowd(
    harness: Harness,
    at: list[httpx.AsyncClient],
    course: Course,
    buyers: int,
    booked: list[Started],
) -> tuple[Counter[str], set[int]]:
    """Let everybody try to book at both processes while places are freed one by one.

    Return the answers to the buyers, and how many places were taken at each look.
    """
    clients, done, sums = cycle(at), asyncio.Event(), set()
    answers: Counter[str] = Counter()

    async def buy(number: int) -> None:
        buyer = harness.student(f"s{number}")
        tries = 0
        while tries < 1 or not done.is_set():
            headers = {"Authorization": f"Bearer {await harness.token(buyer)}"}
            sent = {"course_id": course.id}
            answer = await next(clients).post("/api/stripe/checkout", json=sent, headers=headers)
            answers[answer.json().get("code", str(answer.status_code))] += 1
            tries += 1
            await asyncio.sleep(random.random())

    async def watch() -> None:
        while not done.is_set():
            now = await harness.course_now(course)
            sums.add(now.held + now.confirmed)
            await asyncio.sleep(0.02)

    async def free() -> None:
        for started in booked:
            headers = {"Authorization": f"Bearer {await harness.token(OPERATOR)}"}
            path = f"/api/bookings/{started.booking_id}/cancel"
            answer = await next(clients).post(path, headers=headers)
            while answer.json().get("code") == BUSY:  # then nothing was stored
                answer = await next(clients).post(path, headers=headers)
            assert answer.status_code == httpx.codes.OK, answer.text
        done.set()

    await asyncio.gather(watch(), free(), *(buy(number) for number in range(buyers)))
    return answers, sums


@pytest.mark.both_databases
async def test_a_payment_in_the_last_second_is_confirmed_or_given_back(
    harness: Harness, figures: list[str]
):
    start = timedelta(days=400)
    course = await harness.course(capacity=1, starts_in=start, offer_minutes=TURN)
    first = await harness.checkout(harness.student("first"), course)
    await harness.pay(first)
    people = await _join_all(harness, course, PAYMENTS + 1)
    await harness.post(f"/api/bookings/{first.booking_id}/cancel", OPERATOR)
    dice, outcomes = random.Random(), Counter[str]()
    for person in people[:PAYMENTS]:
        outcomes[await _pay_at_the_end(harness, person, dice)] += 1
        await check_books(harness)
    assert set(outcomes) <= {"confirmed", "given back", "not taken"}
    figures.append(f"payments in the last second of a turn: {dict(outcomes)}")


async def _pay_at_the_end(harness: Harness, person: Student, dice: random.Random) -> str:
    """Pay an offered place while its turn ends; return what came of it, and serve the next."""
    (entry,) = (await harness.get("/api/waiting", person)).json()["items"]
    until, booking_id = datetime.fromisoformat(entry["offer_until"]), entry["booking_id"]
    await harness.later(seconds=(until - harness.clock()).total_seconds() - PAGE_SECONDS)
    page = await harness.post(f"/api/bookings/{booking_id}/retry", person)
    assert page.status_code == httpx.codes.CREATED, page.text
    session = page.json()["session_id"]
    await harness.later(seconds=PAGE_SECONDS - 0.5)

    async def pay() -> bool:
        await asyncio.sleep(dice.random() * SPREAD_SECONDS)
        sent = await harness.control(f"sessions/{session}/pay", card=cards.VISA, wait=False)
        return bool(sent["session"]["payment_status"] == "paid")

    async def end() -> None:
        await asyncio.sleep(dice.random() * SPREAD_SECONDS)
        harness.clock.advance(timedelta(seconds=1))
        await harness.worker_round()

    was_taken, ended = await asyncio.gather(pay(), end(), return_exceptions=True)
    assert not isinstance(ended, BaseException), ended
    await harness.quiet()
    await harness.worker_round()
    booking = (await harness.get(f"/api/bookings/{booking_id}", person)).json()
    status, paid = booking["status"], booking["payment_status"]
    if status == "confirmed":
        assert paid == "paid"
        await harness.post(f"/api/bookings/{booking_id}/cancel", OPERATOR)
        return "confirmed"
    assert status == "failed"
    if was_taken is not True:  # the page was closed before
        assert paid in ("unpaid", "failed")
        return "not taken"
    assert paid == "refunded"
    return "given back"
