"""Rows of the settlement table: inquiries and disputes."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import Books, check_books, read_books
from tests.support.harness import OPERATOR, Harness, Started
from tests.support.stripe_objects import (
    an_event,
    ask_stripe,
    charge_of,
    deliver,
    refunds_at_stripe,
    session_at_stripe,
)


async def disputed(harness: Harness, **values) -> tuple[Started, str]:
    """Return a confirmed booking whose payment was disputed, and the dispute's id."""
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    return started, await dispute(harness, started, **values)


async def dispute(harness: Harness, started: Started, **values) -> str:
    new_dispute = await harness.control(
        f"charges/{await charge_of(harness, started)}/dispute", **values
    )
    await harness.quiet()
    return str(new_dispute["dispute"]["id"])


async def close(harness: Harness, key: str, outcome: str) -> None:
    await harness.control(f"disputes/{key}/close", outcome=outcome)
    await harness.quiet()


async def words(harness: Harness, started: Started) -> tuple[str, str]:
    booking = await harness.booking(started)
    return booking["status"], booking["payment_status"]


def still_asked(books: Books) -> list[str]:
    return [entry.kind for entry in books.inbox if entry.resolved_at is None]


async def test_a_dispute_flags_the_payment_keeps_the_place_and_asks_a_person(harness: Harness):
    started, key = await disputed(harness)
    assert await words(harness, started) == ("confirmed", "disputed")
    books = await check_books(harness)
    (row,) = books.disputes
    assert (row.stripe_dispute_id, row.state, row.amount) == (key, "open", 4500)
    assert row.answer_by is not None
    (entry,) = books.inbox
    assert (entry.kind, entry.amount, entry.currency) == ("dispute_open", 4500, "eur")
    assert f"{row.answer_by:%Y-%m-%d}" in entry.detail


async def test_an_open_dispute_blocks_refunds_also_when_the_booking_is_cancelled(harness: Harness):
    started, _ = await disputed(harness)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 0
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert (answer.json()["status"], answer.json()["refunds"]) == ("cancelled", [])
    await harness.worker_round()
    assert await refunds_at_stripe(harness, started) == []


async def test_a_dispute_that_is_won_unflags_and_the_question_is_gone(harness: Harness):
    started, key = await disputed(harness)
    await close(harness, key, "won")
    assert await words(harness, started) == ("confirmed", "paid")
    books = await check_books(harness)
    assert still_asked(books) == []
    assert books.inbox[0].resolution == "gone"
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 4500


async def test_a_dispute_that_is_lost_stays_flagged_and_an_operator_decides(harness: Harness):
    started, key = await disputed(harness)
    await close(harness, key, "lost")
    assert await words(harness, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(harness)) == ["dispute_lost"]
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert still_asked(await check_books(harness)) == [], "the operator has cancelled the booking"


async def back(harness: Harness, started: Started) -> list[int]:
    """Run the worker until the outbox is empty, and return the refunds at Stripe."""
    await harness.worker_round()
    await harness.quiet()
    return [
        r["amount"] for r in await refunds_at_stripe(harness, started) if r["status"] != "failed"
    ]


async def test_won_after_the_booking_was_cancelled_gives_back_what_was_owed(harness: Harness):
    started, key = await disputed(harness)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    assert await back(harness, started) == []
    await close(harness, key, "won")
    assert still_asked(await check_books(harness)) == []
    assert await back(harness, started) == [4500]
    assert await words(harness, started) == ("cancelled", "refunded")


async def test_won_after_a_late_cancel_gives_back_the_promised_share_and_no_more(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=5))
    started = await harness.confirmed(harness.student("sam"), course)
    key = await dispute(harness, started)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200, answer.text
    await close(harness, key, "won")
    assert await back(harness, started) == [2250]
    assert still_asked(await check_books(harness)) == []


async def test_won_about_what_the_terms_had_kept_gives_nothing_back(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=5))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert await back(harness, started) == [2250]
    key = await dispute(harness, started)
    await close(harness, key, "won")
    assert await back(harness, started) == [2250]
    assert still_asked(await check_books(harness)) == []


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_refund_that_a_dispute_stopped_finds_its_end_with_it(
    harness: Harness, outcome: str
):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    key = await dispute(harness, started)  # before the worker has asked for the refund
    await harness.worker_round()
    assert "refund_failed" in still_asked(await check_books(harness))
    await close(harness, key, outcome)
    assert still_asked(await check_books(harness)) == [], (
        "a won dispute is refunded now; a lost one needs no refund"
    )
    assert await back(harness, started) == ([4500] if outcome == "won" else [])


async def test_lost_about_money_that_went_back_was_given_back_twice(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=5))
    started = await harness.confirmed(harness.student("sam"), course)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert await back(harness, started) == [2250]
    key = await dispute(harness, started)
    await harness.control(f"disputes/{key}/tamper", amount=4500)
    await close(harness, key, "lost")
    (entry,) = [e for e in (await check_books(harness)).inbox if e.resolved_at is None]
    assert (entry.kind, entry.amount, entry.currency) == ("given_back_twice", 2250, "eur")


async def test_lost_about_a_place_that_is_over_and_nothing_went_back_asks_nobody(harness: Harness):
    started, key = await disputed(harness)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await close(harness, key, "lost")
    assert still_asked(await check_books(harness)) == []
    assert await back(harness, started) == []


async def test_won_where_nobody_wrote_down_what_is_owed_asks_about_the_money(harness: Harness):
    """Bookings cancelled by an older version have no recorded refund."""
    started, key = await disputed(harness)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", OPERATOR)
    await forget_what_was_decided(harness, started)
    await close(harness, key, "won")
    assert still_asked(await check_books(harness)) == ["dispute_won_late"]


async def forget_what_was_decided(harness: Harness, started: Started) -> None:
    async with writing(harness.services.context.database) as work:
        booking = await work.bookings.lock(started.booking_id)
        assert booking is not None
        booking.kept_amount = None


async def test_an_inquiry_moves_no_money_and_blocks_nothing(harness: Harness):
    started, key = await disputed(harness, inquiry=True)
    assert await words(harness, started) == ("confirmed", "paid")
    assert still_asked(await check_books(harness)) == ["inquiry_open"]
    await close(harness, key, "lost")
    assert await words(harness, started) == ("confirmed", "paid")
    assert still_asked(await check_books(harness)) == []
    assert [d.state for d in (await read_books(harness)).disputes] == ["closed"]


async def test_an_inquiry_ends_when_the_money_was_given_back(harness: Harness):
    started, _ = await disputed(harness, inquiry=True)
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await harness.worker_round()
    await harness.quiet()
    assert await words(harness, started) == ("cancelled", "refunded")
    books = await check_books(harness)
    assert ([d.state for d in books.disputes], still_asked(books)) == (["closed"], [])


async def test_an_inquiry_that_becomes_a_dispute_is_asked_anew(harness: Harness):
    started, key = await disputed(harness, inquiry=True)
    await harness.control(f"disputes/{key}/escalate")
    await harness.quiet()
    assert await words(harness, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(harness)) == ["dispute_open"]


async def test_a_debit_that_is_taken_back_at_once_is_a_lost_dispute(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.DEBIT_DISPUTED)
    await harness.quiet()
    assert await words(harness, started) == ("confirmed", "disputed")
    assert still_asked(await check_books(harness)) == ["dispute_lost"]


async def test_a_dispute_of_what_was_given_back_in_part_is_about_the_rest(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=1500)
    await harness.quiet()
    await dispute(harness, started)
    books = await check_books(harness)
    assert [d.amount for d in books.disputes] == [3000]
    assert (await words(harness, started))[1] == "disputed"


async def test_the_story_of_a_dispute_doubled_and_in_any_order_ends_the_same(
    sqlite_harness: Harness,
):
    harness = sqlite_harness
    _, key = await disputed(harness)
    await harness.control("deliveries/mode", mode="drop")
    await close(harness, key, "won")
    events = (await ask_stripe(harness, "events", limit=40))["data"]
    story = [e for e in events if e["data"]["object"]["id"] == key]
    assert len(story) == 4
    for number, order in enumerate(itertools.permutations(story[1:])):
        for event in order:
            twin = {**event, "id": f"{event['id']}_{number}"}
            assert (await deliver(harness, twin)).status_code == 200
    books = await check_books(harness)
    moves = [r.to_state for r in books.audit if r.subject.startswith("dispute")]
    assert (moves, still_asked(books)) == (["open", "won"], [])


async def test_what_a_dispute_event_claims_is_not_believed(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    claim = {"id": "du_x", "object": "dispute", "payment_intent": payment, "status": "lost"}
    assert (await deliver(harness, an_event("charge.dispute.closed", claim))).status_code == 200
    assert await words(harness, started) == ("confirmed", "paid")
    assert (await check_books(harness)).disputes == []


async def test_an_older_answer_about_a_dispute_changes_nothing(harness: Harness, monkeypatch):
    started, key = await disputed(harness)
    gateway = harness.services.context.gateway
    payment = (await read_books(harness)).attempts[0].payment_intent_id
    old = await gateway.disputes_of(payment)
    await close(harness, key, "won")

    async def late(_payment: str):
        return old

    monkeypatch.setattr(gateway, "disputes_of", late)
    await settle(
        harness.services.context, started.session_id, actor=Actor("test"), refunds_too=True
    )
    assert await words(harness, started) == ("confirmed", "paid")


@pytest.mark.parametrize("lost", ["opened", "closed"])
async def test_a_dispute_whose_event_was_lost_is_found(harness: Harness, lost: str):
    """A new one at the next check of its payment, a closed one by the worker's hourly check."""
    if lost == "opened":
        await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started)
    key = await dispute(harness, started)
    if lost == "opened":
        await harness.worker_round()
        harness.clock.advance(timedelta(minutes=2))
        await harness.worker_round()
        assert (await words(harness, started))[1] == "disputed"
        return
    await harness.control("deliveries/mode", mode="drop")
    await close(harness, key, "won")
    await harness.worker_round()
    assert (await words(harness, started))[1] == "disputed", "it was checked a moment ago"
    harness.clock.advance(timedelta(minutes=61))
    await harness.worker_round()
    assert (await words(harness, started))[1] == "paid"


@pytest.mark.parametrize("lie", [{"amount": 9900}, {"currency": "usd"}, {"livemode": True}])
async def test_a_dispute_about_something_else_is_flagged_and_told(harness: Harness, lie: dict):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    key = await dispute(harness, started)
    await harness.control(f"disputes/{key}/tamper", **lie)
    await harness.control("deliveries/release")
    await harness.quiet()
    assert (await words(harness, started))[1] == "disputed", "the careful reading"
    assert sorted(still_asked(await check_books(harness))) == ["dispute_differs", "dispute_open"]
    await harness.control(f"disputes/{key}/tamper", amount=4500, currency="eur", livemode=False)
    await close(harness, key, "won")
    assert still_asked(await check_books(harness)) == []


async def test_a_dispute_of_another_application_has_no_effect(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    (ours,) = (await read_books(harness)).attempts
    theirs = {k: v for k, v in ours.params.items() if "metadata" not in k and k != "customer_email"}
    theirs.pop("payment_intent_data")
    page = await harness.services.context.gateway.create_session(
        theirs, f"other-{started.booking_id}"
    )
    other = replace(started, session_id=page.id)
    await harness.pay(other)
    before = await check_books(harness)
    await dispute(harness, other)
    after = await check_books(harness)
    assert (after.disputes, after.inbox, len(after.audit)) == ([], [], len(before.audit))
