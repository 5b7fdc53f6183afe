"""Two workers on one database do nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.services.settlement.settle import settle
from coursebook.wiring import Services, opened
from coursebook.worker.tasks import one_round
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import release_held_seat
from tests.support.harness import Harness
from tests.support.stripe_objects import refunds_at_stripe

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def other(harness: Harness) -> AsyncIterator[Services]:
    """A second container of services on the same database, as in another process."""
    async with opened(harness.services.settings, clock=harness.clock) as made:
        yield made


async def both(harness: Harness, other: Services, rounds: int = 3) -> None:
    """Run a round of both workers at the same time."""
    for _ in range(rounds):
        await asyncio.gather(one_round(harness.services), one_round(other), one_round(other))


async def test_no_mail_and_no_refund_is_doubled(harness: Harness, other: Services):
    course = await harness.course()
    paid = [await harness.confirmed(harness.student(f"s{n}"), course) for n in range(4)]
    for started in paid:
        await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await both(harness, other, rounds=4)
    for started in paid:
        subjects = [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]
        assert sorted(subjects) == ["Booked", "Cancelled", "Refund of €45.00"]
        assert len(await refunds_at_stripe(harness, started)) == 1
    await check_books(harness)


async def test_overdue_holds_are_swept_once(harness: Harness, other: Services):
    course = await harness.course(capacity=3)
    held = [await harness.checkout(harness.student(f"s{n}"), course) for n in range(3)]
    await harness.later(minutes=40)
    await both(harness, other)
    harness.clock.advance(timedelta(minutes=1))
    await both(harness, other)
    for started in held:
        assert len(await harness.mails(started.student)) == 1
    books = await check_books(harness)
    assert (books.courses[0].held, books.courses[0].confirmed) == (0, 0)
    moves = [r for r in books.audit if r.event == "expire"]
    assert len(moves) == 3


async def test_a_late_payment_is_refunded_once_by_two_processes(harness: Harness, other: Services):
    course = await harness.course(capacity=1)
    late = await harness.checkout(harness.student("sam"), course)
    await release_held_seat(harness, late)
    await harness.confirmed(harness.student("sally"), course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(late)
    await asyncio.gather(
        *(
            settle(services.context, late.session_id, actor=Actor("test"))
            for services in (harness.services, other)
            for _ in range(4)
        )
    )
    await both(harness, other)
    assert len(await refunds_at_stripe(harness, late)) == 1
    assert len((await read_books(harness)).refunds) == 1


async def test_the_same_click_on_two_processes_opens_one_session(harness: Harness, other: Services):
    sam, course = harness.student("sam"), await harness.course()
    principal = await harness.principal(sam)
    views = await asyncio.gather(
        *(
            services.checkout.start_checkout(principal, course.id)
            for services in (harness.services, other) * 2
        )
    )
    assert len({view.session_id for view in views}) == 1
    await check_books(harness)
