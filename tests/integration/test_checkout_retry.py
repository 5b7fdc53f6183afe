"""Retrying a payment: a new attempt with a new key, after the old session was closed."""

from datetime import timedelta

from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import Harness, Started, eur
from tests.support.stripe_objects import session_at_stripe, sessions_of


async def retry(harness: Harness, started: Started):
    return await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)


async def expired(harness: Harness, **course) -> Started:
    started = await harness.checkout(harness.student("sam"), await harness.course(**course))
    await harness.later(minutes=40)
    await harness.worker_round()
    await harness.quiet()
    assert await harness.status_of(started) == "failed"
    return started


async def test_a_new_attempt_has_a_new_key_and_its_own_session(harness: Harness):
    started = await expired(harness)
    answer = await retry(harness, started)
    assert answer.status_code == 201
    assert answer.json()["session_id"] != started.session_id
    attempts = (await check_books(harness)).attempts
    assert [a.idempotency_key.rpartition("-")[2] for a in attempts] == ["1", "2"]
    statuses = [s["status"] for s in await sessions_of(harness, started.booking_id)]
    assert statuses == ["open", "expired"]


async def test_booking_again_after_the_hold_was_lost_goes_on_with_the_same_booking(
    harness: Harness,
):
    started = await expired(harness)
    courses = (await read_books(harness)).courses
    again = await harness.checkout(started.student, courses[0])
    assert again.booking_id == started.booking_id


async def test_a_page_with_less_than_a_minute_left_is_closed_and_replaced(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course(capacity=1))
    harness.clock.advance(harness.services.context.hold - timedelta(seconds=30))
    answer = await retry(harness, started)
    assert answer.status_code == 201
    assert (await session_at_stripe(harness, started))["status"] == "expired"
    harness.clock.advance(timedelta(minutes=2))
    await harness.worker_round()
    assert await harness.mails(started.student) == [], "no seat is lost"


async def test_retrying_without_a_free_seat_is_refused(harness: Harness):
    started = await expired(harness, capacity=1)
    courses = (await read_books(harness)).courses
    await harness.checkout(harness.student("sally"), courses[0])
    answer = await retry(harness, started)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_full")
    assert await harness.status_of(started) == "failed"
    assert not (await harness.booking(started))["can_retry"]


async def test_confirmed_and_cancelled_bookings_cannot_be_retried(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    assert (await retry(harness, started)).json()["code"] == "not_retryable"
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert (await retry(harness, started)).json()["code"] == "not_retryable"


async def test_another_students_booking_cannot_be_retried(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    answer = await harness.post(
        f"/api/bookings/{started.booking_id}/retry", harness.student("sally")
    )
    assert answer.json()["code"] == "booking_not_found"


async def test_a_paid_session_is_not_replaced(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started)
    assert (await retry(harness, started)).json()["code"] == "not_retryable"
    assert await harness.status_of(started) == "confirmed"


async def test_a_course_that_became_free_needs_no_page_when_tried_again(harness: Harness):
    started = await expired(harness)
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock((await read_books(harness)).courses[0].id)
        assert row is not None
        row.price = eur(0).amount
    answer = await retry(harness, started)
    assert (answer.status_code, answer.json()["session_id"]) == (201, None)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
