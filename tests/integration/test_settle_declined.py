"""A row of the settlement table: declined on the payment page. Known at once, and nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.unit_of_work import reading
from coursebook.services.settlement.settle import settle
from tests.integration.test_booking_timeline import facts
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import forget_page, lose_place
from tests.support.harness import Started, World
from tests.support.stripe_objects import an_event, ask_stripe, deliver, event_of, session_at_stripe

KIND = "payment_intent.payment_failed"


async def declines(world: World, started: Started) -> list[dict[str, Any]]:
    """Return what Stripe sends about the declines of a checkout, oldest first."""
    payment = (await session_at_stripe(world, started))["payment_intent"]
    found = (await ask_stripe(world, "events", type=KIND, limit=40))["data"]
    return [e for e in reversed(found) if e["data"]["object"]["id"] == payment]


async def decline(world: World, started: Started, card: str = cards.DECLINED) -> None:
    """Pay in vain, and wait until the events about it were handled."""
    await world.pay(started, card)
    await world.quiet()


async def outcome_of(world: World, event_id: str) -> str:
    async with reading(world.services.context.database) as work:
        event = await work.events.find(event_id)
    assert event is not None
    return str(event.outcome)


async def test_a_decline_is_told_at_once_the_place_stays_and_the_same_page_can_be_paid(
    world: World,
):
    started = await world.checkout(world.student("sam"), await world.course(capacity=1))
    before = await world.booking(started)
    await decline(world, started)
    after = await world.booking(started)
    (attempt,) = after["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("open", "Your card was declined.")
    assert (after["status"], after["payment_status"]) == ("pending", "unpaid")
    assert after["hold_expires_at"] == before["hold_expires_at"]
    assert (await facts(world, started))[-1] == "declined"
    (row,) = [r for r in (await check_books(world)).audit if r.event == "declined"]
    assert row.actor.startswith("webhook evt_")
    assert (await session_at_stripe(world, started))["status"] == "open"
    await world.pay(started)
    assert await world.status_of(started) == "confirmed"


async def test_a_decline_heard_of_late_or_twice_is_told_once_and_never_releases(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.control("deliveries/mode", mode="drop")
    await decline(world, started)
    world.clock.advance(world.services.context.hold * 2)
    (event,) = await declines(world, started)
    for name in (event["id"], event["id"] + "_twin"):
        assert (await deliver(world, {**event, "id": name})).status_code == 200
    assert await world.status_of(started) == "pending"
    assert (await world.course_now(course)).held == 1
    assert (await facts(world, started)).count("declined") == 1


async def test_each_new_reason_is_told_and_an_old_one_that_comes_after_paying_is_not(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await decline(world, started)
    await world.later(seconds=1)
    await decline(world, started, cards.INSUFFICIENT_FUNDS)
    await world.later(seconds=1)
    await world.pay(started)
    told = ["booked", "page_opened", "declined", "declined", "confirmed"]
    assert await facts(world, started) == told
    for event in await declines(world, started):
        await deliver(world, {**event, "id": event["id"] + "_late"})
    assert await facts(world, started) == told
    (attempt,) = (await world.booking(started))["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("succeeded", None)


async def test_an_older_answer_that_comes_after_the_payment_tells_of_no_decline(
    world: World, monkeypatch
):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await decline(world, started)
    gateway = world.services.context.gateway
    old = await gateway.session(str(started.session_id))
    await world.pay(started)
    await settle(world.services.context, str(started.session_id), actor=Actor("test"))

    async def late(_session: str):
        return old

    monkeypatch.setattr(gateway, "session", late)
    await settle(world.services.context, str(started.session_id), actor=Actor("test"))
    assert (await facts(world, started))[-1] == "confirmed"
    assert (await world.booking(started))["attempts"][0]["reason"] is None


@pytest.mark.parametrize("first", [KIND, "checkout.session.async_payment_failed"])
async def test_a_debit_that_failed_is_released_once_whichever_event_comes_first(
    world: World, first: str
):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await world.pay(started, cards.DEBIT_FAILS_LATER)
    await world.control("deliveries/mode", mode="drop")
    await world.control(f"sessions/{started.session_id}/settle", outcome="failed")
    (event,) = await declines(world, started)
    await deliver(world, event if first == KIND else await event_of(world, started, first))
    assert await world.status_of(started) == "failed"
    await world.control("deliveries/release")
    await world.quiet()
    await world.worker_round()
    assert (await world.course_now(course)).held == 0
    subjects = [mail["subject"].partition(":")[0] for mail in await world.mails(sam)]
    assert subjects == ["Payment on its way", "Payment failed"]


async def test_a_decline_on_a_page_whose_id_was_never_stored_adopts_the_page(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await forget_page(world, started)
    await decline(world, started)
    (attempt,) = (await read_books(world)).attempts
    assert (attempt.session_id, attempt.state) == (started.session_id, "open")
    assert await world.status_of(started) == "pending"


async def test_a_decline_on_a_page_of_a_lost_place_only_closes_the_page(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await lose_place(world, started)
    await decline(world, started)
    await world.worker_round()
    assert await world.status_of(started) == "failed"
    assert (await world.course_now(course)).held == 0
    assert (await session_at_stripe(world, started))["status"] == "expired"


@pytest.mark.parametrize(
    ("mark", "is_asked_about"),
    [
        ({"app": "shop"}, False),
        ({"app": "coursebook", "booking_id": "bkg_nobody", "attempt": "1"}, True),
    ],
)
async def test_a_decline_of_somebody_else_has_no_effect(
    sqlite_world: World, monkeypatch, mark: dict, is_asked_about: bool
):
    """Of another program: Stripe is not even asked. Or of a payment that Stripe does not know."""
    world, asked = sqlite_world, []
    gateway = world.services.context.gateway
    ask = gateway.session_of_payment

    async def watched(payment: str):
        asked.append(payment)
        return await ask(payment)

    monkeypatch.setattr(gateway, "session_of_payment", watched)
    event = an_event(KIND, {"id": "pi_1", "object": "payment_intent", "metadata": mark})
    assert (await deliver(world, event)).status_code == 200
    assert await outcome_of(world, event["id"]) == "Not ours, no effect."
    assert bool(asked) == is_asked_about
    books = await check_books(world)
    assert (books.audit, books.inbox, books.outbox) == ([], [], [])


async def test_a_decline_whose_event_was_lost_is_seen_at_the_next_look(sqlite_world: World):
    world = sqlite_world
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await decline(world, started)
    world.clock.advance(timedelta(minutes=2))
    await world.worker_round()
    assert (await facts(world, started))[-1] == "declined"
