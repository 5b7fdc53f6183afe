"""Stripe fails, is slow or goes away: one clear sentence, the booking stays, one session."""

import pytest

from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import Harness
from tests.support.stripe_objects import sessions_of

CREATE = {"path": "/v1/checkout/sessions", "method": "POST"}
TRIES = 3
"""The SDK asks once and repeats twice, except after 429."""

FAULTS = [
    (kind, when, 1 if kind == "429" else TRIES)
    for kind in ("500", "429", "timeout", "reset")
    for when in ("before", "after")
]


@pytest.mark.parametrize(("kind", "when", "count"), FAULTS)
async def test_no_answer_keeps_the_booking_and_trying_again_gives_one_page(
    harness: Harness, monkeypatch, kind: str, when: str, count: int
):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    await harness.control("faults", kind=kind, when=when, count=count, **CREATE)
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert "Your place is held and nothing was charged" in answer.json()["detail"]
    (booking,) = (await harness.get("/api/bookings", sam)).json()["items"]
    assert (booking["status"], booking["can_retry"]) == ("pending", True)
    again = await harness.post(f"/api/bookings/{booking['id']}/retry", sam)
    assert again.status_code == 200, again.text
    (page,) = await sessions_of(harness, booking["id"])
    assert (page["id"], page["status"]) == (again.json()["session_id"], "open")
    assert len((await read_books(harness)).attempts) == 1


async def test_a_single_failure_is_retried_silently(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    await harness.control("faults", kind="500", when="after", count=2, **CREATE)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    assert started.status_code == 201
    assert len(await sessions_of(harness, started.booking_id)) == 1


async def test_a_refusal_by_stripe_is_reported_and_takes_no_seat(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        row.title = "x" * 160
    gateway = harness.services.context.gateway
    original = gateway.params_for
    gateway.params_for = lambda asked: {**original(asked), "no_such_parameter": "1"}
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert (answer.status_code, answer.json()["code"]) == (502, "payment_provider_error")
    assert "no place was taken" in answer.json()["detail"]
    assert (await harness.course_now(course)).held == 0
    gateway.params_for = original
    assert (await harness.checkout(sam, course)).status_code == 201


async def test_the_worker_finds_the_session_of_a_lost_answer(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    await harness.control("faults", kind="timeout", when="after", count=TRIES, **CREATE)
    await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    await harness.later(seconds=70)
    await harness.worker_round()
    (attempt,) = (await read_books(harness)).attempts
    (page,) = await sessions_of(harness, attempt.booking_id)
    assert (attempt.session_id, attempt.state) == (page["id"], "open")


async def test_a_session_too_old_to_repeat_is_searched_at_stripe(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    await harness.control("faults", kind="timeout", when="after", count=TRIES, **CREATE)
    await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    await harness.later(minutes=10)
    await harness.worker_round()
    (attempt,) = (await read_books(harness)).attempts
    (page,) = await sessions_of(harness, attempt.booking_id)
    assert (attempt.session_id, page["status"]) == (page["id"], "expired")
    assert (await harness.course_now(course)).held == 0


async def test_a_call_that_never_arrived_ends_with_the_hold(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    await harness.control("faults", kind="500", when="before", count=TRIES, **CREATE)
    await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    await harness.later(minutes=40)
    await harness.worker_round()
    books = await check_books(harness)
    assert [a.state for a in books.attempts] == ["expired"]
    assert (await harness.course_now(course)).held == 0
    assert (await harness.checkout(sam, course)).booking_id == books.bookings[0].id


async def test_a_repeated_call_that_stripe_refuses_becomes_a_new_attempt(
    harness: Harness, monkeypatch
):
    """After some minutes `expires_at` is too close for Stripe to accept the first call."""
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    await harness.control("faults", kind="500", when="before", count=TRIES, **CREATE)
    await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    (attempt,) = (await read_books(harness)).attempts
    async with writing(harness.services.context.database) as work:
        row = await work.attempts.find(attempt.id)
        assert row is not None
        row.params = {**row.params, "expires_at": row.params["expires_at"] - 600}
    again = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert again.status_code == 201
    assert [a.state for a in (await check_books(harness)).attempts] == ["failed", "open"]
    assert (await harness.course_now(course)).held == 1


async def test_a_repeated_call_never_returns_an_expired_session(harness: Harness, monkeypatch):
    """Stripe replays its first answer even if the session has expired since."""
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    await harness.control("faults", kind="timeout", when="after", count=TRIES, **CREATE)
    await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    (attempt,) = (await read_books(harness)).attempts
    (lost,) = await sessions_of(harness, attempt.booking_id)
    await harness.control("deliveries/mode", mode="drop")
    await harness.services.context.gateway.expire_session(lost["id"])
    again = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert again.status_code == 201
    assert again.json()["session_id"] != lost["id"]


async def test_reading_an_open_session_may_fail_too(harness: Harness, monkeypatch):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    await harness.control("faults", kind="500", count=TRIES, path=started.session_id, method="GET")
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert answer.json()["code"] == "payment_provider_error"
    assert "nothing was charged" not in answer.json()["detail"]
    assert (await harness.checkout(sam, course)).session_id == started.session_id
