"""Checkout Sessions whose id was never stored: found again, also with differing clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.domain.reconciliation import Run
from coursebook.persistence.repositories.attempts import Attempts
from coursebook.persistence.repositories.reconciliations import Reconciliations
from coursebook.persistence.unit_of_work import writing
from coursebook.services.reconciliation import stages
from coursebook.services.settlement.settle import settle
from tests.support.booking_invariants import read_books
from tests.support.booking_states import forget_session, shorten_stripe_timeouts
from tests.support.harness import Harness
from tests.support.stripe_objects import sessions_of


async def test_two_who_adopt_a_page_at_once_ask_nobody_about_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await forget_session(harness, started)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    looked, by_session = [0], Attempts.by_session

    async def meanwhile(self: Attempts, session_id: str) -> object:
        attempt_rows = await by_session(self, session_id)
        looked[0] += 1
        if looked[0] == 2:  # the first look is before the transaction, the second one in it
            await settle(harness.services.context, session_id, actor=Actor("another process"))
        return attempt_rows

    monkeypatch.setattr(Attempts, "by_session", meanwhile)
    done = await settle(harness.services.context, str(started.session_id), actor=Actor("webhook"))
    assert done.booking_id == started.booking_id
    books = await read_books(harness)
    assert books.inbox == [], "the payment is settled and needs no inbox entry"
    assert await harness.status_of(started) == "confirmed"


async def test_a_page_that_is_adopted_while_the_books_are_compared_does_not_differ(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    began = harness.clock() - timedelta(hours=1)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await forget_session(harness, started)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    by_sessions = Reconciliations.by_sessions

    async def meanwhile(self: Reconciliations, ids: list[str]) -> object:
        attempt_rows = await by_sessions(self, ids)
        assert str(started.session_id) in ids
        await settle(
            harness.services.context, str(started.session_id), actor=Actor("another process")
        )
        return attempt_rows

    monkeypatch.setattr(Reconciliations, "by_sessions", meanwhile)
    looked = await stages.sessions(harness.services.context, Run("test", began, harness.clock()))
    assert [d for d in looked.differences if d.session_id == started.session_id] == []
    assert await harness.status_of(started) == "confirmed"


async def test_a_lost_page_is_closed_although_our_clock_is_ahead(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course()
    lost = {"kind": "reset", "when": "after", "method": "POST", "path": "checkout/sessions"}
    await harness.control("faults", count=3, **lost)
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert answer.status_code == 502
    (booking,) = (await read_books(harness)).bookings
    at_stripe = datetime.fromtimestamp(
        (await harness.control("clock/advance", seconds=0))["now"], UTC
    )
    async with writing(harness.services.context.database) as work:
        (attempt,) = await work.attempts.of_booking(booking.id)
        attempt.created_at = at_stripe + timedelta(minutes=36)
    assert (await harness.post(f"/api/bookings/{booking.id}/cancel", sam)).status_code == 200
    await harness.worker_round()
    assert [page["status"] for page in await sessions_of(harness, booking.id)] == ["expired"]
