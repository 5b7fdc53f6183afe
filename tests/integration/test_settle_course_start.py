"""Rows of the settlement table: the course starts or is cancelled during a payment.

What counts is when Stripe took the money, not when we learn of it.
"""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import (
    mark_course_cancelled,
    open_second_session,
    release_held_seat,
    shorten_stripe_timeouts,
)
from tests.support.harness import Harness, Started, eur
from tests.support.stripe_objects import refunds_at_stripe, session_at_stripe

SOON = timedelta(minutes=20)
NOT_HELD, GOES_BACK = "Your place is no longer held", "Your payment goes back to you"
TOO_LATE = "Your payment can no longer book a place"


async def subjects(harness: Harness, started: Started) -> list[str]:
    await harness.worker_round()
    found = [m["subject"].partition(":")[0] for m in await harness.mails(started.student)]
    return [subject for subject in found if not subject.startswith("Refund of")]


async def soon(harness: Harness, **values: object) -> tuple[Course, Started]:
    """Return a course that starts in 20 minutes, and a student with a held seat on it."""
    course = await harness.course(starts_in=SOON, capacity=1, **values)
    return course, await harness.checkout(harness.student("sam"), course)


async def begin(harness: Harness) -> None:
    """Let the course start; the session can be paid for ten minutes more."""
    await harness.later(minutes=25)


async def row(harness: Harness) -> Booking:
    (booking,) = (await check_books(harness)).bookings
    return booking


async def ended(harness: Harness) -> tuple[str, str | None]:
    booking = await row(harness)
    return booking.place, booking.end_cause


async def refunds(harness: Harness) -> list[tuple[int, str]]:
    return [(r.amount, r.cause) for r in (await check_books(harness)).refunds]


async def at_stripe(harness: Harness) -> datetime:
    return datetime.fromtimestamp((await harness.control("clock/advance", seconds=0))["now"], UTC)


# payments before the start, reported later


async def paid_unheard(harness: Harness, card: str = cards.VISA) -> tuple[Course, Started]:
    """Return a payment that Stripe took 20 minutes before the start, without its webhook."""
    start = await at_stripe(harness) + SOON
    course = await harness.course(starts_at=start, capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started, card)
    return course, started


@pytest.mark.parametrize("days", [0, 4])
async def test_money_taken_before_the_start_confirms_whenever_we_hear_of_it(
    harness: Harness, days: int
):
    course, started = await paid_unheard(harness)
    harness.clock.advance(course.starts_at - harness.clock() + timedelta(days=days, minutes=1))
    await harness.worker_round()
    assert await ended(harness) == ("confirmed", None)
    assert await subjects(harness, started) == ["Booked"]


async def test_money_taken_before_the_start_takes_back_a_place_that_was_lost(harness: Harness):
    course, started = await paid_unheard(harness)
    await release_held_seat(harness, started)
    harness.clock.advance(course.starts_at - harness.clock() + timedelta(hours=3))
    await settle_now(harness, started)
    assert await ended(harness) == ("confirmed", None)
    assert await refunds(harness) == []


@pytest.mark.parametrize("path", ["retry", "checkout"])
async def test_nobody_who_may_have_paid_is_told_that_nothing_was_charged(
    harness: Harness, path: str
):
    course, started = await paid_unheard(harness)
    harness.clock.advance(course.starts_at - harness.clock() + timedelta(minutes=1))
    addresses = {
        "retry": (f"/api/bookings/{started.booking_id}/retry", {}),
        "checkout": ("/api/stripe/checkout", {"course_id": course.id}),
    }
    address, said = addresses[path]
    answer = await harness.post(address, started.student, json=said)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    assert "Nothing was charged" not in answer.json()["detail"]
    assert "If you have paid" in answer.json()["detail"]


async def settle_now(harness: Harness, started: Started) -> None:
    await settle(harness.services.context, str(started.session_id), actor=Actor("test"))


# payments at or after the start


async def test_money_taken_after_the_start_goes_back_and_the_place_ends_with_it(harness: Harness):
    course, started = await soon(harness)
    await begin(harness)
    await harness.pay(started)
    assert await ended(harness) == ("expired", "course_started")
    assert await refunds(harness) == [(4500, "started_payment")]
    assert (await harness.course_now(course)).held == 0
    assert await subjects(harness, started) == [GOES_BACK]
    (refund,) = await refunds_at_stripe(harness, started)
    assert (refund["amount"], refund["status"]) == (4500, "succeeded")
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "refunded")
    assert not booking["can_retry"]
    mail_texts = [m["text"] for m in await harness.mails(started.student)]
    assert not any("look forward" in text for text in mail_texts)


async def test_money_taken_after_the_start_for_a_lost_place_goes_back_although_one_is_free(
    harness: Harness,
):
    course, started = await soon(harness)
    await release_held_seat(harness, started)
    await begin(harness)
    await harness.pay(started)
    assert (await row(harness)).place == "expired"
    assert await refunds(harness) == [(4500, "started_payment")]
    assert (await harness.course_now(course)).confirmed == 0


async def test_a_second_payment_after_the_start_leaves_the_place_of_a_debit_given_in_time(
    harness: Harness,
):
    _, started = await soon(harness)
    other = await open_second_session(harness, started)
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await settle_now(harness, started)
    await begin_without_timers(harness)
    await harness.pay(other)
    await settle_now(harness, other)
    assert await refunds(harness) == [(4500, "started_payment")]
    assert (await row(harness)).place == "held", "a debit given in time is still processing"
    await harness.control("deliveries/mode", mode="normal")
    await harness.control("clock/advance", seconds=300)
    await settle_now(harness, started)
    assert await ended(harness) == ("confirmed", None)


async def begin_without_timers(harness: Harness) -> None:
    """Advance only our clock: Stripe's delayed payments do not move."""
    harness.clock.advance(timedelta(minutes=25))


# debits


async def test_a_debit_given_before_the_start_keeps_its_place_past_it(harness: Harness):
    course, started = await soon(harness)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    for _ in range(3):
        harness.clock.advance(timedelta(days=2))
        await harness.worker_round()
        assert await ended(harness) == ("held", None)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert await ended(harness) == ("confirmed", None)
    assert (await harness.course_now(course)).confirmed == 1


async def test_a_debit_that_fails_after_the_start_offers_no_new_try(harness: Harness):
    _, started = await soon(harness)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    harness.clock.advance(timedelta(days=2))
    await harness.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await harness.quiet()
    assert await ended(harness) == ("expired", "payment_failed")
    assert not (await harness.booking(started))["can_retry"]
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    assert await subjects(harness, started) == ["Payment on its way", "Payment failed"]
    last = (await harness.mails(started.student))[-1]["text"]
    assert "Try again" not in last
    assert "try again" not in last
    assert "not_paid" in [entry.event for entry in (await read_books(harness)).audit]


async def test_a_debit_given_after_the_start_ends_the_place_and_goes_back_when_it_comes(
    harness: Harness,
):
    course, started = await soon(harness)
    await begin(harness)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    assert await ended(harness) == ("expired", "course_started")
    assert (await harness.course_now(course)).held == 0
    assert await refunds(harness) == []
    assert await subjects(harness, started) == [TOO_LATE]
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert await refunds(harness) == [(4500, "started_payment")]
    assert await subjects(harness, started) == [TOO_LATE, GOES_BACK]
    assert await ended(harness) == ("expired", "course_started")


async def test_debits_are_offered_two_weeks_before_the_start_only(sqlite_harness: Harness):
    harness = sqlite_harness
    for days, offered in ((15, ["card", "sepa_debit"]), (13, ["card"])):
        course = await harness.course(starts_in=timedelta(days=days))
        page = await session_at_stripe(
            harness, await harness.checkout(harness.student("sam"), course)
        )
        assert page["payment_method_types"] == offered


# the hold


async def test_a_hold_never_outlives_the_start_and_every_answer_says_so(harness: Harness):
    course, started = await soon(harness)
    assert datetime.fromisoformat(str(started.expires_at)) == course.starts_at
    assert _moment(await harness.booking(started)) == course.starts_at
    again = await harness.checkout(started.student, course)
    assert datetime.fromisoformat(str(again.expires_at)) == course.starts_at
    page = await session_at_stripe(harness, started)
    assert page["expires_at"] - harness.clock().timestamp() > 30 * 60, "Stripe takes no less"


async def test_the_page_is_closed_at_the_start_and_then_the_place_is_free(harness: Harness):
    course, started = await soon(harness)
    await harness.later(minutes=19)
    await harness.worker_round()
    assert await ended(harness) == ("held", None)
    await harness.later(minutes=2)
    await harness.worker_round()
    assert (await session_at_stripe(harness, started))["status"] == "expired"
    assert await ended(harness) == ("expired", "course_started")
    assert (await harness.course_now(course)).held == 0
    assert await subjects(harness, started) == [NOT_HELD]
    assert not (await harness.booking(started))["can_retry"]


async def test_a_hold_ends_at_a_start_that_was_moved_earlier(harness: Harness):
    course = await harness.course(starts_in=timedelta(days=3))
    started = await harness.checkout(harness.student("sam"), course)
    start = harness.clock() + timedelta(minutes=5)
    await change(harness, course, starts_at=start)
    assert _moment(await harness.booking(started)) == start
    await harness.later(minutes=6)
    await harness.worker_round()
    assert await ended(harness) == ("expired", "course_started")


async def change(harness: Harness, course: Course, **values: object) -> None:
    async with writing(harness.services.context.database) as work:
        course_row = await work.courses.lock(course.id)
        assert course_row is not None
        for name, value in values.items():
            setattr(course_row, name, value)


def _moment(booking: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(booking["hold_expires_at"]))


# ways in


@pytest.mark.parametrize("price", [0, 45])
async def test_nobody_books_in_the_last_five_minutes(harness: Harness, price: int):
    course = await harness.course(starts_in=timedelta(minutes=6), price=eur(price))
    assert (await harness.checkout(harness.student("ann"), course)).status_code == 201
    await harness.later(seconds=61)
    answer = await harness.post(
        "/api/stripe/checkout", harness.student("bob"), json={"course_id": course.id}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    shown = await harness.get(f"/api/courses/{course.slug}")
    assert shown.json()["status"] == "closed"


async def test_a_place_that_was_lost_is_not_held_again_in_the_last_five_minutes(harness: Harness):
    _, started = await soon(harness)
    await harness.services.context.gateway.expire_session(str(started.session_id))
    await harness.quiet()
    assert (await harness.booking(started))["can_retry"]
    await harness.later(minutes=16)
    assert not (await harness.booking(started))["can_retry"]
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")


async def test_a_page_is_given_for_a_held_place_until_the_start(harness: Harness):
    course, started = await soon(harness)
    await harness.later(minutes=16)
    assert (await harness.booking(started))["can_retry"]
    assert (await harness.checkout(started.student, course)).session_id == started.session_id
    await harness.later(minutes=5)
    assert not (await harness.booking(started))["can_retry"]
    for path, said in (
        (f"/api/bookings/{started.booking_id}/retry", {}),
        ("/api/stripe/checkout", {"course_id": course.id}),
    ):
        answer = await harness.post(path, started.student, json=said)
        assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed"), path


# the course is cancelled


@pytest.mark.parametrize("word", ["paid", "nothing to pay", "debit", "expired", "own moment"])
async def test_a_held_place_on_a_cancelled_course_ends_with_that_reason_and_one_mail(
    harness: Harness, word: str
):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    page = (
        await open_second_session(harness, started, eur(0)) if word == "nothing to pay" else started
    )
    await mark_course_cancelled(harness, course)
    if word in ("paid", "nothing to pay"):
        await harness.pay(page)
    if word == "debit":
        await harness.pay(page, cards.DEBIT_SUCCEEDS_LATER)
    if word == "expired":
        await harness.services.context.gateway.expire_session(str(page.session_id))
        await harness.quiet()
    if word == "own moment":
        harness.clock.advance(harness.services.context.hold)
        await harness.worker_round()
    assert await harness_settled(harness) == ("cancelled", "course_cancelled")
    assert (await harness.course_now(course)).held == 0
    assert await subjects(harness, started) == ["Cancelled"]
    back = [(4500, "course_cancelled_payment")] if word == "paid" else []
    assert await refunds(harness) == back


async def harness_settled(harness: Harness) -> tuple[str, str | None]:
    await harness.worker_round()
    return await ended(harness)


async def test_a_debit_that_was_on_its_way_when_the_course_was_cancelled_goes_back(
    harness: Harness,
):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await mark_course_cancelled(harness, course)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await harness.quiet()
    assert await ended(harness) == ("cancelled", "course_cancelled")
    assert await refunds(harness) == [(4500, "course_cancelled_payment")]


async def test_a_debit_that_fails_on_a_cancelled_course_is_told_as_cancelled(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await mark_course_cancelled(harness, course)
    await harness.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await harness.quiet()
    assert await ended(harness) == ("cancelled", "course_cancelled")
    assert await subjects(harness, started) == ["Payment on its way", "Cancelled"]


async def test_a_page_that_was_never_made_on_a_cancelled_course_ends_its_place(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    shorten_stripe_timeouts(harness, monkeypatch)
    sam, course = harness.student("sam"), await harness.course(capacity=1)
    lost = {"kind": "reset", "when": "before", "method": "POST", "path": "checkout/sessions"}
    await harness.control("faults", count=3, **lost)
    answer = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert answer.status_code == 502
    await mark_course_cancelled(harness, course)
    harness.clock.advance(timedelta(minutes=6))
    await harness.worker_round()
    assert await ended(harness) == ("cancelled", "course_cancelled")
    await harness.worker_round()
    assert [m["subject"].partition(":")[0] for m in await harness.mails(sam)] == ["Cancelled"]


async def test_a_student_who_cancels_a_second_after_the_school_has_the_schools_reason(
    harness: Harness,
):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await mark_course_cancelled(harness, course)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200
    assert await ended(harness) == ("cancelled", "course_cancelled")
    assert await subjects(harness, started) == ["Cancelled"]


async def test_who_cancels_on_a_course_that_the_school_cancelled_gets_everything_back(
    harness: Harness,
):
    course = await harness.course(starts_in=timedelta(days=5))
    started = await harness.confirmed(harness.student("sam"), course)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 2250
    await mark_course_cancelled(harness, course)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 4500
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200
    assert await ended(harness) == ("cancelled", "course_cancelled")
    assert [amount for amount, _ in await refunds(harness)] == [4500]


async def test_a_place_that_is_held_again_forgets_why_it_ended(harness: Harness):
    course = await harness.course(capacity=1)
    started = await harness.checkout(harness.student("sam"), course)
    await harness.later(minutes=40)
    await harness.worker_round()
    assert await ended(harness) == ("expired", "page_expired")
    await harness.checkout(started.student, course)
    assert await ended(harness) == ("held", None)


async def test_stripes_moment_is_kept_with_the_payment(harness: Harness):
    start = await at_stripe(harness) + timedelta(days=3)
    started = await harness.checkout(harness.student("sam"), await harness.course(starts_at=start))
    before = harness.clock()
    await harness.pay(started)
    (attempt,) = (await read_books(harness)).attempts
    assert attempt.taken_at is not None
    assert before - timedelta(seconds=2) <= attempt.taken_at <= harness.clock()
