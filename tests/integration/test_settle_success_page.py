"""Coming back from Stripe: the address bar is not believed, Stripe is asked."""

import asyncio

import pytest

from coursebook.errors import BookingNotFound, PaymentProviderError, RateLimited
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import forget_page, in_a_hurry
from tests.support.harness import OPERATOR, World, a_world
from tests.support.sandbox import SandboxProcess


async def came_back(world: World, student, session_id):
    who = await world.principal(student)
    return await world.services.bookings.booking_of_session(who, session_id)


async def test_the_success_page_confirms_when_no_webhook_comes_at_all(world: World):
    await world.control("deliveries/mode", mode="drop")
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.pay(started)
    assert await world.status_of(started) == "pending"
    view = await came_back(world, sam, started.session_id)
    assert (view.id, view.status.value) == (started.booking_id, "confirmed")


async def test_coming_back_again_and_again_and_with_the_webhook_at_once_books_once(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.token(sam)
    await asyncio.gather(
        world.pay(started), *(came_back(world, sam, started.session_id) for _ in range(5))
    )
    view = await came_back(world, sam, started.session_id)
    assert view.status.value == "confirmed"
    await world.worker_round()
    assert len(await world.mails(sam)) == 1


async def test_coming_back_without_having_paid_shows_a_booking_that_waits(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    view = await came_back(world, sam, started.session_id)
    assert view.status.value == "pending"


async def test_coming_back_from_a_delayed_method_says_that_it_is_processing(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    view = await came_back(world, sam, started.session_id)
    assert (view.status.value, view.payment_status.value) == ("pending", "processing")


async def test_somebody_elses_page_is_no_booking_of_mine(world: World):
    sam, sally = world.student("sam"), world.student("sally")
    started = await world.checkout(sam, await world.course())
    await world.pay(started)
    with pytest.raises(BookingNotFound):
        await came_back(world, sally, started.session_id)
    assert (await came_back(world, OPERATOR, started.session_id)).id == started.booking_id


@pytest.mark.parametrize(
    "session_id",
    ["", "cs_", "cs_test_unknown", "pi_1", "cs_test/../x", "cs_é", "cs_" + "a" * 400, "cs_\x00"],
)
async def test_an_invented_page_is_no_booking(sqlite_world: World, session_id: str):
    with pytest.raises(BookingNotFound):
        await came_back(sqlite_world, sqlite_world.student("sam"), session_id)


async def test_guessing_pages_is_limited(sandbox_of_the_run: SandboxProcess, sqlite_url: str):
    async with a_world(sandbox_of_the_run, sqlite_url, checkout_limit="3/minute") as world:
        sam = world.student("sam")
        for number in range(3):
            with pytest.raises(BookingNotFound):
                await came_back(world, sam, f"cs_test_guess{number}")
        with pytest.raises(RateLimited):
            await came_back(world, sam, "cs_test_guess4")


async def test_stripe_silent_on_the_way_back_is_a_sentence_and_nothing_is_lost(
    world: World, monkeypatch
):
    in_a_hurry(world, monkeypatch)
    await world.control("deliveries/mode", mode="drop")
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.pay(started)
    await world.control("faults", kind="timeout", count=3)
    with pytest.raises(PaymentProviderError, match="please do not pay again"):
        await came_back(world, sam, started.session_id)
    assert (await came_back(world, sam, started.session_id)).status.value == "confirmed"


async def test_the_page_of_a_booking_whose_id_was_lost_is_found_on_the_way_back(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    await forget_page(world, started)
    assert (await came_back(world, sam, started.session_id)).status.value == "confirmed"
    assert (await read_books(world)).attempts[0].session_id == started.session_id
