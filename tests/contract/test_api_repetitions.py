"""A course on other dates over HTTP: days and rules, changes of clocks, clashes, all or none."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import Booking, Course, CourseTeacher, Series
from tests.contract.test_api_manage_courses import COURSES, act, created, meeting, pointers
from tests.support.harness import OPERATOR, Harness
from tests.support.team import give_role

BERLIN = ZoneInfo("Europe/Berlin")
AUGUST = datetime(2099, 9, 1, 16, 30, tzinfo=UTC)
"""A Tuesday, 18:30 in Berlin."""
_numbers = count(1)
TUESDAYS = {"weekdays": ["tuesday"], "from": "2099-09-02", "to": "2099-12-01"}


async def weekly(harness: Harness, **more: Any) -> dict[str, Any]:
    tag = next(_numbers)
    values: dict[str, Any] = {
        "timezone": "Europe/Berlin",
        "meetings": [meeting(AUGUST, hours=2)],
        "instructor": f"Tara {tag}",
        "location": {"kind": "place", "name": f"Atelier {tag}", "address": "1 Mill Lane"},
    }
    return await created(harness, **(values | more))


async def repeat(
    harness: Harness, course: dict[str, Any], who: Any = OPERATOR, **body: Any
) -> httpx.Response:
    return await harness.post(f"{COURSES}/{course['id']}/repeat", who, json=body)


async def dates_of(harness: Harness, series_id: str) -> list[Course]:
    rows = [row for row in await harness.rows_of(Course) if row.series_id == series_id]
    return sorted(rows, key=lambda row: row.starts_at)


@pytest.mark.both_databases
async def test_every_tuesday_is_at_the_same_hour_on_both_sides_of_the_change(harness: Harness):
    course = await weekly(harness, internal_note="Kiln 2.", attendee_info="An apron.")
    rule = TUESDAYS | {"without": ["2099-10-06", "2099-11-03"]}
    shown = (await repeat(harness, course, rule=rule, dry_run=True)).json()
    assert (len(shown["dates"]), shown["added"], shown["series_id"]) == (11, 0, None)
    assert len(await harness.rows_of(Course)) == 1, "a dry run writes nothing"
    answer = await repeat(harness, course, rule=rule)
    body = answer.json()
    assert (answer.status_code, body["added"]) == (201, 11), answer.text
    local = [datetime.fromisoformat(d["starts_at"]).astimezone(BERLIN) for d in body["dates"]]
    assert {(at.weekday(), at.hour, at.minute) for at in local} == {(1, 18, 30)}
    assert len({at.utcoffset() for at in local}) == 2, "before and after the change of clocks"
    rows = await dates_of(harness, body["series_id"])
    assert [row.slug for row in rows[1:3]] == [
        f"{course['slug']}-2099-09-08",
        f"{course['slug']}-2099-09-15",
    ]
    assert {row.status for row in rows} == {"draft"}
    assert {row.internal_note for row in rows[1:]} == {""}
    assert {row.attendee_info for row in rows} == {"An apron."}
    assert answer.headers["location"] == f"/api/courses?series={body['series_id']}"
    again = await repeat(harness, course, rule=rule)
    assert (again.status_code, again.json()["added"]) == (200, 0), "every date exists"
    assert all(date["exists"] for date in again.json()["dates"])
    more = await repeat(
        harness, again.json()["dates"][0] | {"id": rows[1].id}, dates=["2099-12-08"]
    )
    assert more.json()["series_id"] == body["series_id"]
    assert len(await harness.rows_of(Series)) == 1


@pytest.mark.both_databases
async def test_published_in_one_go_with_all_meetings(harness: Harness):
    meetings = [meeting(AUGUST + timedelta(days=n), hours=2) for n in (0, 2)]
    course = await weekly(harness, meetings=meetings)
    answer = await repeat(
        harness, course, dates=["2099-10-29", "2099-09-08"], time="17:15", publish=True
    )
    assert answer.json()["added"] == 2, answer.text
    days = [date["day"] for date in answer.json()["dates"]]
    assert days == ["2099-09-08", "2099-10-29"], "in order"
    found = await harness.get("/api/courses", params={"series": answer.json()["series_id"]})
    starts = [[m["starts_at"] for m in item["meetings"]] for item in found.json()["items"]]
    assert starts == [
        ["2099-09-08T15:15:00Z", "2099-09-10T15:15:00Z"],
        ["2099-10-29T16:15:00Z", "2099-10-31T16:15:00Z"],
    ], "the draft itself is not public"


async def test_a_clash_is_named_and_then_nothing_is_added(harness: Harness):
    course = await weekly(harness)
    same = {"instructor": course["instructor"].upper(), "title": "Glazing"}
    teaches = await weekly(
        harness, **same, meetings=[meeting(AUGUST + timedelta(days=14, hours=1))]
    )
    days = ["2099-09-08", "2099-09-15", "2099-09-22"]
    shown = (await repeat(harness, course, dates=days, dry_run=True)).json()
    clashes = [[(c["kind"], c["course_id"]) for c in date["clashes"]] for date in shown["dates"]]
    assert clashes == [[], [("teacher", teaches["id"])], []], "the place has another tag"
    refused = await repeat(harness, course, dates=days)
    assert pointers(refused) == ["/dates/1"]
    assert "Glazing" in refused.json()["detail"]
    assert len(await harness.rows_of(Course)) == 2, "nothing was added"
    assert (await repeat(harness, course, dates=days, allow_clashes=True)).json()["added"] == 3
    there = await weekly(harness, location=course["location"])
    clashing = (await repeat(harness, there, dates=["2099-09-08"], dry_run=True)).json()
    assert [c["kind"] for c in clashing["dates"][0]["clashes"]] == ["place"]
    long = await weekly(
        harness, meetings=[meeting(AUGUST + timedelta(days=7 * n), hours=2) for n in range(3)]
    )
    itself = (await repeat(harness, long, dates=["2100-01-05", "2100-01-12"], dry_run=True)).json()
    assert [len(date["clashes"]) for date in itself["dates"]] == [0, 2], "with one another"


async def test_days_that_are_not_possible_are_named(harness: Harness):
    night = datetime(2099, 3, 21, 1, 30, tzinfo=UTC)
    course = await weekly(harness, meetings=[meeting(night, hours=1)])
    days = ["2099-03-28", "2099-03-29", "2000-01-01"]
    shown = (await repeat(harness, course, dates=days, dry_run=True)).json()["dates"]
    assert [(d["day"], bool(d["problem"])) for d in shown] == [
        ("2000-01-01", True),
        ("2099-03-28", False),
        ("2099-03-29", True),
    ], "in the past, possible, and an hour that clocks skip"
    refused = await repeat(harness, course, dates=days)
    assert pointers(refused) == ["/dates/2", "/dates/1"]
    bare = (await harness.post(COURSES, OPERATOR, json={"title": "Bare"})).json()
    assert pointers(await repeat(harness, bare, dates=["2099-09-08"])) == ["/starts_at"]
    assert pointers(await repeat(harness, course)) == ["/dates"]
    for rule, pointer in (
        (TUESDAYS | {"to": "2099-09-03"}, "/rule"),
        (TUESDAYS | {"to": "2109-09-03"}, "/rule"),
        (TUESDAYS | {"weekdays": []}, "/rule/weekdays"),
        (TUESDAYS | {"weekdays": ["someday"]}, "/rule/weekdays/0"),
        (TUESDAYS | {"from": "soon"}, "/rule/from"),
    ):
        assert pointers(await repeat(harness, course, rule=rule)) == [pointer], rule
    unready = await created(harness, capacity=None, meetings=[meeting(AUGUST)])
    assert "/capacity" in pointers(
        await repeat(harness, unready, dates=["2099-09-08"], publish=True)
    )
    assert await harness.rows_of(Series) == []


async def test_an_edit_of_one_date_stays_with_it_and_its_teacher_sees_all(harness: Harness):
    course = (await act(harness, await weekly(harness), "publish")).json()
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course["id"])
    added = (await repeat(harness, course, dates=["2099-09-08", "2099-09-15"], publish=True)).json()
    first, second = (date["course_id"] for date in added["dates"])
    view = (await harness.get(f"{COURSES}/{first}", OPERATOR)).json()
    body = {"version": view["version"], "title": "Other title", "capacity": 3}
    edited = await harness.call("PATCH", f"{COURSES}/{first}", OPERATOR, json=body)
    assert edited.status_code == 200, edited.text
    titles = {row.id: row.title for row in await harness.rows_of(Course)}
    assert view["series_id"] == added["series_id"]
    assert (titles[first], titles[second]) == ("Other title", course["title"])
    assert {row.course_id for row in await harness.rows_of(CourseTeacher)} == {
        course["id"],
        first,
        second,
    }
    assert (await harness.get(f"{COURSES}/{second}", tara)).status_code == 200
    assert (await repeat(harness, course, tara, dates=["2099-09-29"])).status_code == 403
    sam = harness.student("sam")
    for who, status in ((None, 401), (sam, 403)):
        assert (await repeat(harness, course, who, dates=["2099-09-29"])).status_code == status
    assert await harness.rows_of(Booking) == []
