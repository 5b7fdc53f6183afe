"""Rows of the settlement table: the course begins, or is cancelled, while somebody pays.

What counts is when Stripe took the money, not when we hear of it.
"""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.domain.actor import Actor
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.settlement.settle import settle
from tests.support import cards
from tests.support.booking_invariants import check_books, read_books
from tests.support.booking_states import end_course, in_a_hurry, lose_place, second_page
from tests.support.harness import Started, World, eur
from tests.support.stripe_objects import refunds_at_stripe, session_at_stripe

SOON = timedelta(minutes=20)
NOT_HELD, GOES_BACK = "Your place is no longer held", "Your payment goes back to you"
TOO_LATE = "Your payment can no longer book a place"


async def subjects(world: World, started: Started) -> list[str]:
    await world.worker_round()
    found = [m["subject"].partition(":")[0] for m in await world.mails(started.student)]
    return [subject for subject in found if not subject.startswith("Refund of")]


async def soon(world: World, **said: object) -> tuple[Course, Started]:
    """Return a course that begins in 20 minutes, and somebody who holds a place on it."""
    course = await world.course(starts_in=SOON, capacity=1, **said)
    return course, await world.checkout(world.student("sam"), course)


async def begin(world: World) -> None:
    """Let the course begin; Stripe's page can be paid for ten minutes more."""
    await world.later(minutes=25)


async def row(world: World) -> Booking:
    (booking,) = (await check_books(world)).bookings
    return booking


async def ended(world: World) -> tuple[str, str | None]:
    booking = await row(world)
    return booking.place, booking.end_cause


async def refunds(world: World) -> list[tuple[int, str]]:
    return [(r.amount, r.cause) for r in (await check_books(world)).refunds]


async def at_stripe(world: World) -> datetime:
    return datetime.fromtimestamp((await world.control("clock/advance", seconds=0))["now"], UTC)


# money that was taken before the start, and is heard of later


async def paid_unheard(world: World, card: str = cards.VISA) -> tuple[Course, Started]:
    """Return a payment that Stripe took 20 minutes before the start; nobody has told us."""
    start = await at_stripe(world) + SOON
    course = await world.course(starts_at=start, capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started, card)
    return course, started


@pytest.mark.parametrize("days", [0, 4])
async def test_money_taken_before_the_start_confirms_whenever_we_hear_of_it(
    world: World, days: int
):
    course, started = await paid_unheard(world)
    world.clock.advance(course.starts_at - world.clock() + timedelta(days=days, minutes=1))
    await world.worker_round()
    assert await ended(world) == ("confirmed", None)
    assert await subjects(world, started) == ["Booked"]


async def test_money_taken_before_the_start_takes_back_a_place_that_was_lost(world: World):
    course, started = await paid_unheard(world)
    await lose_place(world, started)
    world.clock.advance(course.starts_at - world.clock() + timedelta(hours=3))
    await settle_now(world, started)
    assert await ended(world) == ("confirmed", None)
    assert await refunds(world) == []


@pytest.mark.parametrize("path", ["retry", "checkout"])
async def test_nobody_who_may_have_paid_is_told_that_nothing_was_charged(world: World, path: str):
    course, started = await paid_unheard(world)
    world.clock.advance(course.starts_at - world.clock() + timedelta(minutes=1))
    addresses = {
        "retry": (f"/api/bookings/{started.booking_id}/retry", {}),
        "checkout": ("/api/stripe/checkout", {"course_id": course.id}),
    }
    address, said = addresses[path]
    answer = await world.post(address, started.student, json=said)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    assert "Nothing was charged" not in answer.json()["detail"]
    assert "If you have paid" in answer.json()["detail"]


async def settle_now(world: World, started: Started) -> None:
    await settle(world.services.context, str(started.session_id), actor=Actor("test"))


# money that was taken at or after the start


async def test_money_taken_after_the_start_goes_back_and_the_place_ends_with_it(world: World):
    course, started = await soon(world)
    await begin(world)
    await world.pay(started)
    assert await ended(world) == ("expired", "course_started")
    assert await refunds(world) == [(4500, "started_payment")]
    assert (await world.course_now(course)).held == 0
    assert await subjects(world, started) == [GOES_BACK]
    (refund,) = await refunds_at_stripe(world, started)
    assert (refund["amount"], refund["status"]) == (4500, "succeeded")
    booking = await world.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("failed", "refunded")
    assert not booking["can_retry"]
    told = [m["text"] for m in await world.mails(started.student)]
    assert not any("look forward" in text for text in told)


async def test_money_taken_after_the_start_for_a_lost_place_goes_back_although_one_is_free(
    world: World,
):
    course, started = await soon(world)
    await lose_place(world, started)
    await begin(world)
    await world.pay(started)
    assert (await row(world)).place == "expired"
    assert await refunds(world) == [(4500, "started_payment")]
    assert (await world.course_now(course)).confirmed == 0


async def test_a_second_payment_after_the_start_leaves_the_place_of_a_debit_given_in_time(
    world: World,
):
    _, started = await soon(world)
    other = await second_page(world, started)
    await world.control("deliveries/mode", mode="drop")
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await settle_now(world, started)
    await begin_without_timers(world)
    await world.pay(other)
    await settle_now(world, other)
    assert await refunds(world) == [(4500, "started_payment")]
    assert (await row(world)).place == "held", "a bank works on money that was given in time"
    await world.control("deliveries/mode", mode="normal")
    await world.control("clock/advance", seconds=300)
    await settle_now(world, started)
    assert await ended(world) == ("confirmed", None)


async def begin_without_timers(world: World) -> None:
    """Let our clock alone go on: Stripe's delayed payments do not move."""
    world.clock.advance(timedelta(minutes=25))


# debits


async def test_a_debit_given_before_the_start_keeps_its_place_past_it(world: World):
    course, started = await soon(world)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    for _ in range(3):
        world.clock.advance(timedelta(days=2))
        await world.worker_round()
        assert await ended(world) == ("held", None)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.quiet()
    assert await ended(world) == ("confirmed", None)
    assert (await world.course_now(course)).confirmed == 1


async def test_a_debit_that_fails_after_the_start_offers_no_new_try(world: World):
    _, started = await soon(world)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    world.clock.advance(timedelta(days=2))
    await world.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await world.quiet()
    assert await ended(world) == ("expired", "payment_failed")
    assert not (await world.booking(started))["can_retry"]
    answer = await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    assert await subjects(world, started) == ["Payment on its way", "Payment failed"]
    last = (await world.mails(started.student))[-1]["text"]
    assert "Try again" not in last
    assert "try again" not in last
    assert "not_paid" in [entry.event for entry in (await read_books(world)).audit]


async def test_a_debit_given_after_the_start_ends_the_place_and_goes_back_when_it_comes(
    world: World,
):
    course, started = await soon(world)
    await begin(world)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    assert await ended(world) == ("expired", "course_started")
    assert (await world.course_now(course)).held == 0
    assert await refunds(world) == []
    assert await subjects(world, started) == [TOO_LATE]
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.quiet()
    assert await refunds(world) == [(4500, "started_payment")]
    assert await subjects(world, started) == [TOO_LATE, GOES_BACK]
    assert await ended(world) == ("expired", "course_started")


async def test_debits_are_offered_two_weeks_before_the_start_only(sqlite_world: World):
    world = sqlite_world
    for days, offered in ((15, ["card", "sepa_debit"]), (13, ["card"])):
        course = await world.course(starts_in=timedelta(days=days))
        page = await session_at_stripe(world, await world.checkout(world.student("sam"), course))
        assert page["payment_method_types"] == offered


# the hold


async def test_a_hold_never_outlives_the_start_and_every_answer_says_so(world: World):
    course, started = await soon(world)
    assert datetime.fromisoformat(str(started.expires_at)) == course.starts_at
    assert _moment(await world.booking(started)) == course.starts_at
    again = await world.checkout(started.student, course)
    assert datetime.fromisoformat(str(again.expires_at)) == course.starts_at
    page = await session_at_stripe(world, started)
    assert page["expires_at"] - world.clock().timestamp() > 30 * 60, "Stripe takes no less"


async def test_the_page_is_closed_at_the_start_and_then_the_place_is_free(world: World):
    course, started = await soon(world)
    await world.later(minutes=19)
    await world.worker_round()
    assert await ended(world) == ("held", None)
    await world.later(minutes=2)
    await world.worker_round()
    assert (await session_at_stripe(world, started))["status"] == "expired"
    assert await ended(world) == ("expired", "course_started")
    assert (await world.course_now(course)).held == 0
    assert await subjects(world, started) == [NOT_HELD]
    assert not (await world.booking(started))["can_retry"]


async def test_a_hold_ends_at_a_start_that_was_moved_earlier(world: World):
    course = await world.course(starts_in=timedelta(days=3))
    started = await world.checkout(world.student("sam"), course)
    start = world.clock() + timedelta(minutes=5)
    await change(world, course, starts_at=start)
    assert _moment(await world.booking(started)) == start
    await world.later(minutes=6)
    await world.worker_round()
    assert await ended(world) == ("expired", "course_started")


async def change(world: World, course: Course, **values: object) -> None:
    async with writing(world.services.context.database) as work:
        found = await work.courses.lock(course.id)
        assert found is not None
        for name, value in values.items():
            setattr(found, name, value)


def _moment(booking: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(booking["hold_expires_at"]))


# ways in


@pytest.mark.parametrize("price", [0, 45])
async def test_nobody_books_in_the_last_five_minutes(world: World, price: int):
    course = await world.course(starts_in=timedelta(minutes=6), price=eur(price))
    assert (await world.checkout(world.student("ann"), course)).status_code == 201
    await world.later(seconds=61)
    answer = await world.post(
        "/api/stripe/checkout", world.student("bob"), json={"course_id": course.id}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")
    shown = await world.get(f"/api/courses/{course.slug}")
    assert shown.json()["status"] == "closed"


async def test_a_place_that_was_lost_is_not_held_again_in_the_last_five_minutes(world: World):
    _, started = await soon(world)
    await world.services.context.gateway.expire_session(str(started.session_id))
    await world.quiet()
    assert (await world.booking(started))["can_retry"]
    await world.later(minutes=16)
    assert not (await world.booking(started))["can_retry"]
    answer = await world.post(f"/api/bookings/{started.booking_id}/retry", started.student)
    assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed")


async def test_a_page_is_given_for_a_held_place_until_the_start(world: World):
    course, started = await soon(world)
    await world.later(minutes=16)
    assert (await world.booking(started))["can_retry"]
    assert (await world.checkout(started.student, course)).session_id == started.session_id
    await world.later(minutes=5)
    assert not (await world.booking(started))["can_retry"]
    for path, said in (
        (f"/api/bookings/{started.booking_id}/retry", {}),
        ("/api/stripe/checkout", {"course_id": course.id}),
    ):
        answer = await world.post(path, started.student, json=said)
        assert (answer.status_code, answer.json()["code"]) == (409, "booking_closed"), path


# the course is cancelled


@pytest.mark.parametrize("word", ["paid", "nothing to pay", "debit", "expired", "own moment"])
async def test_a_held_place_on_a_cancelled_course_ends_with_that_reason_and_one_mail(
    world: World, word: str
):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    page = await second_page(world, started, eur(0)) if word == "nothing to pay" else started
    await end_course(world, course)
    if word in ("paid", "nothing to pay"):
        await world.pay(page)
    if word == "debit":
        await world.pay(page, cards.DEBIT_SUCCEEDS_LATER)
    if word == "expired":
        await world.services.context.gateway.expire_session(str(page.session_id))
        await world.quiet()
    if word == "own moment":
        world.clock.advance(world.services.context.hold)
        await world.worker_round()
    assert await world_settled(world) == ("cancelled", "course_cancelled")
    assert (await world.course_now(course)).held == 0
    mails = {"paid": [GOES_BACK], "debit": [TOO_LATE]}.get(word, ["Cancelled"])
    assert await subjects(world, started) == mails
    back = [(4500, "course_cancelled_payment")] if word == "paid" else []
    assert await refunds(world) == back


async def world_settled(world: World) -> tuple[str, str | None]:
    await world.worker_round()
    return await ended(world)


async def test_a_debit_that_was_on_its_way_when_the_course_was_cancelled_goes_back(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await end_course(world, course)
    await world.control(f"sessions/{started.session_id}/settle", outcome="succeeded")
    await world.quiet()
    assert await ended(world) == ("cancelled", "course_cancelled")
    assert await refunds(world) == [(4500, "course_cancelled_payment")]


async def test_a_debit_that_fails_on_a_cancelled_course_is_told_as_cancelled(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.pay(started, cards.DEBIT_SUCCEEDS_LATER)
    await end_course(world, course)
    await world.control(f"sessions/{started.session_id}/settle", outcome="failed")
    await world.quiet()
    assert await ended(world) == ("cancelled", "course_cancelled")
    assert await subjects(world, started) == ["Payment on its way", "Cancelled"]


async def test_a_page_that_was_never_made_on_a_cancelled_course_ends_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    in_a_hurry(world, monkeypatch)
    sam, course = world.student("sam"), await world.course(capacity=1)
    lost = {"kind": "reset", "when": "before", "method": "POST", "path": "checkout/sessions"}
    await world.control("faults", count=3, **lost)
    answer = await world.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert answer.status_code == 502
    await end_course(world, course)
    world.clock.advance(timedelta(minutes=6))
    await world.worker_round()
    assert await ended(world) == ("cancelled", "course_cancelled")
    await world.worker_round()
    assert [m["subject"].partition(":")[0] for m in await world.mails(sam)] == ["Cancelled"]


async def test_a_student_who_cancels_a_second_after_the_school_has_the_schools_reason(
    world: World,
):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await end_course(world, course)
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200
    assert await ended(world) == ("cancelled", "course_cancelled")
    assert await subjects(world, started) == ["Cancelled"]


async def test_who_cancels_on_a_course_that_the_school_cancelled_gets_everything_back(
    world: World,
):
    course = await world.course(starts_in=timedelta(days=5))
    started = await world.confirmed(world.student("sam"), course)
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 2250
    await end_course(world, course)
    assert (await world.booking(started))["refund_if_cancelled"]["amount"] == 4500
    answer = await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert answer.status_code == 200
    assert await ended(world) == ("cancelled", "course_cancelled")
    assert [amount for amount, _ in await refunds(world)] == [4500]


async def test_a_place_that_is_held_again_forgets_why_it_ended(world: World):
    course = await world.course(capacity=1)
    started = await world.checkout(world.student("sam"), course)
    await world.later(minutes=40)
    await world.worker_round()
    assert await ended(world) == ("expired", "page_expired")
    await world.checkout(started.student, course)
    assert await ended(world) == ("held", None)


async def test_stripes_moment_is_kept_with_the_payment(world: World):
    start = await at_stripe(world) + timedelta(days=3)
    started = await world.checkout(world.student("sam"), await world.course(starts_at=start))
    before = world.clock()
    await world.pay(started)
    (attempt,) = (await read_books(world)).attempts
    assert attempt.taken_at is not None
    assert before - timedelta(seconds=2) <= attempt.taken_at <= world.clock()
