"""Refunds: made once with their own key, recorded wherever they were made, and their failures."""

from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.payments.translation import refund_facts
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import locked_booking_of, shorten_stripe_timeouts
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import charge_of, deliver, event_of, refunds_at_stripe

REFUNDS = {"path": "/v1/refunds", "method": "POST"}


async def cancelled(harness: Harness, card: str = cards.VISA) -> Started:
    """Return a booking that was paid and cancelled in time, before Stripe is asked to refund."""
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, card)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200, answer.text
    return started


async def test_a_promised_refund_is_made_once_with_its_own_key(harness: Harness):
    started = await cancelled(harness)
    assert (await harness.booking(started))["payment_status"] == "refunded", (
        "a pending refund counts"
    )
    for _ in range(3):
        await harness.worker_round()
        harness.clock.advance(timedelta(minutes=5))
    (refund,) = await refunds_at_stripe(harness, started)
    (row,) = (await read_books(harness)).refunds
    assert refund["metadata"] == await harness.mark(refund_id=row.id)
    assert (row.idempotency_key, row.state) == (f"refund-{row.id}", "succeeded")


@pytest.mark.parametrize(("kind", "when"), [("500", "before"), ("timeout", "after")])
async def test_a_refund_call_without_an_answer_is_repeated_and_made_once(
    harness: Harness, monkeypatch, kind: str, when: str
):
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await cancelled(harness)
    await harness.control("deliveries/mode", mode="drop")
    await harness.control("faults", kind=kind, when=when, count=3, **REFUNDS)
    await harness.worker_round()
    assert (await read_books(harness)).refunds[0].state == "created"
    harness.clock.advance(timedelta(minutes=1))
    await harness.worker_round()
    assert len(await refunds_at_stripe(harness, started)) == 1
    assert (await read_books(harness)).refunds[0].state == "succeeded"


async def test_a_refund_is_not_made_twice_when_stripe_has_forgotten_its_key(
    harness: Harness, monkeypatch
):
    """Stripe drops keys after a day, so we look for the refund before repeating it."""
    shorten_stripe_timeouts(harness, monkeypatch)
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    async with locked_booking_of(harness, started) as locked:
        (attempt,) = await locked.work.attempts.of_booking(started.booking_id)
        await locked.enqueue_refund(attempt, 1000, "kindness")  # twice of it would fit
    await harness.control("deliveries/mode", mode="drop")
    await harness.control("faults", kind="timeout", when="after", count=3, **REFUNDS)
    await harness.worker_round()
    await harness.later(hours=25)
    await harness.worker_round()
    assert [r["amount"] for r in await refunds_at_stripe(harness, started)] == [1000]
    assert (await harness.booking(started))["payment_status"] == "partially_refunded"


async def test_a_pending_refund_succeeds_later(harness: Harness):
    started = await cancelled(harness, cards.REFUND_PENDING)
    await harness.worker_round()
    assert (await harness.booking(started))["refunds"][0]["state"] == "pending"
    await harness.later(minutes=2)
    await harness.quiet()
    assert (await harness.booking(started))["refunds"][0]["state"] == "succeeded"
    await harness.worker_round()
    subjects = [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]
    assert sorted(subjects) == ["Booked", "Cancelled", "Refund of €45.00"]


async def test_a_pending_refund_is_asked_about_when_no_webhook_comes(harness: Harness):
    started = await cancelled(harness, cards.REFUND_PENDING)
    await harness.worker_round()
    await harness.control("deliveries/mode", mode="drop")
    await harness.later(minutes=2)
    await harness.worker_round()
    assert (await harness.booking(started))["refunds"][0]["state"] == "succeeded"


async def test_a_pending_refund_is_asked_about_once_a_minute_only(harness: Harness, monkeypatch):
    started = await cancelled(harness, cards.REFUND_PENDING)
    await harness.worker_round()
    gateway, asked = harness.services.context.gateway, []
    ask = gateway.refunds_of

    async def counted(payment: str):
        asked.append(payment)
        return await ask(payment)

    monkeypatch.setattr(gateway, "refunds_of", counted)
    harness.clock.advance(timedelta(seconds=70))
    for _ in range(4):
        await harness.worker_round()
    assert len(asked) == 1
    assert (await harness.booking(started))["refunds"][0]["state"] == "pending"


async def test_a_refund_that_fails_later_moves_the_balance_back_and_asks_a_person(harness: Harness):
    started = await cancelled(harness, cards.REFUND_FAILS)
    await harness.worker_round()
    assert (await harness.booking(started))["payment_status"] == "refunded"
    await harness.later(minutes=2)
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "paid")
    books = await check_books(harness)
    assert [e.kind for e in books.inbox] == ["refund_failed"]
    await harness.later(minutes=5)
    await harness.worker_round()
    assert len(await refunds_at_stripe(harness, started)) == 1, (
        "a failed refund is not repeated automatically"
    )


async def test_a_refund_in_stripes_dashboard_is_seen_and_the_place_stays(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=1500)
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "partially_refunded")
    assert [(r["amount"]["amount"], r["cause"]) for r in booking["refunds"]] == [
        (1500, "stripe_dashboard")
    ]
    assert [e.kind for e in (await check_books(harness)).inbox] == ["refund_from_outside"]


async def test_a_full_refund_in_the_dashboard_asks_a_person_and_then_moves_back(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    refund = await harness.control(f"charges/{await charge_of(harness, started)}/refund")
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "refunded")
    await check_books(harness)
    await harness.control(f"refunds/{refund['refund']['id']}/fail")
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    entries = (await check_books(harness)).inbox
    assert [e.kind for e in entries] == ["refund_from_outside", "refund_failed"]
    assert [e.resolution for e in entries] == ["gone", None], "the failed refund does not count"


async def test_a_failed_refund_hidden_by_another_of_the_same_sum_is_seen(harness: Harness):
    """The refunded total is unchanged: only the list of refunds shows the failure."""
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    charge = await charge_of(harness, started)
    first = await harness.control(f"charges/{charge}/refund", amount=1500)
    await harness.quiet()
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"refunds/{first['refund']['id']}/fail")
    await harness.control(f"charges/{charge}/refund", amount=1500)
    await harness.control("deliveries/release")
    await harness.quiet()
    states = sorted(r["state"] for r in (await harness.booking(started))["refunds"])
    assert states == ["failed", "succeeded"]


async def test_cancelling_what_the_dashboard_gave_back_already_gives_nothing_twice(
    harness: Harness,
):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=3000)
    await harness.quiet()
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    amounts = [r["amount"] for r in await refunds_at_stripe(harness, started)]
    assert sorted(amounts) == [1500, 3000]


async def test_a_refund_that_stripe_refuses_since_the_dashboard_was_quicker(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    done = await event_of(harness, started, "checkout.session.completed")
    await deliver(harness, done)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.control(f"charges/{await charge_of(harness, started)}/refund")
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
    books = await check_books(harness)
    assert sorted(r.state for r in books.refunds) == ["failed", "succeeded"]
    assert books.inbox == [], "the place is given up already: nothing to decide"


@pytest.mark.parametrize(
    ("days", "dashboard", "ours"),
    [(30, 3000, [(4500, "failed"), (1500, "succeeded")]), (5, 4000, [(2250, "failed")])],
    ids=["the rest follows", "enough went back"],
)
async def test_a_part_that_the_dashboard_gave_back_first_counts(
    harness: Harness, days: int, dashboard: int, ours: list[tuple[int, str]]
):
    await harness.control("deliveries/mode", mode="drop")
    course = await harness.course(starts_in=timedelta(days=days))
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started)
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=dashboard)
    for _ in range(3):
        await harness.worker_round()
    books = await check_books(harness)
    made = [(r.amount, r.state) for r in books.refunds if r.cause == "cancelled"]
    assert made == ours
    assert books.inbox == [], "nobody needs to decide anything"
    subjects = [mail["subject"] for mail in await harness.mails(started.student)]
    assert not any("failed" in subject or "could not" in subject for subject in subjects), subjects


async def test_a_dashboard_refund_that_was_quicker_and_fails_later_asks_a_person(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    refund = await harness.control(f"charges/{await charge_of(harness, started)}/refund")
    await harness.worker_round()
    await harness.control(f"refunds/{refund['refund']['id']}/fail")
    await harness.control("deliveries/release")
    await harness.quiet()
    (entry,) = (await check_books(harness)).inbox
    assert (entry.kind, entry.amount, entry.resolution) == ("refund_failed", 4500, None)


async def test_a_dashboard_refund_that_had_failed_when_it_was_first_seen_asks_a_person(
    harness: Harness,
):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    refund = await harness.control(
        f"charges/{await charge_of(harness, started)}/refund", amount=1500
    )
    await harness.control(f"refunds/{refund['refund']['id']}/fail")
    await harness.control("deliveries/release")
    await harness.quiet()
    (entry,) = (await check_books(harness)).inbox
    assert (entry.kind, entry.amount, entry.resolution) == ("refund_failed", 1500, None)


async def test_an_older_answer_about_a_refund_changes_nothing(harness: Harness, monkeypatch):
    started = await cancelled(harness, cards.REFUND_PENDING)
    await harness.worker_round()
    gateway = harness.services.context.gateway
    payment = (await read_books(harness)).attempts[0].payment_intent_id
    old = await gateway.refunds_of(payment)
    await harness.later(minutes=2)
    await harness.quiet()

    async def late(_payment: str):
        return old

    monkeypatch.setattr(gateway, "refunds_of", late)
    await settle(
        harness.services.context, started.session_id, actor=Actor("test"), refunds_too=True
    )
    assert (await harness.booking(started))["refunds"][0]["state"] == "succeeded"


async def test_a_refund_that_fits_only_because_another_failed_shows_the_failure(harness: Harness):
    """Stripe takes our 45.00 after a failure that no event told: the books never exceed it."""
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    charge = await charge_of(harness, started)
    outside = (await harness.control(f"charges/{charge}/refund", amount=1000))["refund"]
    await harness.quiet()
    async with locked_booking_of(harness, started) as locked:
        (attempt,) = await locked.work.attempts.of_booking(started.booking_id)
        await locked.enqueue_refund(attempt, 4500, "kindness")
    await harness.control("deliveries/mode", mode="drop")
    await harness.control(f"refunds/{outside['id']}/fail")
    await harness.worker_round()
    rows = (await check_books(harness)).refunds
    assert sorted((row.amount, row.state) for row in rows) == [
        (1000, "failed"),
        (4500, "succeeded"),
    ]


async def test_a_refund_in_a_currency_that_we_do_not_take_is_recorded_all_the_same(
    harness: Harness,
):
    """Somebody decided in the dashboard about money that differed."""
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    charge = await charge_of(harness, started)
    await harness.control(f"sessions/{started.session_id}/tamper", currency="brl")
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    gateway = harness.services.context.gateway
    payment = (await read_books(harness)).attempts[0].payment_intent_id
    refund = await harness.control(f"charges/{charge}/refund")
    facts = refund_facts({**refund["refund"], "currency": "brl"})
    assert (facts.amount, facts.currency) == (4500, "brl")
    await harness.control("deliveries/release")
    await harness.quiet()
    assert len(await gateway.refunds_of(payment)) == 1
    assert (await harness.booking(started))["refunds"][0]["cause"] == "stripe_dashboard"


async def test_goodwill_that_fails_is_asked_about_although_a_cancel_gave_back_the_rest(
    harness: Harness,
):
    """An earlier refund must not count in place of the failed one."""
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    refund = await harness.control(
        f"charges/{await charge_of(harness, started)}/refund", amount=1000
    )
    await harness.quiet()
    harness.clock.advance(timedelta(seconds=1))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    harness.clock.advance(timedelta(seconds=1))
    await harness.control(f"refunds/{refund['refund']['id']}/fail")
    await harness.quiet()
    still_asked = [e.kind for e in (await check_books(harness)).inbox if e.resolved_at is None]
    assert still_asked == ["refund_failed"]
