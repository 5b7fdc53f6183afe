"""Answers about courses that are repeated until something that they show changes."""

from datetime import timedelta

import httpx
import pytest

from tests.support.harness import OPERATOR, Course, Harness


async def read(harness: Harness, path: str, **headers: str) -> httpx.Response:
    answer = await harness.api.get(path, headers=headers)
    assert answer.status_code in (200, 304), answer.text
    return answer


async def seats_left(harness: Harness, course: Course, path: str = "/api/courses") -> int:
    items = (await read(harness, path)).json()["items"]
    return {item["id"]: item["seats_left"] for item in items}[course.id]


async def listed(harness: Harness, path: str) -> list[str]:
    return [item["id"] for item in (await read(harness, path)).json()["items"]]


async def test_an_unchanged_answer_is_304_by_its_tag(harness: Harness):
    course = await harness.course()
    for path in ("/api/courses", f"/api/courses/{course.id}"):
        first, second = await read(harness, path), await read(harness, path)
        assert first.headers["ETag"] == second.headers["ETag"]
        assert first.content == second.content
        assert second.headers["Cache-Control"] == "no-cache"
        known = {"If-None-Match": first.headers["ETag"]}
        unchanged = await read(harness, path, **known)
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["ETag"] == first.headers["ETag"]


async def test_a_booking_is_seen_by_the_very_next_reader(harness: Harness):
    course = await harness.course(capacity=3)
    paths = ("/api/courses", "/api/courses?available=true")
    assert [await seats_left(harness, course, path) for path in paths] == [3, 3]
    for left in (2, 1):
        await harness.checkout(harness.student(f"student{left}"), course)
        assert [await seats_left(harness, course, path) for path in paths] == [left, left]
        detail = (await read(harness, f"/api/courses/{course.id}")).json()
        assert detail["seats_left"] == left


async def test_a_full_course_leaves_the_list_of_those_with_places(harness: Harness):
    course = await harness.course(capacity=1)
    path = "/api/courses?available=true"
    assert course.id in await listed(harness, path)
    await harness.checkout(harness.student("sam"), course)
    assert course.id not in await listed(harness, path)


async def test_an_edit_is_seen_by_the_very_next_reader(harness: Harness):
    course = await harness.course()
    path = f"/api/manage/courses/{course.id}"
    before = (await read(harness, f"/api/courses/{course.id}")).json()
    version = (await harness.get(path, OPERATOR)).json()["version"]
    changed = {"version": version, "title": "Another title"}
    assert (await harness.call("PATCH", path, OPERATOR, json=changed)).status_code == 200
    after = await read(harness, f"/api/courses/{course.id}")
    assert (before["title"], after.json()["title"]) == (course.title, "Another title")
    titles = [item["title"] for item in (await read(harness, "/api/courses")).json()["items"]]
    assert "Another title" in titles


async def test_a_course_that_has_started_leaves_the_list(harness: Harness):
    course = await harness.course(starts_in=timedelta(hours=1))
    assert await seats_left(harness, course) > 0
    await harness.later(hours=2)
    assert course.id not in [
        it["id"] for it in (await read(harness, "/api/courses")).json()["items"]
    ]


@pytest.mark.parametrize("path", ["/api/courses", "/api/courses?limit=1"])
async def test_a_repeated_answer_counts_like_any_other(harness: Harness, path: str):
    await harness.course()

    async def counted() -> float:
        text = (await harness.api.get("/metrics")).text
        lines = [it for it in text.splitlines() if 'route="/api/courses",status="200"' in it]
        return sum(float(line.rpartition(" ")[2]) for line in lines if "requests_total" in line)

    before = await counted()
    for _ in range(3):
        await read(harness, path)
    assert await counted() == before + 3
