"""Duplicated, reordered, early, late and lost events: the result is the same."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from coursebook.payments.gateway import SessionFacts
from coursebook.persistence.schema.tables import WebhookEvent
from coursebook.persistence.unit_of_work import reading
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import Harness
from tests.support.stripe_objects import ask_stripe, deliver, event_of, session_at_stripe

PAID = "checkout.session.completed"


async def stored(harness: Harness, event_id: str) -> WebhookEvent:
    async with reading(harness.services.context.database) as work:
        found = await work.events.find(event_id)
    assert found is not None
    return found


@pytest.mark.parametrize("mode", ["duplicate", "reorder"])
async def test_doubled_and_reordered_deliveries_confirm_once(harness: Harness, mode: str):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode=mode)
    await harness.control(f"sessions/{started.session_id}/pay", card=cards.VISA, wait=False)
    await harness.quiet()
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"
    books = await check_books(harness)
    assert [m.kind for m in books.outbox] == ["mail:booked"]
    assert len(await harness.mails(sam)) == 1


async def test_the_same_event_many_times_at_once_is_stored_once(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    answers = await asyncio.gather(*(deliver(harness, event) for _ in range(8)))
    assert {a.status_code for a in answers} == {200}
    assert await harness.status_of(started) == "confirmed"
    books = await check_books(harness)
    assert [m.kind for m in books.outbox] == ["mail:booked"]


async def test_different_events_about_one_payment_at_once_have_one_effect(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    twins = [{**event, "id": f"{event['id']}_{n}"} for n in range(8)]
    await asyncio.gather(*(deliver(harness, twin) for twin in twins))
    books = await check_books(harness)
    assert [m.kind for m in books.outbox] == ["mail:booked"]
    assert [r.to_state for r in books.audit if r.subject == "booking"] == ["held", "confirmed"]


async def test_the_events_of_one_refund_that_come_together_ask_stripe_once(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    (refunded,) = [
        event
        for event in (await ask_stripe(harness, "events", type="charge.refunded"))["data"]
        if event["data"]["object"]["payment_intent"] == payment
    ]
    asked: list[str] = []
    session = harness.services.context.gateway.session

    async def counted(session_id: str) -> SessionFacts:
        asked.append(session_id)
        return await session(session_id)

    monkeypatch.setattr(harness.services.context.gateway, "session", counted)
    twins = [{**refunded, "id": f"{refunded['id']}_{n}"} for n in range(3)]
    await asyncio.gather(*(deliver(harness, twin) for twin in twins))
    await harness.services.webhooks.drain()
    assert asked == [started.session_id]
    for twin in twins:
        assert (await stored(harness, twin["id"])).handled_at is not None
    assert (await deliver(harness, {**refunded, "id": f"{refunded['id']}_9"})).status_code == 200
    await harness.services.webhooks.drain()
    assert len(asked) == 2, "a later event gets a newer answer"
    assert (await check_books(harness)).inbox == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_story_of_a_refund_in_any_order_ends_the_same(sqlite_harness: Harness, order):
    harness = sqlite_harness
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    done = await event_of(harness, started, PAID)
    events = [{**done, "id": done["id"] + "_again"}]
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    for kind in ("refund.created", "charge.refunded"):
        found = (await ask_stripe(harness, "events", type=kind, limit=20))["data"]
        events.append(next(e for e in found if e["data"]["object"]["payment_intent"] == payment))
    for place in order:
        assert (await deliver(harness, events[place])).status_code == 200
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
    assert len(booking["refunds"]) == 1
    assert (await check_books(harness)).inbox == []


async def test_an_event_that_is_faster_than_our_own_note_is_adopted(harness: Harness, monkeypatch):
    """Stripe's event can arrive before we have stored the answer of the create call."""
    gateway = harness.services.context.gateway
    create = gateway.create_session

    async def paid_before_it_returns(params, key):
        facts = await create(params, key)
        await harness.control(f"sessions/{facts.id}/pay", card=cards.VISA)
        await harness.services.webhooks.drain()
        return facts

    monkeypatch.setattr(gateway, "create_session", paid_before_it_returns)
    sam, course = harness.student("sam"), await harness.course()
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_booked")
    (booking,) = (await harness.get("/api/bookings", sam)).json()["items"]
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


async def test_an_event_that_could_not_be_handled_is_taken_up_by_the_worker(
    harness: Harness, monkeypatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    await harness.control("faults", kind="500", count=3, path=started.session_id, method="GET")
    assert (await deliver(harness, event)).status_code == 200, "storing it is enough"
    assert await harness.status_of(started) == "pending"
    assert (await stored(harness, event["id"])).tries == 1
    harness.clock.advance(timedelta(seconds=10))
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"
    assert (await stored(harness, event["id"])).handled_at is not None


async def test_an_event_stored_by_a_process_that_died_is_taken_up_by_the_worker(
    harness: Harness, monkeypatch
):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    event = await event_of(harness, started, PAID)
    monkeypatch.setattr(harness.services.webhooks, "_handle_now", lambda _id: asyncio.sleep(0))
    await deliver(harness, event)
    assert await harness.status_of(started) == "pending"
    await harness.worker_round()
    assert await harness.status_of(started) == "pending", "the receiver may still be handling it"
    harness.clock.advance(timedelta(seconds=40))
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"


async def test_one_event_that_breaks_our_code_does_not_keep_the_others_waiting(
    sqlite_harness: Harness, monkeypatch
):
    harness = sqlite_harness
    await harness.control("deliveries/mode", mode="drop")
    first, second = [
        await harness.checkout(harness.student(name), await harness.course())
        for name in ("sam", "sue")
    ]
    for started in (first, second):
        await harness.pay(started)
    gateway = harness.services.context.gateway
    ask = gateway.session

    async def trips(session_id):
        if session_id == first.session_id:
            raise KeyError("a mistake of ours")
        return await ask(session_id)

    monkeypatch.setattr(gateway, "session", trips)
    monkeypatch.setattr(harness.services.webhooks, "_handle_now", lambda _id: asyncio.sleep(0))
    events = [await event_of(harness, started, PAID) for started in (first, second)]
    for event in events:
        await deliver(harness, event)
    harness.clock.advance(timedelta(seconds=40))
    await harness.worker_round()
    assert [await harness.status_of(s) for s in (first, second)] == ["pending", "confirmed"]
    assert "a mistake of ours" in ((await stored(harness, events[0]["id"])).outcome or "")
    monkeypatch.setattr(gateway, "session", ask)
    harness.clock.advance(timedelta(minutes=5))
    await harness.worker_round()
    assert await harness.status_of(first) == "confirmed"


async def test_no_event_is_lost_when_all_come_late_by_a_day(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    harness.clock.advance(timedelta(days=1))
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"
    await harness.control("deliveries/release")
    await harness.quiet()
    books = await read_books(harness)
    assert [m.kind for m in books.outbox] == ["mail:booked"]
