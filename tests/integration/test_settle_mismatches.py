"""Rows of the settlement table: money that comes late, differs, or is nobody's."""

from datetime import timedelta

import pytest

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import cancel_behind_the_page, end_course, lose_place, second_page
from tests.support.harness import World, eur
from tests.support.stripe_objects import deliver, event_of, refunds_at_stripe, session_at_stripe


async def subjects(world: World, student) -> list[str]:
    await world.worker_round()
    return [mail["subject"].partition(":")[0] for mail in await world.mails(student)]


async def test_paid_late_with_a_place_free_takes_it(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await lose_place(world, started)
    await world.pay(started)
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(world, sam) == ["Booked"]


@pytest.mark.parametrize("place", ["held", "lost"])
async def test_a_page_with_nothing_to_pay_confirms_without_any_payment(world: World, place: str):
    """A total of zero: Stripe says «no payment required», and there is no payment to give back."""
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    free = await second_page(world, started, price=eur(0))
    if place == "lost":
        await lose_place(world, started)
    await world.pay(free)
    page = await session_at_stripe(world, free)
    assert (page["payment_status"], page["payment_intent"]) == ("no_payment_required", None)
    booking = await world.booking(free)
    assert (booking["status"], booking["amount"]["amount"]) == ("confirmed", 0)
    assert await subjects(world, sam) == ["Booked"]
    assert (await check_books(world)).refunds == []


async def test_nothing_to_pay_for_what_is_paid_already_gives_nothing_back(sqlite_world: World):
    world = sqlite_world
    started = await world.checkout(world.student("sam"), await world.course())
    free = await second_page(world, started, price=eur(0))
    await world.pay(started)
    await world.pay(free)
    await world.worker_round()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert [a["state"] for a in booking["attempts"]] == ["succeeded", "succeeded"]
    assert (await check_books(world)).refunds == []


async def test_nothing_to_pay_after_cancelling_changes_nothing(sqlite_world: World):
    world, course = sqlite_world, await sqlite_world.course()
    started = await world.checkout(world.student("sam"), course)
    free = await second_page(world, started, price=eur(0))
    await world.services.context.gateway.expire_session(str(started.session_id))
    await world.quiet()
    await cancel_behind_the_page(world, started)
    await world.pay(free)
    await world.worker_round()
    assert await _place_and_attempt(world) == ("cancelled", "succeeded")
    assert (await world.course_now(course)).held == 0
    assert (await check_books(world)).refunds == []


async def test_paid_late_and_full_is_refunded_by_itself(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await lose_place(world, started)
    await world.confirmed(world.student("sally"), course)
    await world.pay(started)
    await world.worker_round()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "refunded")
    (refund,) = await refunds_at_stripe(world, started)
    assert (refund["amount"], refund["status"]) == (4500, "succeeded")
    told = await subjects(world, sam)
    assert sorted(told) == ["Refund of €45.00", "Your payment goes back to you"]


@pytest.mark.parametrize("why", ["started", "cancelled"])
async def test_paid_late_for_a_course_that_is_over_is_refunded(world: World, why: str):
    course = await world.course(starts_in=timedelta(minutes=20))
    started = await world.checkout(world.student("sam"), course)
    await lose_place(world, started)
    if why == "started":
        await world.later(minutes=25)
    else:
        await end_course(world, course)
    await world.pay(started)
    await world.worker_round()
    assert (await world.booking(started))["payment_status"] == "refunded"
    assert (await world.course_now(course)).confirmed == 0


async def test_paid_late_and_refunded_may_be_tried_again_and_then_counts_as_paid(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await lose_place(world, started)
    other = await world.confirmed(world.student("sally"), course)
    await world.pay(started)
    await world.worker_round()
    await world.post(f"/api/bookings/{other.booking_id}/cancel", other.student)
    again = await world.checkout(sam, course)
    assert again.booking_id == started.booking_id
    assert (await world.booking(again))["payment_status"] == "unpaid"
    await world.pay(again)
    booking = await world.booking(again)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


@pytest.mark.parametrize("place", ["expired", "confirmed", "cancelled"])
async def test_a_debit_for_a_place_that_does_not_wait_moves_nothing_before_money_has_come(
    world: World, place: str
):
    course = await world.course(capacity=2)
    page = first = await world.checkout(world.student("sam"), course)
    if place == "confirmed":
        page = await second_page(world, first)
        await world.pay(first)
    else:
        await (lose_place if place == "expired" else cancel_behind_the_page)(world, first)
    await world.pay(page, cards.DEBIT_FAILS_LATER)
    assert await _place_and_attempt(world) == (place, "processing")
    await world.control(f"sessions/{page.session_id}/settle", outcome="failed")
    await world.quiet()
    await world.worker_round()
    assert await _place_and_attempt(world) == (place, "failed")
    assert (await world.course_now(course)).confirmed == (place == "confirmed")
    assert (await check_books(world)).refunds == []


async def _place_and_attempt(world: World) -> tuple[str, str]:
    books = await check_books(world)
    newest = max(books.attempts, key=lambda attempt: attempt.number)
    return books.bookings[0].place, newest.state


@pytest.mark.parametrize(
    "lie",
    [{"amount_total": 4400}, {"currency": "usd"}, {"livemode": True}, {"mode": "subscription"}],
    ids=["amount", "currency", "livemode", "mode"],
)
async def test_a_payment_that_differs_is_never_confirmed_and_goes_to_a_person(world: World, lie):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    await world.control(f"sessions/{started.session_id}/tamper", **lie)
    done = await event_of(world, started, "checkout.session.completed")
    await deliver(world, done)
    assert await world.status_of(started) == "pending"
    books = await check_books(world)
    assert [entry.kind for entry in books.inbox] == ["payment_differs"]
    for call in ("retry", "cancel"):
        answer = await world.post(f"/api/bookings/{started.booking_id}/{call}", sam)
        assert answer.status_code == 409, answer.text
    world.clock.advance(world.services.context.hold * 2)
    assert await subjects(world, sam) == []  # above all nothing that says «nothing was charged»
    assert await world.status_of(started) == "failed"
    assert (await world.course_now(course)).held == 0


async def test_a_delayed_payment_that_differs_does_not_hold_its_place_for_ever(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await world.control(f"sessions/{started.session_id}/tamper", amount_total=1)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.quiet()
    await world.worker_round()
    assert (await world.course_now(course)).held == 0
    assert [entry.kind for entry in (await check_books(world)).inbox] == ["payment_differs"]


async def test_money_that_differs_ends_no_hold_that_waits_for_another_bank(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    other = await second_page(world, started)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    await world.control(f"sessions/{started.session_id}/tamper", amount_total=1)
    await world.pay(other, cards.DEBIT_SUCCEEDS_LATER)
    await deliver(world, await event_of(world, other, "checkout.session.completed"))
    await deliver(world, await event_of(world, started, "checkout.session.completed"))
    (booking,) = (await check_books(world)).bookings
    assert (booking.place, booking.hold_expires_at) == ("held", None), "the bank is still at work"
    await world.control(f"sessions/{other.session_id}/settle", outcome="succeeded")
    await world.later(minutes=3)
    await world.worker_round()
    assert await world.status_of(started) == "confirmed"


async def test_paid_with_our_mark_but_no_booking_of_ours_goes_to_a_person(world: World):
    mark = await world.mark(booking_id="bkg_nobody", attempt="1")
    await world.control("events/foreign", metadata=mark)
    await world.quiet()
    entries = (await check_books(world)).inbox
    assert [e.kind for e in entries] == ["paid_without_booking"]
    assert "bkg_nobody" in entries[0].detail


async def test_a_payment_of_another_application_has_no_effect(world: World):
    await world.control("events/foreign")
    await world.quiet()
    books = await check_books(world)
    assert (books.inbox, books.outbox, books.audit) == ([], [], [])
