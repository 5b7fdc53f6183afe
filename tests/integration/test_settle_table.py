"""Each row of the settlement table, through Stripe's own events, on both databases.

Disputes, promotion codes and the waiting list have rows of their own once they exist.
"""

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.booking_states import cancel_behind_the_page, forget_page, second_page
from tests.support.harness import World, eur
from tests.support.stripe_objects import (
    an_event,
    deliver,
    event_of,
    refunds_at_stripe,
    session_at_stripe,
)


async def subjects(world: World, student) -> list[str]:
    await world.worker_round()
    return [mail["subject"].partition(":")[0] for mail in await world.mails(student)]


async def test_held_in_time_and_paid_is_confirmed_with_one_mail(world: World):
    sam, course = world.student("sam"), await world.course()
    started = await world.checkout(sam, course)
    await world.pay(started)
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(world, sam) == ["Booked"]
    assert (await world.course_now(course)).confirmed == 1


async def test_held_overdue_but_not_yet_swept_and_paid_is_confirmed(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    world.clock.advance(world.services.context.hold * 2)
    await world.pay(started)
    assert await world.status_of(started) == "confirmed"


async def test_held_and_complete_but_unpaid_stops_the_hold_and_cannot_be_retried(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("pending", "processing")
    assert (booking["hold_expires_at"], booking["can_retry"]) == (None, False)
    assert not booking["can_cancel"]
    for call in ("retry", "cancel"):
        answer = await world.post(f"/api/bookings/{started.booking_id}/{call}", sam)
        assert (answer.status_code, answer.json()["code"]) == (409, "payment_processing")
    assert await subjects(world, sam) == ["Payment on its way"]


async def test_a_payment_on_its_way_keeps_its_place_for_days(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    world.clock.advance(world.services.context.hold * 100)
    await world.worker_round()
    assert await world.status_of(started) == "pending"
    answer = await world.post(
        "/api/stripe/checkout", world.student("sally"), json={"course_id": course.id}
    )
    assert answer.json()["code"] == "course_full"


async def test_on_its_way_and_then_paid_is_confirmed(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(world, sam) == ["Payment on its way", "Booked"]


async def test_on_its_way_and_then_failed_is_released_told_and_may_be_tried_again(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await world.pay(started, cards.DEBIT_FAILS_LATER)
    await world.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "failed")
    assert booking["can_retry"]
    assert (await world.course_now(course)).held == 0
    assert await subjects(world, sam) == ["Payment on its way", "Payment failed"]
    again = await world.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert again.status_code == 201


async def test_async_success_that_overtakes_completed_confirms_at_once(world: World):
    await world.control("deliveries/mode", mode="drop")
    started = await world.checkout(world.student("sam"), await world.course())
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    late = await event_of(world, started, "checkout.session.async_payment_succeeded")
    early = await event_of(world, started, "checkout.session.completed")
    assert (await deliver(world, late)).status_code == 200
    assert await world.status_of(started) == "confirmed"
    assert (await deliver(world, early)).status_code == 200
    assert await world.status_of(started) == "confirmed"


async def test_declined_inside_checkout_changes_nothing_but_keeps_the_reason(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await world.pay(started, cards.DECLINED)
    assert await world.status_of(started) == "pending"
    look = await world.get(f"/api/bookings/{started.booking_id}", sam)
    assert look.json()["attempts"][0]["state"] == "open"
    again = await world.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert (again.status_code, again.json()["session_id"]) == (200, started.session_id)
    (attempt,) = (await world.booking(started))["attempts"]
    assert attempt["reason"] == "Your card was declined."
    books = await check_books(world)
    assert [row.cause for row in books.audit if row.event == "declined"] == [
        "Your card was declined."
    ]
    await world.pay(started)
    (attempt,) = (await world.booking(started))["attempts"]
    assert (attempt["state"], attempt["reason"]) == ("succeeded", None)


async def test_held_and_expired_at_stripe_is_released_with_one_mail(world: World):
    sam, course = world.student("sam"), await world.course(capacity=1)
    started = await world.checkout(sam, course)
    await world.later(minutes=36)
    await world.quiet()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "unpaid")
    assert (await world.course_now(course)).held == 0
    world.clock.advance(world.services.context.hold)
    assert await subjects(world, sam) == ["Your place is no longer held"]
    assert await subjects(world, sam) == ["Your place is no longer held"]


async def test_an_old_page_that_expires_never_touches_its_successor(world: World):
    sam = world.student("sam")
    first = await world.checkout(sam, await world.course())
    await world.later(minutes=36)
    await world.quiet()
    again = await world.post(f"/api/bookings/{first.booking_id}/retry", sam)
    assert again.status_code == 201
    old = await event_of(world, first, "checkout.session.expired")
    await deliver(world, {**old, "id": "evt_sent_once_more_" + first.booking_id})
    assert await world.status_of(first) == "pending"
    assert (await world.booking(first))["attempts"][-1]["state"] == "open"


async def test_an_older_page_still_open_that_expires_leaves_the_newer_one_alone(world: World):
    first = await world.checkout(world.student("sam"), await world.course())
    second = await second_page(world, first)
    gateway = world.services.context.gateway
    await gateway.expire_session(first.session_id)
    await world.quiet()
    assert await world.status_of(second) == "pending"
    await world.pay(second)
    assert await world.status_of(second) == "confirmed"


async def test_a_newer_page_that_expires_does_not_release_a_payment_on_its_way(world: World):
    first = await world.checkout(world.student("sam"), await world.course(capacity=1))
    second = await second_page(world, first)
    await world.pay(first, cards.DEBIT_SUCCEEDS_LATER)
    await world.services.context.gateway.expire_session(second.session_id)
    await world.quiet()
    assert await world.status_of(first) == "pending"
    assert (await world.booking(first))["payment_status"] == "processing"
    await world.control(f"sessions/{first.session_id}/settle", outcome="succeeded")
    await world.quiet()
    assert await world.status_of(first) == "confirmed"


async def test_a_payment_on_its_way_that_fails_releases_though_a_newer_page_was_closed(
    world: World,
):
    course = await world.course(capacity=1)
    first = await world.checkout(world.student("sam"), course)
    await second_page(world, first)
    await world.pay(first, cards.DEBIT_FAILS_LATER)
    await world.worker_round()
    await world.quiet()
    await world.control(f"sessions/{first.session_id}/settle", outcome="failed")
    await world.quiet()
    assert await world.status_of(first) == "failed"
    assert (await world.course_now(course)).held == 0


async def test_a_second_success_is_refunded_and_the_place_stays(world: World):
    sam = world.student("sam")
    first = await world.checkout(sam, await world.course())
    second = await second_page(world, first)
    await world.pay(first)
    await world.pay(second)
    await world.worker_round()
    booking = await world.booking(first)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await refunds_at_stripe(world, first) == []
    (refund,) = await refunds_at_stripe(world, second)
    assert refund["amount"] == 4500
    told = await subjects(world, sam)
    assert "Your second payment goes back to you" in told
    assert told.count("Booked") == 1


async def test_confirming_closes_the_other_page(world: World):
    first = await world.checkout(world.student("sam"), await world.course())
    second = await second_page(world, first)
    await world.pay(first)
    await world.worker_round()
    assert (await session_at_stripe(world, second))["status"] == "expired"


async def test_an_older_page_that_is_paid_confirms_just_as_well(world: World):
    first = await world.checkout(world.student("sam"), await world.course())
    second = await second_page(world, first)
    await world.pay(first)
    assert await world.status_of(first) == "confirmed"
    await world.worker_round()
    assert (await session_at_stripe(world, second))["status"] == "expired"


async def test_paid_after_cancelling_is_refunded_with_a_mail(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course())
    await cancel_behind_the_page(world, started)
    await world.pay(started)
    await world.worker_round()
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
    (refund,) = await refunds_at_stripe(world, started)
    assert refund["amount"] == 4500
    assert "Your payment goes back to you" in await subjects(world, sam)


async def test_a_page_whose_id_was_never_stored_is_adopted_by_its_mark(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await forget_page(world, started)
    await world.pay(started)
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


async def test_the_same_event_again_and_an_older_one_change_nothing(world: World):
    sam = world.student("sam")
    started = await world.confirmed(sam, await world.course())
    before = await check_books(world)
    done = await event_of(world, started, "checkout.session.completed")
    await deliver(world, done)
    await deliver(world, {**done, "id": done["id"] + "_twin"})
    page = await session_at_stripe(world, started)
    await deliver(world, an_event("checkout.session.expired", page))
    after = await check_books(world)
    assert [r.id for r in before.audit] == [r.id for r in after.audit]
    assert await subjects(world, sam) == ["Booked"]


async def test_a_free_course_is_confirmed_without_stripe_with_a_mail(world: World):
    sam, course = world.student("sam"), await world.course(price=eur(0), capacity=1)
    started = await world.checkout(sam, course)
    assert started.session_id is None
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert await subjects(world, sam) == ["Booked"]
    again = await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert again.json()["code"] == "already_booked"
    late = await world.post(
        "/api/stripe/checkout", world.student("sally"), json={"course_id": course.id}
    )
    assert late.json()["code"] == "course_full"
