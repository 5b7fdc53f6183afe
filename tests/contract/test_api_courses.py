"""The catalog over HTTP: fields, one course, filters, order, pages, places left."""

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from coursebook.domain.money import Money
from tests.support.harness import Harness, eur

pytestmark = pytest.mark.both_databases

FIELDS = {
    *("id", "slug", "title", "summary", "category", "level", "instructor", "location"),
    *("starts_at", "ends_at", "timezone", "price", "capacity", "seats_left", "status"),
    *("meetings", "meetings_count", "series_id", "revision", "booking_closes_at", "extra"),
}


async def titles(harness: Harness, **wanted: Any) -> list[str]:
    answer = await harness.get("/api/courses", params=wanted)
    assert answer.status_code == 200, answer.text
    return [course["title"] for course in answer.json()["items"]]


async def walk(harness: Harness, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = (await harness.get("/api/courses", params=wanted)).json()
        assert len(page["items"]) <= int(wanted.get("limit", 20))
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        wanted["cursor"] = page["next_cursor"]


async def refused(harness: Harness, **wanted: Any) -> list[str]:
    answer = await harness.get("/api/courses", params=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_course_has_exactly_the_fields_of_the_contract(sqlite_harness: Harness):
    starts_at = datetime(2030, 6, 1, 8, 30, tzinfo=UTC)
    await sqlite_harness.course(title="Bowls", starts_at=starts_at, price=eur(45), capacity=8)
    page = (await sqlite_harness.get("/api/courses")).json()
    assert set(page) == {"items", "next_cursor"}
    [course] = page["items"]
    assert set(course) == FIELDS
    assert course["title"] == "Bowls"
    assert course["price"] == {"amount": 4500, "currency": "eur"}
    assert course["starts_at"] == "2030-06-01T08:30:00Z"
    assert course["location"] == {
        "kind": "place",
        "name": "Atelier Alfama",
        "address": "Rua da Regueira 40, Lisbon",
    }
    assert (course["capacity"], course["seats_left"], course["status"]) == (8, 8, "open")


async def test_an_empty_catalog_is_an_empty_list(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/api/courses")
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_one_course_is_found_by_id_and_by_slug_with_its_description(sqlite_harness: Harness):
    course = await sqlite_harness.course(description="You make **two bowls**.")
    by_id = await sqlite_harness.get(f"/api/courses/{course.id}")
    by_slug = await sqlite_harness.get(f"/api/courses/{course.slug}")
    assert by_id.json() == by_slug.json()
    course_body = by_id.json()
    assert set(course_body) == FIELDS | {"description", "terms"}
    assert course_body["description"] == "You make **two bowls**."
    assert course_body["terms"]["sentence"].startswith("If you cancel")
    assert [step["percent"] for step in course_body["terms"]["steps"]] == [100, 50]


async def test_an_unknown_course_is_not_found(sqlite_harness: Harness):
    for name in ("nothing", "crs_unknown", "%00", "%F0%9F%8C%B5", "x" * 400, "'--"):
        answer = await sqlite_harness.get(f"/api/courses/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "course_not_found"), name


async def test_a_draft_is_not_found_and_not_listed(sqlite_harness: Harness):
    draft = await sqlite_harness.course(status="draft")
    answer = await sqlite_harness.get(f"/api/courses/{draft.slug}")
    assert (answer.status_code, answer.json()["code"]) == (404, "course_not_found")
    assert await titles(sqlite_harness) == []


async def test_a_cancelled_course_is_closed_and_not_listed(sqlite_harness: Harness):
    course = await sqlite_harness.course(status="cancelled")
    assert (await sqlite_harness.get(f"/api/courses/{course.id}")).json()["status"] == "closed"
    assert await titles(sqlite_harness) == []


async def test_search_looks_for_every_word_in_any_case(harness: Harness):
    await harness.course(title="Bowls for beginners", summary="Clay.")
    await harness.course(title="Sourdough", summary="Bread for patient beginners.")
    assert await titles(harness, q="BEGINNERS") == ["Bowls for beginners", "Sourdough"]
    assert await titles(harness, q="beginners bread") == ["Sourdough"]
    assert await titles(harness, q="violin") == []


async def test_signs_of_the_database_are_only_signs_in_a_search(harness: Harness):
    await harness.course(title="Plain")
    for text in ("100%", "_", "\\", "'; drop table course; --", "%", "*"):
        assert await titles(harness, q=text) == [], text


async def test_category_and_level_narrow_the_list(harness: Harness):
    await harness.course(title="Bowls", category="Crafts", level="Beginner")
    await harness.course(title="Ikebana", category="Crafts", level="Advanced")
    await harness.course(title="Bread", category="Food", level="Beginner")
    assert await titles(harness, category="Crafts") == ["Bowls", "Ikebana"]
    assert await titles(harness, level="Beginner") == ["Bowls", "Bread"]
    assert await titles(harness, category="Crafts", level="Beginner") == ["Bowls"]
    assert await titles(harness, category="Music") == []


async def test_from_and_to_include_their_own_moment(harness: Harness):
    for day in (1, 2, 3):
        noon = datetime(2030, 6, day, 12, tzinfo=UTC)
        await harness.course(title=f"Day {day}", starts_at=noon)
    second = "2030-06-02T12:00:00Z"
    assert await titles(harness, **{"from": second}) == ["Day 2", "Day 3"]
    assert await titles(harness, to=second) == ["Day 1", "Day 2"]
    assert await titles(harness, **{"from": second, "to": second}) == ["Day 2"]
    assert await titles(harness, **{"from": "2030-06-02T15:00:00+02:00"}) == ["Day 3"]
    assert await titles(harness, **{"from": "2030-06-02", "to": "2030-06-02"}) == ["Day 2"]
    assert await titles(harness, **{"from": "2030-06-03", "to": "2030-06-01"}) == []


async def test_a_plus_that_was_not_encoded_is_understood(sqlite_harness: Harness):
    await sqlite_harness.course(title="Noon", starts_at=datetime(2030, 6, 1, 12, tzinfo=UTC))
    answer = await sqlite_harness.get("/api/courses?from=2030-06-01T14:00:00+02:00")
    assert [c["title"] for c in answer.json()["items"]] == ["Noon"]


async def test_price_max_is_in_minor_units_and_includes_itself(harness: Harness):
    await harness.course(title="Free", price=eur(0))
    await harness.course(title="Cheap", price=eur(20))
    await harness.course(title="Dear", price=Money(2001, "usd"))
    assert await titles(harness, price_max=2000) == ["Free", "Cheap"]
    assert await titles(harness, price_max=0) == ["Free"]


async def test_available_leaves_out_full_courses(harness: Harness):
    full = await harness.course(title="Full", capacity=1)
    await harness.course(title="Roomy", capacity=2)
    await harness.checkout(harness.student("sam"), full)
    assert await titles(harness) == ["Full", "Roomy"]
    assert await titles(harness, available="true") == ["Roomy"]
    assert await titles(harness, available="false") == ["Full", "Roomy"]


async def test_filters_are_combined(harness: Harness):
    await harness.course(title="Right", category="Food", price=eur(30), summary="bread")
    await harness.course(title="Too dear", category="Food", price=eur(90), summary="bread")
    await harness.course(title="Other word", category="Food", price=eur(30), summary="soup")
    query = {"q": "bread", "category": "Food", "price_max": 5000, "available": "true"}
    assert await titles(harness, **query) == ["Right"]


async def test_courses_come_in_the_order_asked_for(harness: Harness):
    await harness.course(title="B", price=eur(30), starts_in=timedelta(days=1))
    await harness.course(title="C", price=eur(10), starts_in=timedelta(days=2))
    await harness.course(title="A", price=eur(20), starts_in=timedelta(days=3))
    assert await titles(harness) == ["B", "C", "A"]
    assert await titles(harness, sort="starts_at") == ["B", "C", "A"]
    assert await titles(harness, sort="price") == ["C", "A", "B"]
    assert await titles(harness, sort="title") == ["A", "B", "C"]


async def test_walking_all_pages_meets_every_course_once(harness: Harness):
    same = datetime(2030, 6, 1, 9, tzinfo=UTC)
    for n in range(11):
        await harness.course(title=f"T{n % 3}", price=eur(10 + n % 2), starts_at=same)
    for sort in ("starts_at", "price", "title"):
        whole = await walk(harness, sort=sort, limit=100)
        for limit in (1, 4, 11):
            met = await walk(harness, sort=sort, limit=limit)
            assert [c["id"] for c in met] == [c["id"] for c in whole]
        assert len({c["id"] for c in whole}) == 11
        keys = [c["price"]["amount"] if sort == "price" else c[sort] for c in whole]
        assert all(one <= other for one, other in pairwise(keys))


async def test_a_page_is_stable_when_a_course_appears_before_it(harness: Harness):
    for n in range(4):
        await harness.course(title=f"T{n}", starts_in=timedelta(days=10 + n))
    first = (await harness.get("/api/courses", params={"limit": 2})).json()
    await harness.course(title="New", starts_in=timedelta(days=1))
    second = (
        await harness.get("/api/courses", params={"limit": 2, "cursor": first["next_cursor"]})
    ).json()
    assert [c["title"] for c in second["items"]] == ["T2", "T3"]


async def test_twenty_courses_come_when_no_limit_is_given(sqlite_harness: Harness):
    for _ in range(21):
        await sqlite_harness.course()
    page = (await sqlite_harness.get("/api/courses")).json()
    assert len(page["items"]) == 20
    assert page["next_cursor"]


async def test_a_limit_out_of_bounds_is_refused(sqlite_harness: Harness):
    for limit in ("0", "101", "-1", "", "ten", "1.5", "1e1", "9" * 30):
        assert await refused(sqlite_harness, limit=limit) == ["/limit"], limit


async def test_a_filter_that_makes_no_sense_is_refused_by_name(sqlite_harness: Harness):
    senseless = [
        ("sort", "popularity"),
        ("sort", ""),
        ("available", "yes"),
        ("price_max", "-1"),
        ("price_max", "12.50"),
        ("price_max", "999999999999"),
        ("from", "tomorrow"),
        ("from", "2030-06-01T12:00:00"),
        ("to", "2030-13-01"),
        ("to", "1717243200"),
        ("from", "0001-01-01T00:00:00+14:00"),
        ("q", "x" * 201),
        ("category", "x" * 61),
        ("q", "\x00"),
        ("pricemax", "5"),
    ]
    for name, value in senseless:
        assert await refused(sqlite_harness, **{name: value}) == [f"/{name}"], value


async def test_every_wrong_parameter_is_named_at_once(sqlite_harness: Harness):
    found = await refused(sqlite_harness, limit=0, sort="x", price_max="free")
    assert sorted(found) == ["/limit", "/price_max", "/sort"]


def forged(kind: str, value: object, last_id: str = "crs_x") -> str:
    packed = json.dumps([kind, value, last_id]).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


async def test_a_cursor_that_we_did_not_make_is_refused(harness: Harness):
    for cursor in ("x", "!!!", "e30", "W10", "bnVsbA", "\u2603", "A" * 500):
        assert await refused(harness, cursor=cursor) == ["/cursor"], cursor


async def test_a_forged_cursor_breaks_nothing(harness: Harness):
    for sort, value in [
        ("starts_at", "0001-01-01T00:00:00+14:00"),
        ("starts_at", "2030-06-01T00:00:00"),
        ("starts_at", 1),
        ("price", 2**40),
        ("price", True),
        ("price", "1"),
        ("title", "\ud800"),
        ("title", "\x00"),
        ("title", None),
    ]:
        cursor = forged(f"courses:{sort}", value)
        assert await refused(harness, sort=sort, cursor=cursor) == ["/cursor"], (sort, value)
    for last_id in ("\ud800", "\x00"):
        cursor = forged("courses:price", 1, last_id)
        assert await refused(harness, sort="price", cursor=cursor) == ["/cursor"], last_id


async def test_a_cursor_of_another_order_is_refused(sqlite_harness: Harness):
    for _ in range(2):
        await sqlite_harness.course()
    cursor = (await sqlite_harness.get("/api/courses?limit=1")).json()["next_cursor"]
    assert await refused(sqlite_harness, sort="price", cursor=cursor) == ["/cursor"]


async def test_a_hold_takes_a_place_and_the_last_one_makes_the_course_full(harness: Harness):
    course = await harness.course(capacity=2)
    await harness.checkout(harness.student("sam"), course)
    shown = (await harness.get(f"/api/courses/{course.id}")).json()
    assert (shown["seats_left"], shown["status"]) == (1, "open")
    await harness.checkout(harness.student("sally"), course)
    shown = (await harness.get(f"/api/courses/{course.id}")).json()
    assert (shown["seats_left"], shown["status"]) == (0, "full")


async def test_a_course_that_has_started_is_closed(sqlite_harness: Harness):
    course = await sqlite_harness.course(starts_in=timedelta(hours=1))
    sqlite_harness.clock.advance(timedelta(hours=2))
    assert (await sqlite_harness.get(f"/api/courses/{course.id}")).json()["status"] == "closed"


async def test_many_readers_at_once_get_the_same_list(harness: Harness):
    for _ in range(5):
        await harness.course()
    answers = await asyncio.gather(*(harness.get("/api/courses") for _ in range(40)))
    assert len({answer.text for answer in answers}) == 1
