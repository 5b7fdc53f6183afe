"""Rows of the settlement table: late, mismatched and unknown payments."""

from datetime import timedelta

import pytest

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import (
    cancel_with_open_session,
    mark_course_cancelled,
    open_second_session,
    release_held_seat,
)
from tests.support.harness import Harness, eur
from tests.support.stripe_objects import deliver, event_of, refunds_at_stripe, session_at_stripe


async def subjects(harness: Harness, student) -> list[str]:
    await harness.worker_round()
    return [mail["subject"].partition(":")[0] for mail in await harness.mails(student)]


async def test_paid_late_with_a_place_free_takes_it(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await release_held_seat(harness, started)
    await harness.pay(started)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(harness, sam) == ["Booked"]


@pytest.mark.parametrize("place", ["held", "lost"])
async def test_a_page_with_nothing_to_pay_confirms_without_any_payment(
    harness: Harness, place: str
):
    """With a total of zero Stripe reports `no_payment_required`, and nothing can be refunded."""
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    free = await open_second_session(harness, started, price=eur(0))
    if place == "lost":
        await release_held_seat(harness, started)
    await harness.pay(free)
    page = await session_at_stripe(harness, free)
    assert (page["payment_status"], page["payment_intent"]) == ("no_payment_required", None)
    booking = await harness.booking(free)
    assert (booking["status"], booking["amount"]["amount"]) == ("confirmed", 0)
    assert await subjects(harness, sam) == ["Booked"]
    assert (await check_books(harness)).refunds == []


async def test_nothing_to_pay_for_what_is_paid_already_gives_nothing_back(sqlite_harness: Harness):
    harness = sqlite_harness
    started = await harness.checkout(harness.student("sam"), await harness.course())
    free = await open_second_session(harness, started, price=eur(0))
    await harness.pay(started)
    await harness.pay(free)
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert [a["state"] for a in booking["attempts"]] == ["succeeded", "succeeded"]
    assert (await check_books(harness)).refunds == []


async def test_nothing_to_pay_after_cancelling_changes_nothing(sqlite_harness: Harness):
    harness, course = sqlite_harness, await sqlite_harness.course()
    started = await harness.checkout(harness.student("sam"), course)
    free = await open_second_session(harness, started, price=eur(0))
    await harness.services.context.gateway.expire_session(str(started.session_id))
    await harness.quiet()
    await cancel_with_open_session(harness, started)
    await harness.pay(free)
    await harness.worker_round()
    assert await _place_and_attempt(harness) == ("cancelled", "succeeded")
    assert (await harness.course_now(course)).held == 0
    assert (await check_books(harness)).refunds == []


async def test_paid_late_and_full_is_refunded_by_itself(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await release_held_seat(harness, started)
    await harness.confirmed(harness.student("sally"), course)
    await harness.pay(started)
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "refunded")
    (refund,) = await refunds_at_stripe(harness, started)
    assert (refund["amount"], refund["status"]) == (4500, "succeeded")
    mail_subjects = await subjects(harness, sam)
    assert sorted(mail_subjects) == ["Refund of €45.00", "Your payment goes back to you"]


@pytest.mark.parametrize("why", ["started", "cancelled"])
async def test_paid_late_for_a_course_that_is_over_is_refunded(harness: Harness, why: str):
    course = await harness.course(starts_in=timedelta(minutes=20))
    started = await harness.checkout(harness.student("sam"), course)
    await release_held_seat(harness, started)
    if why == "started":
        await harness.later(minutes=25)
    else:
        await mark_course_cancelled(harness, course)
    await harness.pay(started)
    await harness.worker_round()
    assert (await harness.booking(started))["payment_status"] == "refunded"
    assert (await harness.course_now(course)).confirmed == 0


async def test_paid_late_and_refunded_may_be_tried_again_and_then_counts_as_paid(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await release_held_seat(harness, started)
    other = await harness.confirmed(harness.student("sally"), course)
    await harness.pay(started)
    await harness.worker_round()
    await harness.post(f"/api/bookings/{other.booking_id}/cancel", other.student)
    again = await harness.checkout(sam, course)
    assert again.booking_id == started.booking_id
    assert (await harness.booking(again))["payment_status"] == "unpaid"
    await harness.pay(again)
    booking = await harness.booking(again)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


@pytest.mark.parametrize("place", ["expired", "confirmed", "cancelled"])
async def test_a_debit_for_a_place_that_does_not_wait_moves_nothing_before_money_has_come(
    harness: Harness, place: str
):
    course = await harness.course(capacity=2)
    page = first = await harness.checkout(harness.student("sam"), course)
    if place == "confirmed":
        page = await open_second_session(harness, first)
        await harness.pay(first)
    else:
        await (release_held_seat if place == "expired" else cancel_with_open_session)(
            harness, first
        )
    await harness.pay(page, cards.DEBIT_FAILS_LATER)
    assert await _place_and_attempt(harness) == (place, "processing")
    await harness.control(f"sessions/{page.session_id}/settle", outcome="failed")
    await harness.quiet()
    await harness.worker_round()
    assert await _place_and_attempt(harness) == (place, "failed")
    assert (await harness.course_now(course)).confirmed == (place == "confirmed")
    assert (await check_books(harness)).refunds == []


async def _place_and_attempt(harness: Harness) -> tuple[str, str]:
    books = await check_books(harness)
    newest = max(books.attempts, key=lambda attempt: attempt.number)
    return books.bookings[0].place, newest.state


@pytest.mark.parametrize(
    "lie",
    [{"amount_total": 4400}, {"currency": "usd"}, {"livemode": True}, {"mode": "subscription"}],
    ids=["amount", "currency", "livemode", "mode"],
)
async def test_a_payment_that_differs_is_never_confirmed_and_goes_to_a_person(
    harness: Harness, lie
):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await harness.control(f"sessions/{started.session_id}/tamper", **lie)
    done = await event_of(harness, started, "checkout.session.completed")
    await deliver(harness, done)
    assert await harness.status_of(started) == "pending"
    books = await check_books(harness)
    assert [entry.kind for entry in books.inbox] == ["payment_differs"]
    for call in ("retry", "cancel"):
        answer = await harness.post(f"/api/bookings/{started.booking_id}/{call}", sam)
        assert answer.status_code == 409, answer.text
    harness.clock.advance(harness.services.context.hold * 2)
    assert await subjects(harness, sam) == []  # above all no mail that says nothing was charged
    assert await harness.status_of(started) == "failed"
    assert (await harness.course_now(course)).held == 0


async def test_a_delayed_payment_that_differs_does_not_hold_its_place_for_ever(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await harness.control(f"sessions/{started.session_id}/tamper", amount_total=1)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    await harness.worker_round()
    assert (await harness.course_now(course)).held == 0
    assert [entry.kind for entry in (await check_books(harness)).inbox] == ["payment_differs"]


async def test_money_that_differs_ends_no_hold_that_waits_for_another_bank(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    other = await open_second_session(harness, started)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    await harness.control(f"sessions/{started.session_id}/tamper", amount_total=1)
    await harness.pay(other, cards.DEBIT_SUCCEEDS_LATER)
    await deliver(harness, await event_of(harness, other, "checkout.session.completed"))
    await deliver(harness, await event_of(harness, started, "checkout.session.completed"))
    (booking,) = (await check_books(harness)).bookings
    assert (booking.place, booking.hold_expires_at) == ("held", None), (
        "the other payment is still processing"
    )
    await harness.control(f"sessions/{other.session_id}/settle", outcome="succeeded")
    await harness.later(minutes=3)
    await harness.worker_round()
    assert await harness.status_of(started) == "confirmed"


async def test_paid_with_our_mark_but_no_booking_of_ours_goes_to_a_person(harness: Harness):
    mark = await harness.mark(booking_id="bkg_nobody", attempt="1")
    await harness.control("events/foreign", metadata=mark)
    await harness.quiet()
    entries = (await check_books(harness)).inbox
    assert [e.kind for e in entries] == ["paid_without_booking"]
    assert "bkg_nobody" in entries[0].detail


async def test_a_payment_of_another_application_has_no_effect(harness: Harness):
    await harness.control("events/foreign")
    await harness.quiet()
    books = await check_books(harness)
    assert (books.inbox, books.outbox, books.audit) == ([], [], [])
