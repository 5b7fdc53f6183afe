"""Returning from Stripe: the URL is not trusted, and the session is fetched."""

import asyncio

import pytest

from coursebook.errors import BookingNotFound, PaymentProviderError, RateLimited
from tests.support import cards
from tests.support.booking_invariants import read_books
from tests.support.booking_states import forget_session, shorten_stripe_timeouts
from tests.support.harness import OPERATOR, Harness, a_harness
from tests.support.sandbox import SandboxProcess


async def came_back(harness: Harness, student, session_id):
    principal = await harness.principal(student)
    return await harness.services.bookings.booking_of_session(principal, session_id)


async def test_the_success_page_confirms_when_no_webhook_comes_at_all(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started)
    assert await harness.status_of(started) == "pending"
    view = await came_back(harness, sam, started.session_id)
    assert (view.id, view.status.value) == (started.booking_id, "confirmed")


async def test_coming_back_again_and_again_and_with_the_webhook_at_once_books_once(
    harness: Harness,
):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.token(sam)
    await asyncio.gather(
        harness.pay(started), *(came_back(harness, sam, started.session_id) for _ in range(5))
    )
    view = await came_back(harness, sam, started.session_id)
    assert view.status.value == "confirmed"
    await harness.worker_round()
    assert len(await harness.mails(sam)) == 1


async def test_coming_back_without_having_paid_shows_a_booking_that_waits(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    view = await came_back(harness, sam, started.session_id)
    assert view.status.value == "pending"


async def test_coming_back_from_a_delayed_method_says_that_it_is_processing(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    view = await came_back(harness, sam, started.session_id)
    assert (view.status.value, view.payment_status.value) == ("pending", "processing")


async def test_somebody_elses_page_is_no_booking_of_mine(harness: Harness):
    sam, sally = harness.student("sam"), harness.student("sally")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started)
    with pytest.raises(BookingNotFound):
        await came_back(harness, sally, started.session_id)
    assert (await came_back(harness, OPERATOR, started.session_id)).id == started.booking_id


@pytest.mark.parametrize(
    "session_id",
    ["", "cs_", "cs_test_unknown", "pi_1", "cs_test/../x", "cs_é", "cs_" + "a" * 400, "cs_\x00"],
)
async def test_an_invented_page_is_no_booking(sqlite_harness: Harness, session_id: str):
    with pytest.raises(BookingNotFound):
        await came_back(sqlite_harness, sqlite_harness.student("sam"), session_id)


async def test_guessing_pages_is_limited(sandbox_of_the_run: SandboxProcess, sqlite_url: str):
    async with a_harness(sandbox_of_the_run, sqlite_url, checkout_limit="3/minute") as harness:
        sam = harness.student("sam")
        for number in range(3):
            with pytest.raises(BookingNotFound):
                await came_back(harness, sam, f"cs_test_guess{number}")
        with pytest.raises(RateLimited):
            await came_back(harness, sam, "cs_test_guess4")


async def test_stripe_silent_on_the_way_back_is_a_sentence_and_nothing_is_lost(
    harness: Harness, monkeypatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    await harness.control("deliveries/mode", mode="drop")
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started)
    await harness.control("faults", kind="timeout", count=3)
    with pytest.raises(PaymentProviderError, match="please do not pay again"):
        await came_back(harness, sam, started.session_id)
    assert (await came_back(harness, sam, started.session_id)).status.value == "confirmed"


async def test_the_page_of_a_booking_whose_id_was_lost_is_found_on_the_way_back(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await forget_session(harness, started)
    assert (await came_back(harness, sam, started.session_id)).status.value == "confirmed"
    assert (await read_books(harness)).attempts[0].session_id == started.session_id
