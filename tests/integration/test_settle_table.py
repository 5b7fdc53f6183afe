"""Rows of the settlement table, driven by Stripe's events, on both databases."""

import pytest

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import (
    cancel_with_open_session,
    forget_session,
    open_second_session,
)
from tests.support.harness import Harness, eur
from tests.support.stripe_objects import (
    an_event,
    deliver,
    event_of,
    refunds_at_stripe,
    session_at_stripe,
)

pytestmark = pytest.mark.both_databases


async def subjects(harness: Harness, student) -> list[str]:
    await harness.worker_round()
    return [mail["subject"].partition(":")[0] for mail in await harness.mails(student)]


async def test_held_in_time_and_paid_is_confirmed_with_one_mail(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.checkout(sam, course)
    await harness.pay(started)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(harness, sam) == ["Booked"]
    assert (await harness.course_now(course)).confirmed == 1


async def test_held_overdue_but_not_yet_swept_and_paid_is_confirmed(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    harness.clock.advance(harness.services.context.hold * 2)
    await harness.pay(started)
    assert await harness.status_of(started) == "confirmed"


async def test_held_and_complete_but_unpaid_stops_the_hold_and_cannot_be_retried(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("pending", "processing")
    assert (booking["hold_expires_at"], booking["can_retry"]) == (None, False)
    assert not booking["can_cancel"]
    for call in ("retry", "cancel"):
        answer = await harness.post(f"/api/bookings/{started.booking_id}/{call}", sam)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_processing")
    assert await subjects(harness, sam) == ["Payment on its way"]


async def test_a_payment_on_its_way_keeps_its_place_for_days(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    harness.clock.advance(harness.services.context.hold * 100)
    await harness.worker_round()
    assert await harness.status_of(started) == "pending"
    answer = await harness.post(
        "/api/stripe/checkout", harness.student("sally"), json={"course_id": course.id}
    )
    assert answer.json()["code"] == "course_full"


async def test_on_its_way_and_then_paid_is_confirmed(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(harness, sam) == ["Payment on its way", "Booked"]


async def test_on_its_way_and_then_failed_is_released_told_and_may_be_tried_again(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await harness.pay(started, cards.DEBIT_FAILS_LATER)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "failed")
    assert booking["can_retry"]
    assert (await harness.course_now(course)).held == 0
    assert await subjects(harness, sam) == ["Payment on its way", "Payment failed"]
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert again.status_code == 201


async def test_async_success_that_overtakes_completed_confirms_at_once(harness: Harness):
    await harness.control("deliveries/mode", mode="drop")
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    late = await event_of(harness, started, "checkout.session.async_payment_succeeded")
    early = await event_of(harness, started, "checkout.session.completed")
    assert (await deliver(harness, late)).status_code == 200
    assert await harness.status_of(started) == "confirmed"
    assert (await deliver(harness, early)).status_code == 200
    assert await harness.status_of(started) == "confirmed"


async def test_declined_inside_checkout_changes_nothing_but_keeps_the_reason(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await harness.pay(started, cards.DECLINED)
    assert await harness.status_of(started) == "pending"
    look = await harness.get(f"/api/bookings/{started.booking_id}", sam)
    assert look.json()["attempts"][0]["state"] == "open"
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert (again.status_code, again.json()["session_id"]) == (200, started.session_id)
    (attempt,) = (await harness.booking(started))["attempts"]
    assert attempt["reason"] == "Your card was declined."
    books = await check_books(harness)
    assert [row.cause for row in books.audit if row.event == "declined"] == [
        "Your card was declined."
    ]
    await harness.pay(started)
    (attempt,) = (await harness.booking(started))["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("succeeded", None)


async def test_held_and_expired_at_stripe_is_released_with_one_mail(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    started = await harness.checkout(sam, course)
    await harness.later(minutes=36)
    await harness.quiet()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "unpaid")
    assert (await harness.course_now(course)).held == 0
    harness.clock.advance(harness.services.context.hold)
    assert await subjects(harness, sam) == ["Your place is no longer held"]
    assert await subjects(harness, sam) == ["Your place is no longer held"]


async def test_an_old_page_that_expires_never_touches_its_successor(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    await harness.later(minutes=36)
    await harness.quiet()
    again = await harness.post(f"/api/bookings/{first.booking_id}/retry", sam)
    assert again.status_code == 201
    old = await event_of(harness, first, "checkout.session.expired")
    await deliver(harness, {**old, "id": "evt_sent_once_more_" + first.booking_id})
    assert await harness.status_of(first) == "pending"
    assert (await harness.booking(first))["attempts"][-1]["state"] == "open"


async def test_an_older_page_still_open_that_expires_leaves_the_newer_one_alone(harness: Harness):
    first = await harness.checkout(harness.student("sam"), await harness.course())
    second = await open_second_session(harness, first)
    gateway = harness.services.context.gateway
    await gateway.expire_session(first.session_id)
    await harness.quiet()
    assert await harness.status_of(second) == "pending"
    await harness.pay(second)
    assert await harness.status_of(second) == "confirmed"


async def test_a_newer_page_that_expires_does_not_release_a_payment_on_its_way(harness: Harness):
    first = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    second = await open_second_session(harness, first)
    await harness.pay(first, cards.DEBIT_SUCCEEDS_LATER)
    await harness.services.context.gateway.expire_session(second.session_id)
    await harness.quiet()
    assert await harness.status_of(first) == "pending"
    assert (await harness.booking(first))["payment_status"] == "processing"
    await harness.control(f"sessions/{first.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert await harness.status_of(first) == "confirmed"


async def test_a_payment_on_its_way_that_fails_releases_though_a_newer_page_was_closed(
    harness: Harness,
):
    course = await harness.course(capacity=1)
    first = await harness.checkout(harness.student("sam"), course)
    await open_second_session(harness, first)
    await harness.pay(first, cards.DEBIT_FAILS_LATER)
    await harness.worker_round()
    await harness.quiet()
    await harness.control(f"sessions/{first.session_id}/settle", outcome="failed")
    await harness.quiet()
    assert await harness.status_of(first) == "failed"
    assert (await harness.course_now(course)).held == 0


async def test_a_second_success_is_refunded_and_the_place_stays(harness: Harness):
    sam = harness.student("sam")
    first = await harness.checkout(sam, await harness.course())
    second = await open_second_session(harness, first)
    await harness.pay(first)
    await harness.pay(second)
    await harness.worker_round()
    booking = await harness.booking(first)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await refunds_at_stripe(harness, first) == []
    (refund,) = await refunds_at_stripe(harness, second)
    assert refund["amount"] == 4500
    mail_subjects = await subjects(harness, sam)
    assert "Your second payment goes back to you" in mail_subjects
    assert mail_subjects.count("Booked") == 1


async def test_confirming_closes_the_other_page(harness: Harness):
    first = await harness.checkout(harness.student("sam"), await harness.course())
    second = await open_second_session(harness, first)
    await harness.pay(first)
    await harness.worker_round()
    assert (await session_at_stripe(harness, second))["status"] == "expired"


async def test_an_older_page_that_is_paid_confirms_just_as_well(harness: Harness):
    first = await harness.checkout(harness.student("sam"), await harness.course())
    second = await open_second_session(harness, first)
    await harness.pay(first)
    assert await harness.status_of(first) == "confirmed"
    await harness.worker_round()
    assert (await session_at_stripe(harness, second))["status"] == "expired"


async def test_paid_after_cancelling_is_refunded_with_a_mail(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course())
    await cancel_with_open_session(harness, started)
    await harness.pay(started)
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
    (refund,) = await refunds_at_stripe(harness, started)
    assert refund["amount"] == 4500
    assert "Your payment goes back to you" in await subjects(harness, sam)


async def test_a_page_whose_id_was_never_stored_is_adopted_by_its_mark(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await forget_session(harness, started)
    await harness.pay(started)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


async def test_the_same_event_again_and_an_older_one_change_nothing(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course())
    before = await check_books(harness)
    done = await event_of(harness, started, "checkout.session.completed")
    await deliver(harness, done)
    await deliver(harness, {**done, "id": done["id"] + "_twin"})
    page = await session_at_stripe(harness, started)
    await deliver(harness, an_event("checkout.session.expired", page))
    after = await check_books(harness)
    assert [r.id for r in before.audit] == [r.id for r in after.audit]
    assert await subjects(harness, sam) == ["Booked"]


async def test_a_free_course_is_confirmed_without_stripe_with_a_mail(harness: Harness):
    sam, course = harness.student("sam"), await harness.course(price=eur(0), capacity=1)
    started = await harness.checkout(sam, course)
    assert started.session_id is None
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(harness, sam) == ["Booked"]
    again = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert again.json()["code"] == "already_booked"
    late = await harness.post(
        "/api/stripe/checkout", harness.student("sally"), json={"course_id": course.id}
    )
    assert late.json()["code"] == "course_full"
