"""Trying again: a new attempt with a new key, after the old page was closed."""

from datetime import timedelta

from coursebook.persistence.unit_of_work import writing
from tests.support.booking_invariants import check_books, read_books
from tests.support.harness import Started, World, eur
from tests.support.stripe_objects import session_at_stripe, sessions_of


async def retry(world: World, started: Started):
    return await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)


async def expired(world: World, **course) -> Started:
    started = await world.checkout(world.student("sam"), await world.course(**course))
    await world.later(minutes=40)
    await world.worker_round()
    await world.quiet()
    assert await world.status_of(started) == "failed"
    return started


async def test_a_new_attempt_has_a_new_key_and_its_own_page(world: World):
    started = await expired(world)
    answer = await retry(world, started)
    assert answer.status_code == 201
    assert answer.json()["session_id"] != started.session_id
    attempts = (await check_books(world)).attempts
    assert [a.idempotency_key.rpartition("-")[2] for a in attempts] == ["1", "2"]
    statuses = [s["status"] for s in await sessions_of(world, started.booking_id)]
    assert statuses == ["open", "expired"]


async def test_booking_again_after_the_hold_was_lost_goes_on_with_the_same_booking(world: World):
    started = await expired(world)
    courses = (await read_books(world)).courses
    again = await world.checkout(started.student, courses[0])
    assert again.booking_id == started.booking_id


async def test_a_page_with_less_than_a_minute_left_is_closed_and_replaced(world: World):
    started = await world.checkout(world.student("sam"), await world.course(capacity=1))
    world.clock.advance(world.services.context.hold - timedelta(seconds=30))
    answer = await retry(world, started)
    assert answer.status_code == 201
    assert (await session_at_stripe(world, started))["status"] == "expired"
    world.clock.advance(timedelta(minutes=2))
    await world.worker_round()
    assert await world.mails(started.student) == [], "nobody lost a place"


async def test_trying_again_when_the_place_has_gone_is_told(world: World):
    started = await expired(world, capacity=1)
    courses = (await read_books(world)).courses
    await world.checkout(world.student("sally"), courses[0])
    answer = await retry(world, started)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_full")
    assert await world.status_of(started) == "failed"
    assert not (await world.booking(started))["can_retry"]


async def test_confirmed_and_cancelled_bookings_cannot_be_retried(world: World):
    started = await world.confirmed(world.student("sam"), await world.course())
    assert (await retry(world, started)).json()["code"] == "not_retryable"
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert (await retry(world, started)).json()["code"] == "not_retryable"


async def test_nobody_retries_for_somebody_else(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    answer = await world.post(f"/api/bookings/{started.booking_id}/retry", world.student("sally"))
    assert answer.json()["code"] == "booking_not_found"


async def test_a_page_that_was_paid_meanwhile_is_not_replaced(world: World):
    started = await world.checkout(world.student("sam"), await world.course())
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started)
    assert (await retry(world, started)).json()["code"] == "not_retryable"
    assert await world.status_of(started) == "confirmed"


async def test_a_course_that_became_free_needs_no_page_when_tried_again(world: World):
    started = await expired(world)
    async with writing(world.services.context.database) as work:
        row = await work.courses.lock((await read_books(world)).courses[0].id)
        assert row is not None
        row.price = eur(0).amount
    answer = await retry(world, started)
    assert (answer.status_code, answer.json()["session_id"]) == (201, None)
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
