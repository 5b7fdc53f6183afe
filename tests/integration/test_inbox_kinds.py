"""Operator actions on inbox entries about ended disputes and reconciliation differences."""

from datetime import timedelta

from coursebook.services.reconciliation.reconciler import Reconciler
from tests.contract.test_api_inbox import act, done, entries
from tests.integration.test_settle_disputes import (
    close,
    dispute,
    disputed,
    forget_what_was_decided,
)
from tests.support.booking_invariants import check_books
from tests.support.comparison import compare_to_end
from tests.support.harness import OPERATOR, Harness
from tests.support.stripe_objects import refunds_at_stripe

HOURS = timedelta(hours=12)


async def test_a_dispute_that_is_lost_is_accepted_and_the_place_stays(sqlite_harness: Harness):
    harness = sqlite_harness
    started, key = await disputed(harness)
    await close(harness, key, "lost")
    (entry,) = await entries(harness)
    assert (entry["kind"], entry["action"]) == ("dispute_lost", "accept")
    assert (await done(harness, entry))["resolution"] == "done"
    assert await harness.status_of(started) == "confirmed"
    assert await refunds_at_stripe(harness, started) == []


async def test_money_won_back_too_late_is_refunded_once(sqlite_harness: Harness):
    harness = sqlite_harness
    started, key = await disputed(harness)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await forget_what_was_decided(harness, started)
    await close(harness, key, "won")
    (entry,) = await entries(harness)
    assert (entry["kind"], entry["action"]) == ("dispute_won_late", "refund")
    assert (await done(harness, entry))["resolution"] == "done"
    assert (await act(harness, entry)).status_code == 409
    assert [r["amount"] for r in await refunds_at_stripe(harness, started)] == [4500]
    assert (await harness.booking(started))["payment_status"] == "refunded"


async def test_a_dispute_that_differs_is_asked_about_again_until_it_is_over(
    sqlite_harness: Harness,
):
    harness = sqlite_harness
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    key = await dispute(harness, started)
    await harness.control(f"disputes/{key}/tamper", amount=9900)
    await harness.control("deliveries/release")
    await harness.quiet()
    entry = next(e for e in await entries(harness) if e["kind"] == "dispute_differs")
    assert (await done(harness, entry))["closed_at"] is None
    await harness.control("deliveries/mode", mode="drop")
    await close(harness, key, "won")
    assert (await done(harness, entry))["resolution"] == "gone"
    assert await entries(harness) == []


async def test_a_difference_is_settled_and_closes_at_the_next_comparison(books: Harness):
    timer = Reconciler(books.services.context, every=HOURS, pause=0)

    async def compared() -> None:
        await compare_to_end(timer)
        books.clock.advance(HOURS)

    await timer.run_next_page()
    started = await books.checkout(books.student("sam"), await books.course())
    await books.control("deliveries/mode", mode="drop")
    await books.pay(started)
    books.clock.advance(HOURS)
    await compared()
    (entry,) = await entries(books)
    assert (entry["kind"], entry["action"]) == ("books_differ", "ask_stripe")
    assert (await act(books, entry)).status_code == 200
    assert await books.status_of(started) == "confirmed"
    assert [e["id"] for e in await entries(books)] == [entry["id"]], (
        "the entry stays until the next comparison"
    )
    await compared()
    assert [e["resolution"] for e in await entries(books, "closed")] == ["gone"]
    await check_books(books)
