"""Cancelling concurrently with a payment, a retry or another cancel, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from coursebook.services.bookings import cancellation
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import refunds_at_stripe, sessions_of

pytestmark = pytest.mark.both_databases


async def cancel(harness: Harness, started: Started):
    return await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)


async def test_a_payment_during_cancelling_is_settled(harness: Harness, monkeypatch):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    gateway = harness.services.context.gateway
    expire = gateway.expire_session

    async def too_late(session_id: str):
        await harness.control(f"sessions/{session_id}/pay", card=cards.VISA)
        await expire(session_id)

    monkeypatch.setattr(gateway, "expire_session", too_late)
    assert (await cancel(harness, started)).json()["code"] == "not_cancellable"
    assert await harness.status_of(started) == "confirmed"


async def test_a_second_cancel_refunds_nothing(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.token(started.student)
    answers = await asyncio.gather(*(cancel(harness, started) for _ in range(4)))
    assert sorted(a.status_code for a in answers) == [200, 409, 409, 409]
    await harness.worker_round()
    assert len(await refunds_at_stripe(harness, started)) == 1
    assert (await cancel(harness, started)).json()["code"] == "not_cancellable"


async def test_a_concurrent_retry_is_closed_too(harness: Harness, monkeypatch):
    """The session of attempt 2 opens after cancelling has closed that of attempt 1."""
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    harness.clock.advance(harness.services.context.hold - timedelta(seconds=30))
    close, slipped = cancellation.close_pages, []

    async def slips_in(*about):
        await close(*about)
        if not slipped:
            slipped.append(await harness.post(f"/api/bookings/{started.booking_id}/retry", sam))

    sam = started.student
    monkeypatch.setattr(cancellation, "close_pages", slips_in)
    answer = await cancel(harness, started)
    assert slipped[0].status_code == 201, slipped[0].text
    assert answer.json()["status"] == "cancelled"
    statuses = {s["status"] for s in await sessions_of(harness, started.booking_id)}
    assert statuses == {"expired"}


@pytest.mark.parametrize("rival", ["retry", "pay"])
async def test_cancelling_concurrently_keeps_the_invariants(harness: Harness, rival: str):
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    await harness.token(started.student)
    other = (
        harness.pay(started)
        if rival == "pay"
        else harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    )
    await asyncio.gather(cancel(harness, started), other)
    await harness.quiet()
    await harness.worker_round()
    assert await harness.status_of(started) in ("cancelled", "confirmed")
    await check_books(harness)
