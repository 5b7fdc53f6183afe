"""The whole booking lifecycle through the API, on both databases: book, pay, read, cancel."""

import asyncio
from collections import Counter

from tests.support import cards
from tests.support.harness import OPERATOR, Harness, eur


async def test_a_paid_booking_is_confirmed(harness: Harness):
    course, sam = await harness.course(price=eur(45)), harness.student("sam")
    started = await harness.checkout(sam, course)
    assert await harness.status_of(started) == "pending"
    await harness.pay(started)
    booking = await harness.booking(started)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert booking["amount"] == {"amount": 4500, "currency": "eur"}
    assert [a["state"] for a in booking["attempts"]] == ["succeeded"]
    assert booking["receipt_url"]
    assert booking["hold_expires_at"] is None
    assert booking["can_cancel"]
    assert not booking["can_retry"]


async def test_a_declined_card_leaves_the_session_open_to_be_paid(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course())
    await harness.pay(started, cards.DECLINED)
    assert await harness.status_of(started) == "pending"
    await harness.pay(started)
    assert await harness.status_of(started) == "confirmed"


async def test_cancelling_in_time_refunds_everything(harness: Harness):
    course, sam = await harness.course(price=eur(45)), harness.student("sam")
    started = await harness.confirmed(sam, course)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    assert answer.status_code == 200
    cancelled = answer.json()
    assert cancelled["status"] == "cancelled"
    assert [r["amount"]["amount"] for r in cancelled["refunds"]] == [4500]
    await harness.worker_round()
    assert (await harness.booking(started))["payment_status"] == "refunded"
    assert (await harness.course_now(course)).confirmed == 0


async def test_an_abandoned_booking_fails_and_can_be_tried_again(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.checkout(sam, course)
    await harness.later(hours=1)
    await harness.worker_round()
    booking = await harness.booking(started)
    assert (booking["status"], booking["can_retry"]) == ("failed", True)
    answer = await harness.post(f"/api/bookings/{started.booking_id}/retry", sam)
    assert answer.status_code == 201
    assert answer.json()["booking_id"] == started.booking_id
    assert answer.json()["session_id"] != started.session_id
    assert await harness.status_of(started) == "pending"


async def test_a_free_course_is_confirmed_without_a_session(harness: Harness):
    started = await harness.checkout(harness.student("sam"), await harness.course(price=eur(0)))
    assert started.status_code == 201
    assert (started.session_id, started.expires_at) == (None, None)
    assert f"booking_id={started.booking_id}" in started.checkout_url
    assert await harness.status_of(started) == "confirmed"


async def test_of_two_students_one_gets_the_last_seat(harness: Harness):
    course = await harness.course(capacity=1)
    students = [harness.student("sam"), harness.student("sally")]
    answers = await asyncio.gather(
        *(harness.post("/api/stripe/checkout", s, json={"course_id": course.id}) for s in students)
    )
    assert sorted(a.status_code for a in answers) == [201, 409]
    assert {a.json().get("code") for a in answers} == {None, "course_full"}


async def test_of_a_hundred_students_ten_get_the_ten_seats(harness: Harness):
    course = await harness.course(capacity=10)
    students = [harness.student(f"student{n}") for n in range(100)]
    await asyncio.gather(*(harness.token(student) for student in students))
    answers = await asyncio.gather(
        *(harness.post("/api/stripe/checkout", s, json={"course_id": course.id}) for s in students)
    )
    counted = Counter(a.json().get("code", a.status_code) for a in answers)
    assert counted == {201: 10, "course_full": 90}
    now = await harness.course_now(course)
    assert (now.held, now.confirmed) == (10, 0)


async def test_the_same_student_clicking_in_many_tabs_gets_one_session(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await harness.token(sam)
    answers = await asyncio.gather(
        *(
            harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
            for _ in range(8)
        )
    )
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["session_id"] for a in answers}) == 1
    assert (await harness.course_now(course)).held == 1


async def test_an_operator_may_read_and_cancel_the_booking_of_a_student(harness: Harness):
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    path = f"/api/bookings/{started.booking_id}"
    assert (await harness.get(path, OPERATOR)).status_code == 200
    answer = await harness.post(f"{path}/cancel", OPERATOR)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
