"""Concurrent clicks, and a cancel during a checkout, on both databases."""

import asyncio

import pytest

from tests.support.booking_invariants import read_books
from tests.support.harness import Harness, Started, Student, eur
from tests.support.stripe_objects import sessions_of

pytestmark = pytest.mark.both_databases


async def ask(harness: Harness, student: Student, course) -> tuple[int, dict]:
    answer = await harness.post("/api/stripe/checkout", student, json={"course_id": course.id})
    return answer.status_code, answer.json()


async def retry(harness: Harness, started: Started):
    return await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)


async def expired(harness: Harness) -> Started:
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.later(minutes=40)
    await harness.worker_round()
    await harness.quiet()
    return started


async def test_concurrent_clicks_open_one_session_and_hold_one_seat(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    await harness.token(sam)
    answers = await asyncio.gather(*(ask(harness, sam, course) for _ in range(6)))
    assert {status for status, _ in answers} <= {200, 201}
    assert len({body["session_id"] for _, body in answers}) == 1
    assert sum(status == 201 for status, _ in answers) <= 1
    booking_id = answers[0][1]["booking_id"]
    assert len(await sessions_of(harness, booking_id)) == 1
    assert (await harness.course_now(course)).held == 1


async def test_a_free_course_is_confirmed_once_for_many_clicks(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(price=eur(0))
    await harness.token(sam)
    answers = await asyncio.gather(*(ask(harness, sam, course) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert (await harness.course_now(course)).confirmed == 1


async def test_concurrent_first_bookings_create_one_user(harness: Harness):
    sam = harness.student("sam")
    first, two = await harness.course(), await harness.course()
    await harness.token(sam)
    answers = await asyncio.gather(ask(harness, sam, first), ask(harness, sam, two))
    assert [status for status, _ in answers] == [201, 201]
    listed = await harness.get("/api/bookings", sam)
    assert len(listed.json()["items"]) == 2


async def test_cancelling_during_the_stripe_call_leaves_no_payable_session(
    harness: Harness, monkeypatch
):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    gateway = harness.services.context.gateway
    create = gateway.create_session
    answered, cancelled = asyncio.Event(), asyncio.Event()

    async def slow(params, key):
        facts = await create(params, key)
        answered.set()
        await cancelled.wait()
        return facts

    monkeypatch.setattr(gateway, "create_session", slow)
    clicking = asyncio.create_task(ask(harness, sam, course))
    await answered.wait()
    (booking,) = (await read_books(harness)).bookings
    done = await harness.post(f"/api/bookings/{booking.id}/cancel", sam)
    assert done.status_code == 200, done.text
    cancelled.set()
    status, body = await clicking
    assert (status, body["code"]) == (409, "booking_closed")
    (page,) = await sessions_of(harness, booking.id)
    assert page["status"] == "expired"
    assert len((await read_books(harness)).bookings) == 1
    assert (await harness.course_now(course)).held == 0


async def test_cancelling_before_the_session_exists_leaves_no_payable_session(
    harness: Harness, monkeypatch
):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    gateway = harness.services.context.gateway
    create = gateway.create_session
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(params, key):
        asked.set()
        await go_on.wait()
        return await create(params, key)

    monkeypatch.setattr(gateway, "create_session", slow)
    clicking = asyncio.create_task(ask(harness, sam, course))
    await asked.wait()
    (booking,) = (await read_books(harness)).bookings
    await harness.post(f"/api/bookings/{booking.id}/cancel", sam)
    await harness.worker_round()
    go_on.set()
    status, body = await clicking
    assert (status, body["code"]) == (409, "booking_closed")
    await harness.worker_round()
    assert [s["status"] for s in await sessions_of(harness, booking.id)] == ["expired"]


async def test_concurrent_retries_open_one_session(harness: Harness):
    started = await expired(harness)
    await harness.token(started.student)
    answers = await asyncio.gather(*(retry(harness, started) for _ in range(5)))
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["session_id"] for a in answers}) == 1
    statuses = [s["status"] for s in await sessions_of(harness, started.booking_id)]
    assert sorted(statuses) == ["expired", "open"]
