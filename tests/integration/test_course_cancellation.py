"""Cancelled or started courses: no student is sent to their payment page."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.payments.gateway import SessionFacts
from tests.support.booking_invariants import check_books
from tests.support.booking_states import mark_course_cancelled, shorten_stripe_timeouts
from tests.support.harness import Harness
from tests.support.stripe_objects import deliver, event_of, sessions_of

RESET = {"kind": "reset", "when": "before", "method": "POST", "path": "checkout/sessions"}


async def test_no_reminder_is_sent_for_a_cancelled_course(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await mark_course_cancelled(harness, course)
    harness.clock.advance(harness.services.context.hold - timedelta(minutes=10))
    for _ in range(2):
        await harness.worker_round()
    assert await harness.mails(started.student) == []


async def test_no_session_is_created_for_a_cancelled_course(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    """A call without an answer is repeated only while its session may be paid."""
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    await harness.control("faults", count=3, **RESET)
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert answer.status_code == 502
    await mark_course_cancelled(harness, course)
    (booking,) = (await check_books(harness)).bookings
    for minutes in (2, 5):
        harness.clock.advance(timedelta(minutes=minutes))
        await harness.worker_round()
    assert await sessions_of(harness, booking.id) == []
    (booking,) = (await check_books(harness)).bookings
    assert (booking.place, booking.end_cause) == ("cancelled", "course_cancelled")


async def test_a_mismatched_payment_still_reports_the_cancelled_course(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await harness.control(f"sessions/{started.session_id}/tamper", amount_total=4400)
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    await mark_course_cancelled(harness, course)
    await harness.later(minutes=40)
    for _ in range(2):
        await harness.worker_round()
    books = await check_books(harness)
    (booking,) = books.bookings
    assert (booking.place, booking.end_cause) == ("cancelled", "course_cancelled")
    (mail,) = await harness.mails(sam)
    assert mail["subject"].startswith("Cancelled")
    assert "Nothing was charged" not in mail["text"]
    (entry,) = books.inbox
    assert (entry.kind, entry.resolved_at) == ("payment_differs", None), "its money stays there"


@pytest.mark.parametrize("why", ["called off", "begun"])
async def test_no_session_is_returned_if_the_course_ends_during_the_call(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, why: str
):
    sam, course = harness.student("sam"), await harness.course(starts_in=timedelta(minutes=10))
    gateway = harness.services.context.gateway
    create = gateway.create_session

    async def meanwhile(params: dict[str, Any], key: str) -> SessionFacts:
        facts = await create(params, key)
        if why == "begun":
            harness.clock.advance(timedelta(minutes=11))
        else:
            await mark_course_cancelled(harness, course)
        return facts

    monkeypatch.setattr(gateway, "create_session", meanwhile)
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    (booking,) = (await check_books(harness)).bookings
    (page,) = await sessions_of(harness, booking.id)
    assert page["status"] == "expired"
    ends = {"begun": ("expired", "course_started"), "called off": ("cancelled", "course_cancelled")}
    assert (booking.place, booking.end_cause) == ends[why]
