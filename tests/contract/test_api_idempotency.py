"""`Idempotency-Key`: a repeated POST gets its first answer."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.harness import Harness, Student

pytestmark = pytest.mark.both_databases

PATH = "/api/stripe/checkout"


async def book(harness: Harness, who: Student, course_id: str, key: str) -> httpx.Response:
    headers = {"Idempotency-Key": key}
    return await harness.post(PATH, who, json={"course_id": course_id}, headers=headers)


async def test_a_replay_gets_the_first_answer_with_its_status(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    first = await book(harness, sam, course.id, "key-1")
    again = await book(harness, sam, course.id, "key-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert (await book(harness, sam, course.id, "key-2")).status_code == 200


async def test_a_final_refusal_is_replayed_even_when_things_have_changed(harness: Harness):
    course, sam, sally = (
        await harness.course(capacity=1),
        harness.student("sam"),
        harness.student("sal"),
    )
    started = await harness.checkout(sam, course)
    first = await book(harness, sally, course.id, "key-1")
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    again = await book(harness, sally, course.id, "key-1")
    assert (again.status_code, again.json()) == (409, first.json())
    assert again.headers["content-type"] == "application/problem+json"
    assert (await book(harness, sally, course.id, "key-2")).status_code == 201


async def test_an_answer_that_may_be_better_next_time_is_not_kept(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.control("faults", count=20, kind="500")
    assert (await book(harness, sam, course.id, "key-1")).status_code == 502
    await harness.control("faults", count=0)
    assert (await book(harness, sam, course.id, "key-1")).status_code in (200, 201)


async def test_the_same_key_for_another_request_is_refused(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    first, other = await sqlite_harness.course(), await sqlite_harness.course()
    started = await book(sqlite_harness, sam, first.id, "key-1")
    path = f"/api/bookings/{started.json()['booking_id']}/cancel"
    headers = {"Idempotency-Key": "key-1"}
    for answer in (
        await book(sqlite_harness, sam, other.id, "key-1"),
        await sqlite_harness.post(path, sam, headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/headers/Idempotency-Key"]


async def test_two_students_may_use_the_same_key(sqlite_harness: Harness):
    course = await sqlite_harness.course()
    answers = [
        await book(sqlite_harness, sqlite_harness.student(name), course.id, "1") for name in "ab"
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["booking_id"] for answer in answers}) == 2


async def test_a_cancel_sent_again_is_no_refusal_with_a_key(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    path, headers = f"/api/bookings/{started.booking_id}/cancel", {"Idempotency-Key": "k" * 255}
    first = await harness.post(path, sam, headers=headers)
    again = await harness.post(path, sam, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await harness.post(path, sam)).json()["code"] == "not_cancellable"


async def test_a_key_must_be_printable_and_short(sqlite_harness: Harness):
    course, sam = await sqlite_harness.course(), sqlite_harness.student("sam")
    for key in ("", "k" * 256, "schlüssel".encode("latin-1"), b"\x07bell", "tab\tbed"):
        headers: dict[str, Any] = {"Idempotency-Key": key}
        answer = await sqlite_harness.post(
            PATH, sam, json={"course_id": course.id}, headers=headers
        )
        assert answer.status_code == 422, key
        assert [e["pointer"] for e in answer.json()["errors"]] == ["/headers/Idempotency-Key"]


async def test_the_same_key_many_times_at_once_books_once(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.token(sam)
    answers = await asyncio.gather(*(book(harness, sam, course.id, "key-1") for _ in range(6)))
    done = [a for a in answers if a.status_code == 201]
    waiting = [a for a in answers if a.status_code != 201]
    assert done
    assert len({a.text for a in done}) == 1
    assert {(a.status_code, a.json()["code"]) for a in waiting} <= {(503, "unavailable")}
    assert (await harness.course_now(course)).held == 1
