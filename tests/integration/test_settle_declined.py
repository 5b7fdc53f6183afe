"""Rows of the settlement table: a payment declined on the payment page changes no state."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.unit_of_work import reading
from coursebook.services.settlement.settle import settle
from tests.integration.test_booking_timeline import facts
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import forget_session, release_held_seat
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import an_event, ask_stripe, deliver, event_of, session_at_stripe

KIND = "payment_intent.payment_failed"


async def declines(harness: Harness, started: Started) -> list[dict[str, Any]]:
    """Return Stripe's events about the declines of a checkout, oldest first."""
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    events = (await ask_stripe(harness, "events", type=KIND, limit=40))["data"]
    return [e for e in reversed(events) if e["data"]["object"]["id"] == payment]


async def decline(harness: Harness, started: Started, card: str = cards.DECLINED) -> None:
    """Pay with a declined card, and wait until the events are handled."""
    await harness.pay(started, card)
    await harness.quiet()


async def outcome_of(harness: Harness, event_id: str) -> str:
    async with reading(harness.services.context.database) as work:
        event = await work.events.find(event_id)
    assert event is not None
    return str(event.outcome)


async def test_a_decline_is_told_at_once_the_place_stays_and_the_same_page_can_be_paid(
    harness: Harness,
):
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    before = await harness.booking(started)
    await decline(harness, started)
    after = await harness.booking(started)
    (attempt,) = after["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("open", "Your card was declined.")
    assert (after["status"], after["payment_status"]) == ("pending", "unpaid")
    assert after["hold_expires_at"] == before["hold_expires_at"]
    assert (await facts(harness, started))[-1] == "declined"
    (row,) = [r for r in (await check_books(harness)).audit if r.event == "declined"]
    assert row.actor.startswith("webhook evt_")
    assert (await session_at_stripe(harness, started))["status"] == "open"
    await harness.pay(started)
    assert await harness.status_of(started) == "confirmed"


async def test_a_decline_heard_of_late_or_twice_is_told_once_and_never_releases(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.control("deliveries/mode", mode="drop")
    await decline(harness, started)
    harness.clock.advance(harness.services.context.hold * 2)
    (event,) = await declines(harness, started)
    for name in (event["id"], event["id"] + "_twin"):
        assert (await deliver(harness, {**event, "id": name})).status_code == 200
    assert await harness.status_of(started) == "pending"
    assert (await harness.course_now(course)).held == 1
    assert (await facts(harness, started)).count("declined") == 1


async def test_each_new_reason_is_told_and_an_old_one_that_comes_after_paying_is_not(
    harness: Harness,
):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await decline(harness, started)
    await harness.later(seconds=1)
    await decline(harness, started, cards.INSUFFICIENT_FUNDS)
    await harness.later(seconds=1)
    await harness.pay(started)
    told = ["booked", "page_opened", "declined", "declined", "confirmed"]
    assert await facts(harness, started) == told
    for event in await declines(harness, started):
        await deliver(harness, {**event, "id": event["id"] + "_late"})
    assert await facts(harness, started) == told
    (attempt,) = (await harness.booking(started))["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("succeeded", None)


async def test_an_older_answer_that_comes_after_the_payment_tells_of_no_decline(
    harness: Harness, monkeypatch
):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await decline(harness, started)
    gateway = harness.services.context.gateway
    old = await gateway.session(str(started.session_id))
    await harness.pay(started)
    await settle(harness.services.context, str(started.session_id), actor=Actor("test"))

    async def late(_session: str):
        return old

    monkeypatch.setattr(gateway, "session", late)
    await settle(harness.services.context, str(started.session_id), actor=Actor("test"))
    assert (await facts(harness, started))[-1] == "confirmed"
    assert (await harness.booking(started))["attempts"][0]["reason"] is None


@pytest.mark.parametrize("first", [KIND, "checkout.session.async_payment_failed"])
async def test_a_debit_that_failed_is_released_once_whichever_event_comes_first(
    harness: Harness, first: str
):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await harness.pay(started, cards.DEBIT_FAILS_LATER)
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"sessions/{started.session_id}/settle", outcome="failed")
    (event,) = await declines(harness, started)
    await deliver(harness, event if first == KIND else await event_of(harness, started, first))
    assert await harness.status_of(started) == "failed"
    await harness.control("deliveries/release")
    await harness.quiet()
    await harness.worker_round()
    assert (await harness.course_now(course)).held == 0
    subjects = [mail["subject"].partition(":")[0] for mail in await harness.mails(sam)]
    assert subjects == ["Payment on its way", "Payment failed"]


async def test_a_decline_on_a_page_whose_id_was_never_stored_adopts_the_page(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await forget_session(harness, started)
    await decline(harness, started)
    (attempt,) = (await read_books(harness)).attempts
    assert (attempt.session_id, attempt.state) == (started.session_id, "open")
    assert await harness.status_of(started) == "pending"


async def test_a_decline_on_a_page_of_a_lost_place_only_closes_the_page(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await release_held_seat(harness, started)
    await decline(harness, started)
    await harness.worker_round()
    assert await harness.status_of(started) == "failed"
    assert (await harness.course_now(course)).held == 0
    assert (await session_at_stripe(harness, started))["status"] == "expired"


@pytest.mark.parametrize(
    ("mark", "is_asked_about"),
    [
        ({"app": "shop"}, False),
        ({"app": "coursebook", "booking_id": "bkg_nobody", "attempt": "1"}, True),
    ],
)
async def test_a_decline_of_somebody_else_has_no_effect(
    sqlite_harness: Harness, monkeypatch, mark: dict, is_asked_about: bool
):
    """A decline of another application causes no call to Stripe; an unknown payment is ignored."""
    harness, asked = sqlite_harness, []
    gateway = harness.services.context.gateway
    ask = gateway.session_of_payment

    async def watched(payment: str):
        asked.append(payment)
        return await ask(payment)

    monkeypatch.setattr(gateway, "session_of_payment", watched)
    event = an_event(KIND, {"id": "pi_1", "object": "payment_intent", "metadata": mark})
    assert (await deliver(harness, event)).status_code == 200
    assert await outcome_of(harness, event["id"]) == "Not ours, no effect."
    assert bool(asked) == is_asked_about
    books = await check_books(harness)
    assert (books.audit, books.inbox, books.outbox) == ([], [], [])


async def test_a_decline_whose_event_was_lost_is_seen_at_the_next_look(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await decline(harness, started)
    harness.clock.advance(timedelta(minutes=2))
    await harness.worker_round()
    assert (await facts(harness, started))[-1] == "declined"
