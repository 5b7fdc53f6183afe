"""Many students at once, over HTTP: every place is sold, none twice, nobody sees a fault."""

import asyncio
import random
from collections import Counter

from tests.support import cards
from tests.support.booking_invariants import check_books
from tests.support.harness import Student, World
from tests.support.stripe_objects import newest_sessions


async def students(world: World, count: int) -> list[Student]:
    """Return so many signed-in students."""
    people = [world.student(f"s{number}") for number in range(count)]
    for one in people:
        await world.token(one)
    return people


async def test_a_hundred_students_for_ten_places_get_ten_pages(world: World):
    course = await world.course(capacity=10)
    crowd = await students(world, 100)
    answers = await asyncio.gather(
        *(world.post("/api/stripe/checkout", one, json={"course_id": course.id}) for one in crowd)
    )
    told = Counter(a.json().get("code", a.status_code) for a in answers)
    assert told == {201: 10, "course_full": 90}
    pages = {a.json()["session_id"] for a in answers if a.status_code == 201}
    assert len(pages) == 10
    at_stripe = {s["id"] for s in await newest_sessions(world, status="open")}
    assert pages <= at_stripe
    await check_books(world)


async def test_a_crowd_that_books_pays_and_cancels_at_random_leaves_the_books_right(world: World):
    dice = random.Random(4)  # the same story each time
    course = await world.course(capacity=5)
    crowd = await students(world, 12)

    async def one_story(student: Student, plan: list[str]) -> None:
        booking = None
        for step in plan:
            if step == "book":
                answer = await world.post(
                    "/api/stripe/checkout", student, json={"course_id": course.id}
                )
                booking = answer.json().get("booking_id", booking)
                page = answer.json().get("session_id")
                if page and dice.random() < 0.7:
                    await world.control(f"sessions/{page}/pay", card=cards.VISA)
            elif booking and step == "cancel":
                await world.post(f"/api/bookings/{booking}/cancel", student)
            elif booking and step == "retry":
                await world.post(f"/api/bookings/{booking}/retry", student)

    plans = [dice.choices(["book", "cancel", "retry"], [3, 1, 1], k=4) for _ in crowd]
    stories = [one_story(s, plan) for s, plan in zip(crowd, plans, strict=True)]
    await asyncio.gather(*stories, world.worker_round(), world.worker_round())
    await world.quiet()
    await world.worker_round()
    await check_books(world)


async def test_all_places_are_sold_when_more_students_than_places_pay(world: World):
    course = await world.course(capacity=4)
    crowd = await students(world, 8)

    async def keeps_trying(student: Student) -> None:
        answer = await world.post("/api/stripe/checkout", student, json={"course_id": course.id})
        if answer.status_code == 201:
            page = answer.json()["session_id"]
            await world.control(f"sessions/{page}/pay", card=cards.VISA)

    await asyncio.gather(*(keeps_trying(one) for one in crowd))
    await world.quiet()
    now = await world.course_now(course)
    assert (now.confirmed, now.held) == (4, 0)
