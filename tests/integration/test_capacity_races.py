"""The places of a course go up and down while people book: never more are taken than there are."""

import asyncio
from itertools import cycle

import pytest

from coursebook.domain.money import Money
from coursebook.persistence.schema.tables import Course
from tests.support.harness import OPERATOR, Harness

pytestmark = pytest.mark.both_databases

BUYERS, CHANGES = 50, 200
CAPACITIES = (5, 40, 12, 60, 1, 25, 60)


async def test_buyers_and_changes_of_the_places_at_the_same_time(harness: Harness) -> None:
    course = await harness.course(price=Money(0, "eur"), capacity=5)
    done = asyncio.Event()
    watching = asyncio.create_task(_watch(harness, course, done))
    buying = [asyncio.create_task(_buy(harness, course, n)) for n in range(BUYERS)]
    refused = await _change(harness, course)
    results = await asyncio.gather(*buying)
    done.set()
    reads = await watching
    assert reads > 0
    stored = await harness.course_now(course)
    assert stored.confirmed == results.count("confirmed")
    assert set(results) <= {"confirmed", "course_full"}
    assert stored.confirmed > 0
    assert refused > 0, "some changes came too late"


async def test_a_course_is_taken_back_or_booked_but_never_both(harness: Harness) -> None:
    for number in range(4):
        course = await harness.course(price=Money(0, "eur"))
        path = f"/api/manage/courses/{course.id}/unpublish"
        buying = [_buy(harness, course, 100 + 10 * number + n, tries=1) for n in range(3)]
        answer, *results = await asyncio.gather(harness.post(path, OPERATOR), *buying)
        stored = await harness.course_now(course)
        assert stored.confirmed == results.count("confirmed")
        if answer.status_code == 200:
            assert (stored.status, stored.confirmed) == ("draft", 0)
            assert set(results) <= {"course_not_found", "booking_closed"}
        else:
            assert answer.json()["code"] == "has_bookings"
            assert stored.status == "published"
            assert stored.confirmed > 0


async def _buy(harness: Harness, course: Course, number: int, tries: int = 3) -> str:
    """Try until there is a place, a few times; return what came of it."""
    student, code = harness.student(f"buyer{number}"), ""
    for _ in range(tries):
        answer = await harness.post("/api/stripe/checkout", student, json={"course_id": course.id})
        assert answer.status_code in (201, 404, 409), answer.text
        if answer.status_code == 201:
            return "confirmed"
        code = str(answer.json()["code"])
    return code


async def _change(harness: Harness, course: Course) -> int:
    """Change the places 200 times; return how many changes were refused."""
    path, refused, version = f"/api/manage/courses/{course.id}", 0, 1
    for _, capacity in zip(range(CHANGES), cycle(CAPACITIES), strict=False):
        body = {"version": version, "capacity": capacity}
        answer = await harness.call("PATCH", path, OPERATOR, json=body)
        assert answer.status_code in (200, 409), answer.text
        if answer.status_code == 200:
            version = answer.json()["version"]
        else:
            assert answer.json()["code"] == "capacity_below_bookings"
            refused += 1
    return refused


async def _watch(harness: Harness, course: Course, done: asyncio.Event) -> int:
    """Read the places until all is done; return how often."""
    reads = 0
    while not done.is_set():
        now = await harness.course_now(course)
        assert now.held + now.confirmed <= now.capacity
        reads += 1
        await asyncio.sleep(0.02)
    return reads
