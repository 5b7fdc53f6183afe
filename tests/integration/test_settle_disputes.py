"""Rows of the settlement table: the student's bank asks about a payment, or takes it back."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import Books, check_books, read_books
from tests.support.harness import OPERATOR, Started, World
from tests.support.stripe_objects import (
    an_event,
    ask_stripe,
    charge_of,
    deliver,
    refunds_at_stripe,
    session_at_stripe,
)


async def disputed(world: World, **said) -> tuple[Started, str]:
    """Return a confirmed booking whose payment was disputed, and the dispute's id."""
    started = await world.confirmed(world.student("sam"), await world.course())
    return started, await dispute(world, started, **said)


async def dispute(world: World, started: Started, **said) -> str:
    made = await world.control(f"charges/{await charge_of(world, started)}/dispute", **said)
    await world.quiet()
    return str(made["dispute"]["id"])


async def close(world: World, key: str, outcome: str) -> None:
    await world.control(f"disputes/{key}/close", outcome=outcome)
    await world.quiet()


async def words(world: World, started: Started) -> tuple[str, str]:
    booking = await world.booking(started)
    return booking["status"], booking["payment_status"]


def still_asked(books: Books) -> list[str]:
    return [entry.kind for entry in books.inbox if entry.resolved_at is None]


async def test_a_dispute_flags_the_payment_keeps_the_place_and_asks_a_person(world: World):
    started, key = await disputed(world)
    assert await words(world, started) == ("confirmed", "disputed")
    books = await check_books(world)
    (row,) = books.disputes
    assert (row.stripe_dispute_id, row.state, row.amount) == (key, "open", 4500)
    assert row.answer_by is not None
    (entry,) = books.inbox
    assert (entry.kind, entry.amount, entry.currency) == ("dispute_open", 4500, "eur")
    assert f"{row.answer_by:%Y-%m-%d}" in entry.detail


async def test_an_open_dispute_blocks_refunds_also_when_the_booking_is_cancelled(world: World):
    started, _ = await disputed(world)
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 0
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert (answer.json()["status"], answer.json()["refunds"]) == ("cancelled", [])
    await world.worker_round()
    assert await refunds_at_stripe(world, started) == []


async def test_a_dispute_that_is_won_unflags_and_the_question_is_gone(world: World):
    started, key = await disputed(world)
    await close(world, key, "won")
    assert await words(world, started) == ("confirmed", "paid")
    books = await check_books(world)
    assert still_asked(books) == []
    assert books.inbox[0].resolution == "gone"
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 4500


async def test_a_dispute_that_is_lost_stays_flagged_and_an_operator_decides(world: World):
    started, key = await disputed(world)
    await close(world, key, "lost")
    assert await words(world, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(world)) == ["dispute_lost"]
    await world.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert still_asked(await check_books(world)) == [], "decided: the place was taken back"


async def back(world: World, started: Started) -> list[int]:
    """Let the worker keep every promise, and return what Stripe sent back."""
    await world.worker_round()
    await world.quiet()
    return [r["amount"] for r in await refunds_at_stripe(world, started) if r["status"] != "failed"]


async def test_won_after_the_booking_was_cancelled_gives_back_what_was_owed(world: World):
    started, key = await disputed(world)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert await back(world, started) == []
    await close(world, key, "won")
    assert still_asked(await check_books(world)) == []
    assert await back(world, started) == [4500]
    assert await words(world, started) == ("cancelled", "refunded")


async def test_won_after_a_late_cancel_gives_back_the_promised_share_and_no_more(world: World):
    course = await world.course(starts_in=timedelta(days=5))
    started = await world.confirmed(world.student("sam"), course)
    key = await dispute(world, started)
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200, answer.text
    await close(world, key, "won")
    assert await back(world, started) == [2250]
    assert still_asked(await check_books(world)) == []


async def test_won_about_what_the_terms_had_kept_gives_nothing_back(world: World):
    course = await world.course(starts_in=timedelta(days=5))
    started = await world.confirmed(world.student("sam"), course)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert await back(world, started) == [2250]
    key = await dispute(world, started)
    await close(world, key, "won")
    assert await back(world, started) == [2250]
    assert still_asked(await check_books(world)) == []


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_refund_that_a_dispute_stopped_finds_its_end_with_it(world: World, outcome: str):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    key = await dispute(world, started)  # before the worker has asked for the refund
    await world.worker_round()
    assert "refund_failed" in still_asked(await check_books(world))
    await close(world, key, outcome)
    assert still_asked(await check_books(world)) == [], "won: it goes back now; lost: obsolete"
    assert await back(world, started) == ([4500] if outcome == "won" else [])


async def test_lost_about_money_that_went_back_was_given_back_twice(world: World):
    course = await world.course(starts_in=timedelta(days=5))
    started = await world.confirmed(world.student("sam"), course)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert await back(world, started) == [2250]
    key = await dispute(world, started)
    await world.control(f"disputes/{key}/tamper", amount=4500)
    await close(world, key, "lost")
    (entry,) = [e for e in (await check_books(world)).inbox if e.resolved_at is None]
    assert (entry.kind, entry.amount, entry.currency) == ("given_back_twice", 2250, "eur")


async def test_lost_about_a_place_that_is_over_and_nothing_went_back_asks_nobody(world: World):
    started, key = await disputed(world)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await close(world, key, "lost")
    assert still_asked(await check_books(world)) == []
    assert await back(world, started) == []


async def test_won_where_nobody_wrote_down_what_is_owed_asks_about_the_money(world: World):
    """As bookings that an older version cancelled."""
    started, key = await disputed(world)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await forget_what_was_decided(world, started)
    await close(world, key, "won")
    assert still_asked(await check_books(world)) == ["dispute_won_late"]


async def forget_what_was_decided(world: World, started: Started) -> None:
    async with writing(world.services.context.database) as work:
        booking = await work.bookings.lock(started.booking_id)
        assert booking is not None
        booking.kept_amount = None


async def test_an_inquiry_moves_no_money_and_blocks_nothing(world: World):
    started, key = await disputed(world, inquiry=True)
    assert await words(world, started) == ("confirmed", "paid")
    assert still_asked(await check_books(world)) == ["inquiry_open"]
    await close(world, key, "lost")
    assert await words(world, started) == ("confirmed", "paid")
    assert still_asked(await check_books(world)) == []
    assert [d.state for d in (await read_books(world)).disputes] == ["closed"]


async def test_an_inquiry_ends_when_the_money_was_given_back(world: World):
    started, _ = await disputed(world, inquiry=True)
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await world.worker_round()
    await world.quiet()
    assert await words(world, started) == ("cancelled", "refunded")
    books = await check_books(world)
    assert ([d.state for d in books.disputes], still_asked(books)) == (["closed"], [])


async def test_an_inquiry_that_becomes_a_dispute_is_asked_anew(world: World):
    started, key = await disputed(world, inquiry=True)
    await world.control(f"disputes/{key}/escalate")
    await world.quiet()
    assert await words(world, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(world)) == ["dispute_open"]


async def test_a_debit_that_is_taken_back_at_once_is_a_lost_dispute(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.DEBIT_DISPUTED)
    await world.quiet()
    assert await words(world, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(world)) == ["dispute_lost"]


async def test_a_dispute_of_what_was_given_back_in_part_is_about_the_rest(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control(f"charges/{await charge_of(world, started)}/refund", amount=1500)
    await world.quiet()
    await dispute(world, started)
    books = await check_books(world)
    assert [d.amount for d in books.disputes] == [3000]
    assert (await words(world, started))[1] == "disputed"


async def test_the_story_of_a_dispute_doubled_and_in_any_order_ends_the_same(sqlite_world: World):
    world = sqlite_world
    _, key = await disputed(world)
    await world.control("deliveries/mode", mode="drop")
    await close(world, key, "won")
    found = (await ask_stripe(world, "events", limit=40))["data"]
    story = [e for e in found if e["data"]["object"]["id"] == key]
    assert len(story) == 4
    for number, order in enumerate(itertools.permutations(story[1:])):
        for event in order:
            twin = {**event, "id": f"{event['id']}_{number}"}
            assert (await deliver(world, twin)).status_code == 200
    books = await check_books(world)
    moves = [r.to_state for r in books.audit if r.subject.startswith("dispute")]
    assert (moves, still_asked(books)) == (["open", "won"], [])


async def test_what_a_dispute_event_claims_is_not_believed(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    payment = (await session_at_stripe(world, started))["payment_intent"]
    claim = {"id": "du_x", "object": "dispute", "payment_intent": payment, "status": "lost"}
    assert (await deliver(world, an_event("charge.dispute.closed", claim))).status_code == 200
    assert await words(world, started) == ("confirmed", "paid")
    assert (await check_books(world)).disputes == []


async def test_an_older_answer_about_a_dispute_changes_nothing(world: World, monkeypatch):
    started, key = await disputed(world)
    gateway = world.services.context.gateway
    payment = (await read_books(world)).attempts[0].payment_intent_id
    old = await gateway.disputes_of(payment)
    await close(world, key, "won")

    async def late(_payment: str):
        return old

    monkeypatch.setattr(gateway, "disputes_of", late)
    await settle(world.services.context, started.session_id, actor=Actor("test"), refunds_too=True)
    assert await words(world, started) == ("confirmed", "paid")


@pytest.mark.parametrize("lost", ["opened", "closed"])
async def test_a_dispute_whose_event_was_lost_is_found(world: World, lost: str):
    """Opened: at the next look at the payment. Closed: the worker asks about open ones hourly."""
    if lost == "opened":
        await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started)
    key = await dispute(world, started)
    if lost == "opened":
        await world.worker_round()
        world.clock.advance(timedelta(minutes=2))
        await world.worker_round()
        assert (await words(world, started))[1] == "disputed"
        return
    await world.control("deliveries/mode", mode="drop")
    await close(world, key, "won")
    await world.worker_round()
    assert (await words(world, started))[1] == "disputed", "asked a moment ago"
    world.clock.advance(timedelta(minutes=61))
    await world.worker_round()
    assert (await words(world, started))[1] == "paid"


@pytest.mark.parametrize("lie", [{"amount": 9900}, {"currency": "usd"}, {"livemode": True}])
async def test_a_dispute_about_something_else_is_flagged_and_told(world: World, lie: dict):
    started = await world.confirmed(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    key = await dispute(world, started)
    await world.control(f"disputes/{key}/tamper", **lie)
    await world.control("deliveries/release")
    await world.quiet()
    assert (await words(world, started))[1] == "disputed", "the careful reading"
    assert sorted(still_asked(await check_books(world))) == ["dispute_differs", "dispute_open"]
    await world.control(f"disputes/{key}/tamper", amount=4500, currency="eur", livemode=False)
    await close(world, key, "won")
    assert still_asked(await check_books(world)) == []


async def test_a_dispute_of_another_application_has_no_effect(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    (ours,) = (await read_books(world)).attempts
    theirs = {k: v for k, v in ours.params.items() if "metadata" not in k and k != "customer_email"}
    theirs.pop("payment_intent_data")
    page = await world.services.context.gateway.create_session(
        theirs, f"other-{started.booking_id}"
    )
    other = replace(started, session_id=page.id)
    await world.pay(other)
    before = await check_books(world)
    await dispute(world, other)
    after = await check_books(world)
    assert (after.disputes, after.inbox, len(after.audit)) == ([], [], len(before.audit))
