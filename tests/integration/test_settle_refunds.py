"""Money on its way back: once, by its own key, seen wherever it was made, and when it fails."""

from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.payments.translation import refund_facts
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import in_a_hurry, ledger_of
from tests.support.harness import Started, World
from tests.support.stripe_objects import charge_of, deliver, event_of, refunds_at_stripe

REFUNDS = {"path": "/v1/refunds", "method": "POST"}


async def cancelled(world: World, card: str = cards.VISA) -> Started:
    """Return a booking that was paid, then cancelled in time; Stripe is not asked yet."""
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, card)
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200, answer.text
    return started


async def test_a_promised_refund_is_made_once_with_its_own_key(world: World):
    started = await cancelled(world)
    assert (await world.booking(started))["payment_status"] == "refunded", "on its way counts"
    for _ in range(3):
        await world.worker_round()
        world.clock.advance(timedelta(minutes=5))
    (refund,) = await refunds_at_stripe(world, started)
    (row,) = (await read_books(world)).refunds
    assert refund["metadata"] == await world.mark(refund_id=row.id)
    assert (row.idempotency_key, row.state) == (f"refund-{row.id}", "succeeded")


@pytest.mark.parametrize(("kind", "when"), [("500", "before"), ("timeout", "after")])
async def test_a_refund_call_without_an_answer_is_repeated_and_made_once(
    world: World, monkeypatch, kind: str, when: str
):
    in_a_hurry(world, monkeypatch)
    started = await cancelled(world)
    await world.control("deliveries/mode", mode="drop")
    await world.control("faults", kind=kind, when=when, count=3, **REFUNDS)
    await world.worker_round()
    assert (await read_books(world)).refunds[0].state == "created"
    world.clock.advance(timedelta(minutes=1))
    await world.worker_round()
    assert len(await refunds_at_stripe(world, started)) == 1
    assert (await read_books(world)).refunds[0].state == "succeeded"


async def test_a_refund_is_not_made_twice_when_stripe_has_forgotten_its_key(
    world: World, monkeypatch
):
    """Keys are forgotten after a day: the refund is looked for before it is asked again."""
    in_a_hurry(world, monkeypatch)
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    async with ledger_of(world, started) as ledger:
        (attempt,) = await ledger.work.attempts.of_booking(started.booking_id)
        await ledger.promise_refund(attempt, 1000, "kindness")  # twice of it would fit
    await world.control("deliveries/mode", mode="drop")
    await world.control("faults", kind="timeout", when="after", count=3, **REFUNDS)
    await world.worker_round()
    await world.later(hours=25)
    await world.worker_round()
    assert [r["amount"] for r in await refunds_at_stripe(world, started)] == [1000]
    assert (await world.booking(started))["payment_status"] == "partially_refunded"


async def test_a_pending_refund_succeeds_later(world: World):
    started = await cancelled(world, cards.REFUND_PENDING)
    await world.worker_round()
    assert (await world.booking(started))["refunds"][0]["state"] == "pending"
    await world.later(minutes=2)
    await world.quiet()
    assert (await world.booking(started))["refunds"][0]["state"] == "succeeded"
    await world.worker_round()
    subjects = [m["subject"].partition(":")[0] for m in await world.mails(started.student)]
    assert sorted(subjects) == ["Booked", "Cancelled", "Refund of €45.00"]


async def test_a_pending_refund_is_asked_about_when_no_webhook_comes(world: World):
    started = await cancelled(world, cards.REFUND_PENDING)
    await world.worker_round()
    await world.control("deliveries/mode", mode="drop")
    await world.later(minutes=2)
    await world.worker_round()
    assert (await world.booking(started))["refunds"][0]["state"] == "succeeded"


async def test_a_pending_refund_is_asked_about_once_a_minute_only(world: World, monkeypatch):
    started = await cancelled(world, cards.REFUND_PENDING)
    await world.worker_round()
    gateway, asked = world.services.context.gateway, []
    ask = gateway.refunds_of

    async def counted(payment: str):
        asked.append(payment)
        return await ask(payment)

    monkeypatch.setattr(gateway, "refunds_of", counted)
    world.clock.advance(timedelta(seconds=70))
    for _ in range(4):
        await world.worker_round()
    assert len(asked) == 1
    assert (await world.booking(started))["refunds"][0]["state"] == "pending"


async def test_a_refund_that_fails_later_moves_the_balance_back_and_asks_a_person(world: World):
    started = await cancelled(world, cards.REFUND_FAILS)
    await world.worker_round()
    assert (await world.booking(started))["payment_status"] == "refunded"
    await world.later(minutes=2)
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "paid")
    books = await check_books(world)
    assert [e.kind for e in books.inbox] == ["refund_failed"]
    await world.later(minutes=5)
    await world.worker_round()
    assert len(await refunds_at_stripe(world, started)) == 1, "nobody tries again by himself"


async def test_a_refund_in_stripes_dashboard_is_seen_and_the_place_stays(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/refund", amount=1500)
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "partially_refunded")
    assert [(r["amount"]["amount"], r["cause"]) for r in booking["refunds"]] == [
        (1500, "stripe_dashboard")
    ]
    assert [e.kind for e in (await check_books(world)).inbox] == ["refund_from_outside"]


async def test_a_full_refund_in_the_dashboard_asks_a_person_and_then_moves_back(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    made = await world.control(f"charges/{await charge_of(world, started)}/refund")
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "refunded")
    await check_books(world)
    await world.control(f"refunds/{made['refund']['id']}/fail")
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    entries = (await check_books(world)).inbox
    assert [e.kind for e in entries] == ["refund_from_outside", "refund_failed"]
    assert [e.resolution for e in entries] == ["gone", None], "there is no such refund any more"


async def test_a_failed_refund_hidden_by_another_of_the_same_sum_is_seen(world: World):
    """The sum given back is the same as before: only the list of refunds tells."""
    started = await world.confirmed(world.student("sam"), await world.course())
    charge = await charge_of(world, started)
    first = await world.control(f"charges/{charge}/refund", amount=1500)
    await world.quiet()
    await world.control("deliveries/mode", mode="drop")
    await world.control(f"refunds/{first['refund']['id']}/fail")
    await world.control(f"charges/{charge}/refund", amount=1500)
    await world.control("deliveries/release")
    await world.quiet()
    states = sorted(r["state"] for r in (await world.booking(started))["refunds"])
    assert states == ["failed", "succeeded"]


async def test_cancelling_what_the_dashboard_gave_back_already_gives_nothing_twice(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/refund", amount=3000)
    await world.quiet()
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.worker_round()
    amounts = [r["amount"] for r in await refunds_at_stripe(world, started)]
    assert sorted(amounts) == [1500, 3000]


async def test_a_refund_that_stripe_refuses_since_the_dashboard_was_quicker(world: World):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    done = await event_of(world, started, "checkout.session.completed")
    await deliver(world, done)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.control(f"charges/{await charge_of(world, started)}/refund")
    await world.worker_round()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
    books = await check_books(world)
    assert sorted(r.state for r in books.refunds) == ["failed", "succeeded"]
    assert books.inbox == [], "the place is given up already: nothing to decide"


@pytest.mark.parametrize(
    ("days", "dashboard", "ours"),
    [(30, 3000, [(4500, "failed"), (1500, "succeeded")]), (5, 4000, [(2250, "failed")])],
    ids=["the rest follows", "enough went back"],
)
async def test_a_part_that_the_dashboard_gave_back_first_counts(
    world: World, days: int, dashboard: int, ours: list[tuple[int, str]]
):
    await world.control("deliveries/mode", mode="drop")
    course = await world.course(starts_in=timedelta(days=days))
    started = await world.checkout(world.student("sam"), course)
    await world.pay(started)
    await deliver(world, await event_of(world, started, "checkout.session.completed"))
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.control(f"charges/{await charge_of(world, started)}/refund", amount=dashboard)
    for _ in range(3):
        await world.worker_round()
    books = await check_books(world)
    made = [(r.amount, r.state) for r in books.refunds if r.cause == "cancelled"]
    assert made == ours
    assert books.inbox == [], "nobody needs to decide anything"
    subjects = [mail["subject"] for mail in await world.mails(started.student)]
    assert not any("failed" in subject or "could not" in subject for subject in subjects), subjects


async def test_a_dashboard_refund_that_was_quicker_and_fails_later_asks_a_person(world: World):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    await deliver(world, await event_of(world, started, "checkout.session.completed"))
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    made = await world.control(f"charges/{await charge_of(world, started)}/refund")
    await world.worker_round()
    await world.control(f"refunds/{made['refund']['id']}/fail")
    await world.control("deliveries/release")
    await world.quiet()
    (entry,) = (await check_books(world)).inbox
    assert (entry.kind, entry.amount, entry.resolution) == ("refund_failed", 4500, None)


async def test_a_dashboard_refund_that_had_failed_when_it_was_first_seen_asks_a_person(
    world: World,
):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    made = await world.control(f"charges/{await charge_of(world, started)}/refund", amount=1500)
    await world.control(f"refunds/{made['refund']['id']}/fail")
    await world.control("deliveries/release")
    await world.quiet()
    (entry,) = (await check_books(world)).inbox
    assert (entry.kind, entry.amount, entry.resolution) == ("refund_failed", 1500, None)


async def test_an_older_answer_about_a_refund_changes_nothing(world: World, monkeypatch):
    started = await cancelled(world, cards.REFUND_PENDING)
    await world.worker_round()
    gateway = world.services.context.gateway
    payment = (await read_books(world)).attempts[0].payment_intent_id
    old = await gateway.refunds_of(payment)
    await world.later(minutes=2)
    await world.quiet()

    async def late(_payment: str):
        return old

    monkeypatch.setattr(gateway, "refunds_of", late)
    await settle(world.services.context, started.session_id, actor=Actor("test"), refunds_too=True)
    assert (await world.booking(started))["refunds"][0]["state"] == "succeeded"


async def test_a_refund_in_a_currency_that_we_do_not_take_is_recorded_all_the_same(world: World):
    """Somebody decided in the dashboard about money that differed."""
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    charge = await charge_of(world, started)
    await world.control(f"sessions/{started.session_id}/tamper", currency="brl")
    await deliver(world, await event_of(world, started, "checkout.session.completed"))
    gateway = world.services.context.gateway
    payment = (await read_books(world)).attempts[0].payment_intent_id
    made = await world.control(f"charges/{charge}/refund")
    facts = refund_facts({**made["refund"], "currency": "brl"})
    assert (facts.amount, facts.currency) == (4500, "brl")
    await world.control("deliveries/release")
    await world.quiet()
    assert len(await gateway.refunds_of(payment)) == 1
    assert (await world.booking(started))["refunds"][0]["cause"] == "stripe_dashboard"


async def test_goodwill_that_fails_is_asked_about_although_a_cancel_gave_back_the_rest(
    world: World,
):
    """A refund that was made before it failed does not stand in for it."""
    started = await world.confirmed(world.student("sam"), await world.course())
    made = await world.control(f"charges/{await charge_of(world, started)}/refund", amount=1000)
    await world.quiet()
    world.clock.advance(timedelta(seconds=1))
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.worker_round()
    world.clock.advance(timedelta(seconds=1))
    await world.control(f"refunds/{made['refund']['id']}/fail")
    await world.quiet()
    still_asked = [e.kind for e in (await check_books(world)).inbox if e.resolved_at is None]
    assert still_asked == ["refund_failed"]
