"""What each role may do with the bookings of others, with money and with a course, call by call."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from coursebook.domain.rights import Role
from tests.support.booking_invariants import check_books
from tests.support.harness import OPERATOR, Harness, Started, Student
from tests.support.team import give_role

_DAY = timedelta(days=1)
BY_TOKEN, STUDENT, NOBODY = "operator", "student", "nobody"
PEOPLE = (BY_TOKEN, *Role, "teacher of another course", STUDENT, NOBODY)
SOMEBODY_ELSES = {Role.TEACHER: 404, "teacher of another course": 404, STUDENT: 404, NOBODY: 401}
MANAGERS = dict.fromkeys((BY_TOKEN, Role.OWNER, Role.MANAGER), 200)
FORBIDDEN = {Role.TEACHER: 403, "teacher of another course": 403, STUDENT: 403, NOBODY: 401}


async def person(harness: Harness, role: str, course_id: str) -> Student | None:
    """Return a new person with a role; a teacher teaches the course unless the role says so."""
    match role:
        case "nobody":
            return None
        case "operator":
            return OPERATOR
        case "student":
            return harness.student("sally")
        case "teacher of another course":
            role, course_id = Role.TEACHER, (await harness.course()).id
    someone = harness.student(role)
    await give_role(harness, someone, Role(role), course_id)
    return someone


Call = Callable[[Harness, Started, Student | None], Awaitable[httpx.Response]]


async def read(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get(f"/api/bookings/{started.booking_id}", who)


async def cancel(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.post(f"/api/bookings/{started.booking_id}/cancel", who)


async def retry(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.post(f"/api/bookings/{started.booking_id}/retry", who)


async def calendar(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get(f"/api/bookings/{started.booking_id}/calendar.ics", who)


async def read_inbox(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get("/api/manage/inbox", who)


async def see_courses(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get("/api/manage/courses", who)


async def edit_course(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    course_id = (await harness.get(f"/api/bookings/{started.booking_id}", OPERATOR)).json()[
        "course"
    ]["id"]
    path = f"/api/manage/courses/{course_id}"
    version = (await harness.get(path, OPERATOR)).json()["version"]
    return await harness.call("PATCH", path, who, json={"version": version, "title": "Renamed"})


async def see_team(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get("/api/manage/team", who)


MINE = {"amount": 4500, "currency": "eur"}


def act(name: str, body: dict[str, Any] | None = None, method: str = "POST") -> Call:
    async def call(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
        path = f"/api/manage/bookings/{started.booking_id}{name}"
        return await harness.call(method, path, who, json=body)

    call.__name__ = f"{method} {name}"
    return call


ACTS = (
    act("/refund", {"amount": 1, "reason": "x", "expect": MINE}),
    act("/cancel", {"give_back": "all", "expect": MINE}),
    act("/resend"),
    act("/note", {"note": "x"}, "PUT"),
    act("/tags", {"tags": ["x"]}, "PUT"),
)
NO_TEACHER = {
    **MANAGERS,
    **FORBIDDEN,
    Role.ACCOUNTANT: 403,
    "teacher of another course": 404,
}

ADDED = NO_TEACHER | dict.fromkeys(MANAGERS, 201)


async def add_booking(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    seen = await harness.get(f"/api/bookings/{started.booking_id}", OPERATOR)
    path = f"/api/manage/courses/{seen.json()['course']['id']}/bookings"
    body = {"name": "Gerda Gast", "pay": {"how": "complimentary"}}
    return await harness.post(path, who, json=body)


async def see_expected(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get("/api/manage/payments/expected", who)


async def see_list_of_meeting(
    harness: Harness, started: Started, who: Student | None
) -> httpx.Response:
    return await harness.get(f"{await meeting_path(harness, started)}/snapshot", who)


async def check_in(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    line = {"client_id": str(uuid4()), "booking_id": started.booking_id, "state": "present"}
    path = f"{await meeting_path(harness, started)}/attendance"
    return await harness.post(path, who, json={"lines": [line]})


async def meeting_path(harness: Harness, started: Started) -> str:
    seen = await harness.get(f"/api/bookings/{started.booking_id}", OPERATOR)
    return f"/api/manage/meetings/mtg_{seen.json()['course']['id'].removeprefix('crs_')}"


async def see_attendance(harness: Harness, started: Started, who: Student | None) -> httpx.Response:
    return await harness.get("/api/manage/reports/attendance", who)


ALL_OWN = dict.fromkeys((BY_TOKEN, *Role, "teacher of another course", STUDENT), 404)
RULES: dict[Call, dict[str, int]] = {
    read: {**MANAGERS, Role.ACCOUNTANT: 200, **SOMEBODY_ELSES},
    cancel: {**MANAGERS, Role.ACCOUNTANT: 403, **SOMEBODY_ELSES},
    retry: {**ALL_OWN, NOBODY: 401},
    calendar: {**ALL_OWN, NOBODY: 401},
    read_inbox: {**MANAGERS, Role.ACCOUNTANT: 200, **FORBIDDEN},
    see_courses: {
        **MANAGERS,
        **dict.fromkeys((Role.ACCOUNTANT, Role.TEACHER, "teacher of another course"), 200),
        STUDENT: 403,
        NOBODY: 401,
    },
    edit_course: {
        **MANAGERS,
        Role.ACCOUNTANT: 403,
        **FORBIDDEN,
        "teacher of another course": 404,
    },
    act("", method="GET"): {**NO_TEACHER, Role.TEACHER: 200},
    **dict.fromkeys(ACTS, NO_TEACHER),
    act("/payments", {"amount": 1, "method": "cash", "expect": MINE}): ADDED,
    add_booking: ADDED,
    see_expected: {**MANAGERS, Role.ACCOUNTANT: 200, **FORBIDDEN},
    see_list_of_meeting: {**NO_TEACHER, Role.TEACHER: 200},
    check_in: {**NO_TEACHER, Role.TEACHER: 200},
    see_attendance: {**MANAGERS, Role.ACCOUNTANT: 200, **FORBIDDEN},
    see_team: {
        **MANAGERS,
        Role.MANAGER: 403,
        Role.ACCOUNTANT: 403,
        **FORBIDDEN,
    },
}


CHANGING = (cancel, *ACTS)
"""Calls after which the booking is another one."""


@pytest.mark.parametrize("role", PEOPLE)
async def test_every_role_may_do_what_the_table_says(harness: Harness, role: str):
    course = await harness.course()
    who = await person(harness, role, course.id)
    answers: dict[str, int] = {}
    started = None
    for number, call in enumerate(RULES):
        started = started or await harness.confirmed(harness.student(f"sam{number}"), course)
        answers[call.__name__] = (await call(harness, started, who)).status_code
        if call is cancel and answers["cancel"] != 200:
            assert await harness.status_of(started) == "confirmed"
        if call in CHANGING and answers[call.__name__] == 200:
            started = None
    assert answers == {call.__name__: rule[role] for call, rule in RULES.items()}


async def test_a_manager_cancels_as_the_school_and_gives_everything_back(harness: Harness):
    course = await harness.course(starts_in=_DAY)
    nora = await person(harness, Role.MANAGER, course.id)
    started = await harness.confirmed(harness.student("sam"), course)
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 0
    shown = (await read(harness, started, nora)).json()
    assert (shown["can_cancel"], shown["refund_if_cancelled"]["amount"]) == (True, 4500)
    done = (await cancel(harness, started, nora)).json()
    assert [refund["amount"]["amount"] for refund in done["refunds"]] == [4500]
    (row,) = [row for row in (await check_books(harness)).audit if row.event == "cancel"]
    assert row.actor.startswith("operator ")


async def test_an_accountant_sees_the_money_but_is_offered_no_act(harness: Harness):
    course = await harness.course()
    ari = await person(harness, Role.ACCOUNTANT, course.id)
    started = await harness.checkout(harness.student("sam"), course)
    shown: dict[str, Any] = (await read(harness, started, ari)).json()
    assert shown["amount"]["amount"] == 4500
    assert not shown["can_cancel"]
    assert not shown["can_retry"]
    refused = await cancel(harness, started, ari)
    assert refused.json()["code"] == "forbidden"


async def test_a_role_changes_nothing_about_ones_own_booking(harness: Harness):
    """Whoever works for the school books like everybody: the promised terms hold."""
    course = await harness.course(starts_in=_DAY)
    for role in Role:
        who = await person(harness, role, course.id)
        assert who is not None
        started = await harness.confirmed(who, course)
        assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 0
        assert (await cancel(harness, started, who)).json()["refunds"] == []


async def test_an_owner_by_the_sign_in_service_gets_all_back_of_an_own_booking_too(
    harness: Harness,
):
    started = await harness.confirmed(OPERATOR, await harness.course(starts_in=_DAY))
    assert (await harness.booking(started))["refund_if_cancelled"]["amount"] == 4500
    done = (await cancel(harness, started, OPERATOR)).json()
    assert [refund["amount"]["amount"] for refund in done["refunds"]] == [4500]


async def test_a_revoked_role_ends_at_the_next_call(harness: Harness):
    course = await harness.course()
    nora = harness.student("nora")
    grant_id = await give_role(harness, nora, Role.MANAGER)
    started = await harness.confirmed(harness.student("sam"), course)
    assert (await read(harness, started, nora)).status_code == 200
    await harness.call("DELETE", f"/api/manage/team/{grant_id}", OPERATOR)
    for call in (read, cancel):
        answer = await call(harness, started, nora)
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
