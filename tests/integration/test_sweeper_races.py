"""The sweeper concurrently with a payment, an event or a retry, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from coursebook.services.settlement.holds import sweep_hold
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import deliver, event_of, sessions_of

pytestmark = pytest.mark.both_databases


async def overdue(harness: Harness) -> Started:
    """Return a checkout whose hold is overdue while its session is still open."""
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    harness.clock.advance(harness.services.context.hold + timedelta(minutes=1))
    return started


async def seats(harness: Harness) -> tuple[int, int]:
    (course,) = (await read_books(harness)).courses
    return course.held, course.confirmed


async def test_paying_while_the_sweeper_closes_the_page_ends_in_one_of_both(
    harness: Harness, monkeypatch
):
    """The student pays between the sweeper's check and its closing call."""
    started, gateway = await overdue(harness), harness.services.context.gateway
    expire = gateway.expire_session

    async def too_late(session_id: str):
        await harness.control(f"sessions/{session_id}/pay", card=cards.VISA)
        await expire(session_id)

    monkeypatch.setattr(gateway, "expire_session", too_late)
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"
    assert await seats(harness) == (0, 1)


async def test_settling_and_sweeping_at_the_same_moment_agree(harness: Harness):
    started = await overdue(harness)
    await harness.pay(started)
    event = await event_of(harness, started, "checkout.session.completed")
    await asyncio.gather(
        sweep_hold(harness.services.context, started.booking_id),
        deliver(harness, event),
        sweep_hold(harness.services.context, started.booking_id),
    )
    assert await harness.status_of(started) == "confirmed"
    books = await check_books(harness)
    assert [m.kind for m in books.outbox] == ["mail:booked"]


async def test_retrying_and_sweeping_at_the_same_moment_leave_one_page(harness: Harness):
    started = await overdue(harness)
    await harness.token(started.student)
    again, *_ = await asyncio.gather(
        harness.post(f"/api/bookings/{started.booking_id}/retry", started.student),
        sweep_hold(harness.services.context, started.booking_id),
        sweep_hold(harness.services.context, started.booking_id),
    )
    assert again.status_code == 201, again.text
    open_pages = [
        s for s in await sessions_of(harness, started.booking_id) if s["status"] == "open"
    ]
    assert [s["id"] for s in open_pages] == [again.json()["session_id"]]
    assert await seats(harness) == (1, 0)
