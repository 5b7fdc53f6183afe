"""200 moves back and forth between two courses that are full but for one place, beside buyers."""

import asyncio
import time
from collections import Counter

import httpx

from coursebook.domain.money import Money
from coursebook.persistence.schema.tables import Booking, Course
from tests.fuzz.concurrent_harness import concurrent_harness
from tests.fuzz.processes import ProcessHarness, product_processes
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started
from tests.support.ports import free_port

MOVES, PLACES, BUYERS = 200, 6, 12
FREE = {"amount": 0, "currency": "eur"}
REFUSED = {"course_full", "not_movable", "already_booked"}


async def full_but_one(harness: Harness) -> tuple[Course, list[Started]]:
    course = await harness.course(price=Money(0, "eur"), capacity=PLACES)
    people = [harness.student(f"s{course.slug}{n}") for n in range(PLACES - 1)]
    return course, [await harness.checkout(one, course) for one in people]


async def patiently(
    client: httpx.AsyncClient, path: str, token: str, body: object = None
) -> tuple[str, str]:
    """Call until the product has time; return the code of a refusal or "done", and the booking."""
    headers = {"Authorization": f"Bearer {token}"}
    while True:
        answer = await client.post(path, json=body, headers=headers)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            assert answer.status_code in (200, 201, 409), answer.text
            code = "done" if answer.is_success else str(answer.json()["code"])
            return code, answer.json().get("booking_id", "")


async def buy_and_cancel(client: httpx.AsyncClient, token: str, course: Course) -> str:
    """Take a place if there is one, and give it up again."""
    code, booking_id = await patiently(
        client, "/api/stripe/checkout", token, {"course_id": course.id}
    )
    if booking_id:
        code, _ = await patiently(client, f"/api/bookings/{booking_id}/cancel", token)
    return f"buyer: {code}"


async def move(client: httpx.AsyncClient, token: str, started: Started, target: Course) -> str:
    path = f"/api/manage/bookings/{started.booking_id}/move"
    code, _ = await patiently(client, path, token, {"course_id": target.id, "expect": FREE})
    return code


async def test_moves_back_and_forth_beside_buyers_keep_the_counts(
    process_harness: ProcessHarness, postgres_url: str
):
    ports = [process_harness.port, free_port()]
    with product_processes(process_harness, postgres_url, ports) as running:
        for server in running:
            await asyncio.to_thread(server.start, MANAGE_LIMIT="100000/minute")
        async with concurrent_harness(process_harness.sandbox, postgres_url, running) as (
            harness,
            clients,
        ):
            (one, some), (other, more) = [await full_but_one(harness) for _ in range(2)]
            token = (await harness.control("token", email=OPERATOR.email, ttl=600))["token"]
            buyers = [harness.student(f"b{n}") for n in range(BUYERS)]
            tokens = [await harness.token(buyer) for buyer in buyers]
            pairs = list(zip(some, more, strict=True)) * (MOVES // PLACES)
            calls = []
            for n, (here, there) in enumerate(pairs[: MOVES // 2]):
                targets = (other, one) if n // len(some) % 2 == 0 else (one, other)
                calls += [
                    move(clients[n % 2], token, here, targets[0]),
                    move(clients[(n + 1) % 2], token, there, targets[1]),
                ]
            for n, own in enumerate(tokens):
                buying = buy_and_cancel(clients[n % 2], own, (one, other)[n % 2])
                calls.insert(n * (MOVES // BUYERS), buying)
            began = time.monotonic()
            results = Counter(await asyncio.gather(*calls))
            seconds = time.monotonic() - began
            buyers_codes = {"buyer: done", "buyer: course_full"}
            assert set(results) <= REFUSED | {"done"} | buyers_codes, results
            assert results["done"] > len(some), results
            await check_books(harness)
            rows = await harness.rows_of(Booking)
            for course in (one, other):
                stored = await harness.course_now(course)
                confirmed = sum(b.course_id == course.id and b.place == "confirmed" for b in rows)
                assert (stored.held, stored.confirmed) == (0, confirmed)
                assert confirmed <= PLACES
        for server in running:
            assert "Traceback" not in server.said(), server.said()[-3000:]
            assert "deadlock" not in server.said()
    process_harness.figures.append(
        f"concurrent moves, postgres, 2 servers: {MOVES} moves and {BUYERS} buyers, "
        f"{results['done']} done, all answered in {seconds:.1f} s"
    )
