"""Two processes on one database: their workers do not do the same thing twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.services.settlement.settle import settle
from coursebook.wiring import Services, opened
from coursebook.worker.tasks import one_round
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import lose_place
from tests.support.harness import World
from tests.support.stripe_objects import refunds_at_stripe


@pytest.fixture
async def other(world: World) -> AsyncIterator[Services]:
    """A second container of services on the same database, as in another process."""
    async with opened(world.services.settings, clock=world.clock) as made:
        yield made


async def both(world: World, other: Services, rounds: int = 3) -> None:
    """Let both workers come round at the same moments."""
    for _ in range(rounds):
        await asyncio.gather(one_round(world.services), one_round(other), one_round(other))


async def test_no_mail_and_no_refund_is_doubled(world: World, other: Services):
    course = await world.course()
    paid = [await world.confirmed(world.student(f"s{n}"), course) for n in range(4)]
    for started in paid:
        await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await both(world, other, rounds=4)
    for started in paid:
        subjects = [m["subject"].partition(":")[0] for m in await world.mails(started.student)]
        assert sorted(subjects) == ["Booked", "Cancelled", "Refund of €45.00"]
        assert len(await refunds_at_stripe(world, started)) == 1
    await check_books(world)


async def test_overdue_holds_are_swept_once(world: World, other: Services):
    course = await world.course(capacity=3)
    held = [await world.checkout(world.student(f"s{n}"), course) for n in range(3)]
    await world.later(minutes=40)
    await both(world, other)
    world.clock.advance(timedelta(minutes=1))
    await both(world, other)
    for started in held:
        assert len(await world.mails(started.student)) == 1
    books = await check_books(world)
    assert (books.courses[0].held, books.courses[0].confirmed) == (0, 0)
    moves = [r for r in books.audit if r.event == "expire"]
    assert len(moves) == 3


async def test_late_money_is_given_back_once_by_two_processes(world: World, other: Services):
    course = await world.course(capacity=1)
    late = await world.checkout(world.student("sam"), course)
    await lose_place(world, late)
    await world.confirmed(world.student("sally"), course)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(late)
    await asyncio.gather(
        *(
            settle(one.context, late.session_id, actor=Actor("test"))
            for one in (world.services, other)
            for _ in range(4)
        )
    )
    await both(world, other)
    assert len(await refunds_at_stripe(world, late)) == 1
    assert len((await read_books(world)).refunds) == 1


async def test_the_same_click_on_two_processes_opens_one_page(world: World, other: Services):
    sam, course = world.student("sam"), await world.course()
    who = await world.principal(sam)
    views = await asyncio.gather(
        *(one.checkout.start_checkout(who, course.id) for one in (world.services, other) * 2)
    )
    assert len({view.session_id for view in views}) == 1
    await check_books(world)
