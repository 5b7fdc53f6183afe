"""Reserved places: held without a payment page until `reserved_until`, whatever a page does."""

from datetime import timedelta

import pytest

from coursebook.domain.booking import SeatState
from coursebook.payments.gateway import StripeRefused
from coursebook.persistence.schema.tables import Booking
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.services.settlement.holds import sweep_hold
from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, Started, Student

WEEK = timedelta(days=7)


async def reserved(harness: Harness, student: Student, *, lasts=WEEK, **course) -> Started:
    """Return a held place without an open page that is reserved for `lasts`."""
    course = await harness.course(**course)
    started = await harness.checkout(student, course)
    async with writing(harness.services.context.database) as work:
        booking = await work.bookings.lock(started.booking_id)
        booking.reserved_until = min(harness.clock() + lasts, course.starts_at)
        booking.hold_expires_at = booking.reserved_until
    return started


async def booking_row(harness: Harness, booking_id: str) -> Booking:
    async with reading(harness.services.context.database) as work:
        booking = await work.bookings.find(booking_id)
    assert booking is not None
    return booking


async def page_expires(harness: Harness) -> None:
    await harness.later(minutes=36)
    await harness.quiet()
    await harness.worker_round()


async def place_of(harness: Harness, started: Started) -> SeatState:
    return SeatState((await booking_row(harness, started.booking_id)).place)


async def test_a_reserved_place_outlives_its_page_and_may_be_paid_later(harness: Harness):
    sam = harness.student("sam")
    started = await reserved(harness, sam, capacity=1)
    until = (await booking_row(harness, started.booking_id)).reserved_until
    await page_expires(harness)
    booking = await harness.booking(started)
    assert (booking["status"], booking["can_retry"]) == ("pending", True)
    row = await booking_row(harness, started.booking_id)
    assert row.hold_expires_at == row.reserved_until == until
    again = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert again.status_code == 201, again.text
    row = await booking_row(harness, started.booking_id)
    assert row.hold_expires_at == row.reserved_until == until, "a page never moves it"
    await harness.control(f"sessions/{again.json()['session_id']}/pay", card=cards.VISA)
    await harness.quiet()
    assert await harness.status_of(started) == "confirmed"
    row = await booking_row(harness, started.booking_id)
    assert row.reserved_until is None
    await check_books(harness)


async def test_it_is_held_for_seven_days_less_a_minute_and_then_ends(harness: Harness):
    started = await reserved(harness, harness.student("sam"))
    await page_expires(harness)
    until = (await booking_row(harness, started.booking_id)).reserved_until
    harness.clock.advance(until - harness.clock() - timedelta(minutes=1))
    await harness.worker_round()
    assert await place_of(harness, started) is SeatState.HELD
    harness.clock.advance(timedelta(minutes=1))
    await harness.worker_round()
    assert await place_of(harness, started) is SeatState.EXPIRED
    harness.clock.advance(timedelta(minutes=1))
    await harness.worker_round()
    mails = await harness.mails(started.student)
    assert [m["subject"].partition(":")[0] for m in mails] == ["Your place is no longer held"]
    await check_books(harness)


async def test_a_page_still_open_at_its_end_is_closed_with_the_place(harness: Harness):
    started = await reserved(harness, harness.student("sam"), lasts=timedelta(minutes=20))
    harness.clock.advance(timedelta(minutes=20))
    await sweep_hold(harness.services.context, started.booking_id)
    await harness.quiet()
    assert await place_of(harness, started) is SeatState.EXPIRED
    await check_books(harness)


async def test_with_less_than_five_minutes_left_no_page_is_opened(harness: Harness):
    sam = harness.student("sam")
    started = await reserved(harness, sam, lasts=timedelta(minutes=40))
    await page_expires(harness)
    assert await place_of(harness, started) is SeatState.HELD
    assert not (await harness.booking(started))["can_retry"]
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")


async def test_a_debit_that_fails_leaves_a_reserved_place_held(harness: Harness):
    sam = harness.student("sam")
    started = await reserved(harness, sam)
    until = (await booking_row(harness, started.booking_id)).reserved_until
    await harness.pay(started, cards.DEBIT_FAILS_LATER)
    assert (await booking_row(harness, started.booking_id)).hold_expires_at is None
    await harness.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await harness.quiet()
    row = await booking_row(harness, started.booking_id)
    assert (row.place, row.hold_expires_at) == ("held", until)
    await harness.worker_round()
    mails = await harness.mails(sam)
    assert [m["subject"].partition(":")[0] for m in mails] == [
        "Payment on its way",
        "Payment failed",
    ]
    assert "still held for you until" in mails[-1]["text"]


async def test_a_debit_on_its_way_outlives_the_reservation(harness: Harness):
    started = await reserved(harness, harness.student("sam"))
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    harness.clock.advance(WEEK * 2)
    await harness.worker_round()
    assert await place_of(harness, started) is SeatState.HELD
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert await place_of(harness, started) is SeatState.CONFIRMED


async def test_a_page_that_stripe_refuses_leaves_a_reserved_place_held(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    sam = harness.student("sam")
    started = await reserved(harness, sam)
    await page_expires(harness)

    async def refuse(*_: object) -> None:
        raise StripeRefused("no")

    monkeypatch.setattr(harness.services.context.gateway, "create_session", refuse)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert answer.status_code == 502
    assert await place_of(harness, started) is SeatState.HELD


async def test_a_reserved_place_ends_with_the_start(harness: Harness):
    started = await reserved(harness, harness.student("sam"), starts_in=timedelta(days=2))
    await page_expires(harness)
    harness.clock.advance(timedelta(days=2))
    await harness.worker_round()
    row = await booking_row(harness, started.booking_id)
    assert (row.place, row.end_cause) == ("expired", "course_started")
