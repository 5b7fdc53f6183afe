"""Check-in: the snapshot of a meeting, lines of phones, roles, absences and the report."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from coursebook.domain.check_in.ticket_code import qr_text
from coursebook.domain.rights import Role
from coursebook.persistence.schema.tables import (
    Attendance,
    AttendanceLine,
    AuditEntry,
    Booking,
    Course,
)
from tests.support.harness import OPERATOR, Harness, Started, Student
from tests.support.product import next_time
from tests.support.team import give_role

SOON = timedelta(hours=1)


def meeting_of(course: Course) -> str:
    return f"mtg_{course.id.removeprefix('crs_')}"


async def snapshot(harness: Harness, course: Course, who: Student = OPERATOR) -> dict[str, Any]:
    answer = await harness.get(f"/api/manage/meetings/{meeting_of(course)}/snapshot", who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def send(
    harness: Harness, course: Course, *lines: dict[str, Any], who: Student = OPERATOR
) -> httpx.Response:
    path = f"/api/manage/meetings/{meeting_of(course)}/attendance"
    return await harness.post(path, who, json={"lines": list(lines)})


def line(state: str = "present", **more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "state": state, **more}


def answers(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(one["answer"], one["reason"]) for one in answer.json()["lines"]]


async def code_of(harness: Harness, started: Started) -> str:
    (code,) = [b.ticket_code for b in await harness.rows_of(Booking) if b.id == started.booking_id]
    assert code is not None
    return code


async def a_course(harness: Harness, *names: str) -> tuple[Course, list[Started]]:
    """Open a course of today; in the last hour of a day, of the next one."""
    if (harness.clock() + SOON).date() != harness.clock().date():
        await harness.later(seconds=SOON.total_seconds())
    course = await harness.course(starts_in=SOON)
    return course, [await harness.confirmed(harness.student(name), course) for name in names]


async def test_a_snapshot_holds_hashes_of_codes_and_who_is_here(harness: Harness):
    course, (ann, bob) = await a_course(harness, "ann", "bob")
    await harness.checkout(harness.student("held"), course)
    shown = await snapshot(harness, course)
    assert shown["meeting"]["title"] == course.title
    assert (shown["here"], len(shown["people"]), shown["may_add"]) == (0, 2, True)
    code = await code_of(harness, ann)
    person = next(p for p in shown["people"] if p["booking_id"] == ann.booking_id)
    assert person["code_hash"] == hashlib.sha256(code.encode()).hexdigest()
    assert code not in str(shown)
    assert (person["payment"], person["owed"], person["tick"]) == ("paid", None, None)
    assert answers(await send(harness, course, line(code=qr_text(code)))) == [("done", "")]
    shown = await snapshot(harness, course)
    ticks = {p["booking_id"]: p["tick"] for p in shown["people"]}
    assert shown["here"] == 1
    assert ticks[bob.booking_id] is None
    assert (ticks[ann.booking_id]["state"], ticks[ann.booking_id]["how"]) == ("present", "scan")
    listed = await harness.get("/api/manage/meetings/today", OPERATOR)
    mine = [i for i in listed.json()["items"] if i["meeting"]["course_id"] == course.id]
    assert [(i["here"], i["coming"]) for i in mine] == [(1, 2)]


async def test_each_line_counts_once_and_the_first_present_wins(harness: Harness):
    course, (ann, bob) = await a_course(harness, "ann", "bob")
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    earlier = (harness.clock() - timedelta(minutes=5)).isoformat()
    first = line(booking_id=ann.booking_id, at=earlier)
    for _ in range(2):
        assert answers(await send(harness, course, first, who=tara)) == [("done", "")]
    second, undo = line(booking_id=ann.booking_id), line("undone", booking_id=ann.booking_id)
    undo["undoes"] = second["client_id"]
    sent = await send(harness, course, second, undo)
    assert answers(sent) == [("already", ""), ("already", "")]
    tick = sent.json()["lines"][0]["tick"]
    assert (tick["by"], tick["how"], tick["client_id"]) == (
        *((await harness.principal(tara)).name, "offline"),
        first["client_id"],
    )
    assert tick["at"] == tick["phone_at"] != tick["received_at"]
    both = [line("undone", booking_id=ann.booking_id), line(booking_id=bob.booking_id)]
    for _ in range(2):
        assert answers(await send(harness, course, *both)) == [("done", ""), ("done", "")]
    rows = {row.booking_id: row.state for row in await harness.rows_of(Attendance)}
    assert rows == {ann.booking_id: "undone", bob.booking_id: "present"}
    assert len(await harness.rows_of(AttendanceLine)) == 5
    events = [e.to_state for e in await harness.rows_of(AuditEntry) if e.event == "attendance"]
    assert events == ["present", "undone", "present"]
    story = (await harness.get(f"/api/manage/bookings/{ann.booking_id}", OPERATOR)).json()["story"]
    assert [s["fact"] for s in story if s["fact"] in ("present", "tick_undone")] == [
        *("present", "tick_undone"),
    ]
    own = await harness.get(f"/api/bookings/{ann.booking_id}", ann.student)
    assert "noted" not in own.text


async def test_lists_of_people_and_bookings_say_who_came(harness: Harness):
    morning = min(next_time(harness.clock(), hour) for hour in (9, 10))
    harness.clock.advance(morning - harness.clock())
    hour = timedelta(hours=1)
    starts = [morning + timedelta(days=days) + 2 * hour for days in (0, 1, 3)]
    meetings = [{"starts_at": at.isoformat(), "ends_at": (at + hour).isoformat()} for at in starts]
    course, (ann, bob) = await a_course(harness, "ann", "bob")
    path = f"/api/manage/courses/{course.id}"
    people = (await harness.get(f"{path}/people", OPERATOR)).json()
    assert people["meeting"] is not None, "it begins today"
    version = (await harness.get(path, OPERATOR)).json()["version"]
    body = {"meetings": meetings, "version": version, "tell": False}
    answer = await harness.call("PATCH", path, OPERATOR, json=body)
    assert answer.status_code == 200, answer.text
    ids = [meeting["id"] for meeting in answer.json()["meetings"]]

    async def tick(meeting_id: str, **more: Any) -> None:
        lines = {"lines": [line(**more)]}
        sent = await harness.post(
            f"/api/manage/meetings/{meeting_id}/attendance", OPERATOR, json=lines
        )
        assert answers(sent) == [("done", "")]

    await tick(ids[0], booking_id=ann.booking_id)
    harness.clock.advance(timedelta(days=1) + 3 * hour)
    await tick(ids[1], booking_id=ann.booking_id)
    await tick(ids[1], booking_id=bob.booking_id, state="absent")
    answer = await harness.get(f"{path}/people", OPERATOR)
    people = answer.json()
    assert (people["meeting"]["number"], people["meeting"]["total"]) == (2, 3)
    came = {p["booking_id"]: (p["attendance"]["state"], p["times_here"]) for p in people["items"]}
    assert came == {ann.booking_id: ("present", 2), bob.booking_id: ("absent", 0)}
    one = (await harness.get(f"/api/manage/bookings/{bob.booking_id}", OPERATOR)).json()
    states = [each["mark"] and each["mark"]["state"] for each in one["attendance"]]
    assert states == [None, "absent"]
    file = (await harness.get(f"{path}/people.csv", OPERATOR)).text
    assert "did not come" in file
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    assert (await harness.get(f"{path}/people", tara)).json()["meeting"] == people["meeting"]


async def test_cash_is_taken_with_the_sums_of_the_list(harness: Harness):
    course, _ = await a_course(harness)
    due = {"how": "expected", "due_on": harness.clock().date().isoformat()}
    body = {"name": "Bruno Lima", "pay": due, "tell": False}
    path = f"/api/manage/courses/{course.id}/bookings"
    assert (await harness.post(path, OPERATOR, json=body)).status_code == 201
    shown = await snapshot(harness, course)
    (person,) = shown["people"]
    assert shown["may_take_money"] is True
    assert (person["owed"]["amount"], person["kept"]["amount"]) == (4500, 0)
    taken = {"amount": person["owed"]["amount"], "method": "cash", "expect": person["kept"]}
    pay = f"/api/manage/bookings/{person['booking_id']}/payments"
    tara = harness.student("tara")
    await give_role(harness, tara, Role.TEACHER, course.id)
    seen = await snapshot(harness, course, tara)
    assert (seen["may_take_money"], seen["people"][0]["kept"]) == (False, None)
    assert (await harness.post(pay, tara, json=taken)).status_code == 403
    assert (await harness.post(pay, OPERATOR, json=taken)).status_code == 201
    (person,) = (await snapshot(harness, course))["people"]
    assert (person["owed"], person["kept"]["amount"]) == (None, 4500)
    again = await harness.post(pay, OPERATOR, json=taken)
    assert (again.status_code, again.json()["code"]) == (409, "changed_meanwhile")


async def test_codes_that_do_not_count_here(harness: Harness):
    course, (ann,) = await a_course(harness, "ann")
    other, (bob,) = await a_course(harness, "bob")
    held = await harness.checkout(harness.student("held"), course)
    old = await code_of(harness, ann)
    await harness.post(
        f"/api/manage/bookings/{ann.booking_id}/participant", OPERATOR, json={"name": "Cara New"}
    )
    new = await code_of(harness, ann)
    assert new != old
    lines = [
        line(code=await code_of(harness, bob)),
        line(booking_id=bob.booking_id),
        line(code=old),
        line(code="CB1:NOTHING"),
        line(booking_id=held.booking_id),
        line(code=new.lower()),
    ]
    assert answers(await send(harness, course, *lines)) == [
        ("not_allowed", "another_course"),
        ("not_allowed", "another_course"),
        ("unknown", ""),
        ("unknown", ""),
        ("not_allowed", "no_place"),
        ("done", ""),
    ]
    assert answers(await send(harness, other, line(booking_id=bob.booking_id))) == [("done", "")]


async def test_malformed_lines_change_nothing(harness: Harness):
    course, (ann,) = await a_course(harness, "ann")
    good = line(booking_id=ann.booking_id)
    for bad in (
        {**good, "code": "X"},
        {"client_id": "x", "state": "present"},
        {**good, "state": "asleep"},
        {**good, "client_id": "a b"},
        {**good, "at": "2027-01-01T10:00:00"},
    ):
        assert (await send(harness, course, bad)).status_code == 422
    many = [line(booking_id=ann.booking_id) for _ in range(101)]
    assert (await send(harness, course, *many)).status_code == 422
    assert await harness.rows_of(Attendance) == []
    unknown = await harness.get("/api/manage/meetings/mtg_x/snapshot", OPERATOR)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "meeting_not_found")


@pytest.mark.parametrize(
    ("role", "own", "foreign"),
    [
        (Role.MANAGER, 200, 200),
        (Role.TEACHER, 200, 404),
        (Role.ACCOUNTANT, 403, 403),
        (None, 403, 403),
    ],
)
async def test_roles(harness: Harness, role: Role | None, own: int, foreign: int):
    course, (ann,) = await a_course(harness, "ann")
    other, (bob,) = await a_course(harness, "bob")
    someone = harness.student("someone")
    if role:
        await give_role(harness, someone, role, course.id)
    for place, started, status in ((course, ann, own), (other, bob, foreign)):
        path = f"/api/manage/meetings/{meeting_of(place)}/snapshot"
        assert (await harness.get(path, someone)).status_code == status
        sent = await send(harness, place, line(booking_id=started.booking_id), who=someone)
        assert sent.status_code == status
    assert (
        await harness.get(f"/api/manage/meetings/{meeting_of(course)}/snapshot")
    ).status_code == 401
    report = await harness.get("/api/manage/reports/attendance", someone)
    allowed = role in (Role.MANAGER, Role.ACCOUNTANT)
    assert report.status_code == (200 if allowed else 403)
    if role is Role.TEACHER:
        shown = await snapshot(harness, course, someone)
        assert not shown["may_add"]
        assert {(p["payment"], p["owed"]) for p in shown["people"]} == {(None, None)}
        sent = await send(harness, course, line(code=await code_of(harness, bob)), who=someone)
        assert bob.booking_id not in sent.text


async def test_who_was_not_ticked_is_absent_two_hours_after_the_end(harness: Harness):
    course, (ann, bob, cid) = await a_course(harness, "ann", "bob", "cid")
    unlisted, _ = await a_course(harness, "dan")
    undone = [line(booking_id=cid.booking_id), line("undone", booking_id=cid.booking_id)]
    await send(harness, course, line(booking_id=ann.booking_id), *undone)
    length = course.ends_at - course.starts_at
    await harness.later(seconds=(SOON + length + timedelta(hours=1, minutes=58)).total_seconds())
    await harness.worker_round()
    assert "absent" not in {row.state for row in await harness.rows_of(Attendance)}
    await harness.later(minutes=4)
    for _ in range(2):
        await harness.worker_round()
    rows = {row.booking_id: row.state for row in await harness.rows_of(Attendance)}
    assert rows == {
        ann.booking_id: "present",
        bob.booking_id: "absent",
        cid.booking_id: "absent",
    }
    late = await send(harness, course, line(booking_id=cid.booking_id))
    assert answers(late) == [("done", "")], "a phone that was without a network until now"
    day = course.starts_at.date().isoformat()
    path = f"/api/manage/reports/attendance?from={day}&to={day}"
    report = (await harness.get(path, OPERATOR)).json()
    items = {item["course_id"]: item for item in report["items"]}
    mine = items[course.id]
    assert [mine[name] for name in ("meetings", "expected", "present", "absent")] == [1, 3, 2, 1]
    people = {p["booking_id"]: (p["present"], p["absent"]) for p in mine["people"]}
    assert people[bob.booking_id] == (0, 1)
    assert items[unlisted.id]["unrecorded"] == 1
    assert report["timezone"]
    ari = harness.student("ari")
    await give_role(harness, ari, Role.ACCOUNTANT)
    names = (await harness.get(f"{path}&course={course.id}", ari)).json()["items"][0]["people"]
    assert {person["name"] for person in names} == {None}


async def test_a_walk_in_is_taken_until_the_end_of_the_last_meeting(harness: Harness):
    course = await harness.course(starts_in=SOON, capacity=1)
    await harness.confirmed(harness.student("ann"), course)
    await harness.later(hours=1, minutes=30)
    path = f"/api/manage/courses/{course.id}/bookings"
    body = {"name": "Wim Walkin", "pay": {"how": "received", "method": "cash"}, "tell": False}
    full = await harness.post(path, OPERATOR, json=body)
    assert (full.status_code, full.json()["code"]) == (409, "course_full")
    added = await harness.post(path, OPERATOR, json={**body, "one_more": True})
    assert added.status_code == 201, added.text
    sent = await send(harness, course, line(booking_id=added.json()["id"]))
    assert answers(sent) == [("done", "")]
    shown = await snapshot(harness, course)
    assert (shown["here"], len(shown["people"])) == (1, 2)
    await harness.later(hours=12)
    assert not (await snapshot(harness, course))["may_add"]
    over = await harness.post(path, OPERATOR, json={**body, "name": "Too Late", "one_more": True})
    assert (over.status_code, over.json()["code"]) == (409, "booking_closed")
