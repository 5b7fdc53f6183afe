"""Many students at once over HTTP: every seat is sold once, and no request fails."""

import asyncio
import random
from collections import Counter

import pytest

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness, Student
from tests.support.stripe_objects import newest_sessions

pytestmark = pytest.mark.both_databases


async def students(harness: Harness, count: int) -> list[Student]:
    """Return `count` signed-in students."""
    people = [harness.student(f"s{number}") for number in range(count)]
    for buyer in people:
        await harness.token(buyer)
    return people


async def test_a_hundred_students_for_ten_seats_get_ten_sessions(harness: Harness):
    course = await harness.course(capacity=10)
    crowd = await students(harness, 100)
    answers = await asyncio.gather(
        *(harness.post("/api/stripe/checkout", one, json={"course_id": course.id}) for one in crowd)
    )
    counts = Counter(a.json().get("code", a.status_code) for a in answers)
    assert counts == {201: 10, "course_full": 90}
    pages = {a.json()["session_id"] for a in answers if a.status_code == 201}
    assert len(pages) == 10
    at_stripe = {s["id"] for s in await newest_sessions(harness, status="open")}
    assert pages <= at_stripe
    await check_books(harness)


async def test_random_concurrent_actions_keep_the_invariants(
    harness: Harness,
):
    dice = random.Random(4)  # the same sequence in every run
    course = await harness.course(capacity=5)
    crowd = await students(harness, 12)

    async def one_story(student: Student, plan: list[str]) -> None:
        booking = None
        for step in plan:
            if step == "book":
                answer = await harness.post(
                    "/api/stripe/checkout", student, json={"course_id": course.id}
                )
                booking = answer.json().get("booking_id", booking)
                page = answer.json().get("session_id")
                if page and dice.random() < 0.7:
                    await harness.control(f"sessions/{page}/pay", card=cards.VISA)
            elif booking and step == "cancel":
                await harness.post(f"/api/bookings/{booking}/cancel", student)
            elif booking and step == "retry":
                await harness.post(f"/api/bookings/{booking}/retry", student)

    plans = [dice.choices(["book", "cancel", "retry"], [3, 1, 1], k=4) for _ in crowd]
    stories = [one_story(s, plan) for s, plan in zip(crowd, plans, strict=True)]
    await asyncio.gather(*stories, harness.worker_round(), harness.worker_round())
    await harness.quiet()
    await harness.worker_round()
    await check_books(harness)


async def test_all_seats_are_sold_when_more_students_than_seats_pay(harness: Harness):
    course = await harness.course(capacity=4)
    crowd = await students(harness, 8)

    async def keeps_trying(student: Student) -> None:
        answer = await harness.post("/api/stripe/checkout", student, json={"course_id": course.id})
        if answer.status_code == 201:
            page = answer.json()["session_id"]
            await harness.control(f"sessions/{page}/pay", card=cards.VISA)

    await asyncio.gather(*(keeps_trying(one) for one in crowd))
    await harness.quiet()
    now = await harness.course_now(course)
    assert (now.confirmed, now.held) == (4, 0)
