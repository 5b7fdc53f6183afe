"""The courses of the operator's side over HTTP: create, read, edit, publish, duplicate, by role."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col

from coursebook.persistence.schema.tables import AuditEntry, Course
from coursebook.persistence.unit_of_work import reading
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness

COURSES = "/api/manage/courses"


def values_of(harness: Harness, **more: Any) -> dict[str, Any]:
    """Return everything that a course needs, with a title of this test alone."""
    tag = harness.student("x").email.split(".")[1].split("@")[0]
    starts_at = harness.clock().replace(microsecond=0) + timedelta(days=30)
    return {
        "title": f"Raku {tag}",
        "summary": "Fire your own bowl.",
        "description": "Bring **old clothes**.",
        "category": "Crafts",
        "level": "Beginner",
        "instructor": "Ines Duarte",
        "location": {"kind": "place", "name": "Atelier", "address": "Rua da Regueira 40"},
        "timezone": "Europe/Lisbon",
        "meetings": [meeting(starts_at)],
        "price": {"amount": 4500, "currency": "eur"},
        "capacity": 8,
        **more,
    }


def meeting(starts_at: datetime, hours: int = 3) -> dict[str, str]:
    ends_at = starts_at + timedelta(hours=hours)
    return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}


async def created(harness: Harness, **more: Any) -> dict[str, Any]:
    answer = await harness.post(COURSES, OPERATOR, json=values_of(harness, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(harness: Harness, course: dict[str, Any], word: str) -> httpx.Response:
    return await harness.post(f"{COURSES}/{course['id']}/{word}", OPERATOR)


async def published(harness: Harness, **more: Any) -> dict[str, Any]:
    answer = await act(harness, await created(harness, **more), "publish")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def patch(harness: Harness, course: dict[str, Any], **values: Any) -> httpx.Response:
    body = {"version": course["version"], **values}
    return await harness.call("PATCH", f"{COURSES}/{course['id']}", OPERATOR, json=body)


async def trail(harness: Harness, course: dict[str, Any]) -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(col(AuditEntry.course_id) == course["id"])
    async with reading(harness.services.context.database) as work:
        return list((await work.session.scalars(query.order_by(col(AuditEntry.id)))).all())


def pointers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_an_empty_course_becomes_a_draft_that_says_what_it_lacks(harness: Harness):
    answer = await harness.post(COURSES, OPERATOR, json={})
    course = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{COURSES}/{course['id']}"
    assert (course["title"], course["price"], course["capacity"]) == (None, None, None)
    assert (course["state"], course["version"], course["meetings"]) == ("draft", 1, [])
    places = {"held": 0, "confirmed": 0, "reserved": 0, "free": None, "waiting": 0}
    assert course["counts"] == {**places, "revenue": []}
    missing = [error["pointer"] for error in course["missing"]]
    assert {"/title", "/capacity", "/price", "/meetings/0/starts_at", "/location/name"} <= {
        *missing
    }
    refused = await act(harness, course, "publish")
    assert pointers(refused) == missing


async def test_a_course_is_published_and_offered_at_once(harness: Harness):
    draft = await created(harness)
    for name in (draft["id"], draft["slug"]):
        assert (await harness.get(f"/api/courses/{name}")).status_code == 404, (
            "a draft is not there"
        )
    body = {"course_id": draft["id"]}
    booked = await harness.post("/api/stripe/checkout", harness.student("sam"), json=body)
    assert booked.json()["code"] == "course_not_found"
    course = (await act(harness, draft, "publish")).json()
    assert (course["state"], course["missing"], course["published_at"] is None) == (
        "open",
        [],
        False,
    )
    shown = (await harness.get(f"/api/courses/{course['slug']}")).json()
    assert (shown["title"], shown["price"], shown["capacity"]) == (
        *(course["title"], {"amount": 4500, "currency": "eur"}, 8),
    )
    found = await harness.get("/api/courses", params={"q": course["title"]})
    assert [item["id"] for item in found.json()["items"]] == [course["id"]]
    assert [row.event for row in await trail(harness, course)] == ["created", "published"]
    assert {row.about for row in await trail(harness, course)} == {"course"}


async def test_publishing_names_exactly_what_is_missing(harness: Harness):
    values = values_of(harness)
    del values["title"], values["capacity"]
    draft = (await harness.post(COURSES, OPERATOR, json=values)).json()
    refused = await act(harness, draft, "publish")
    assert pointers(refused) == ["/title", "/capacity"]
    assert (await act(harness, draft, "publish")).json()["code"] == "invalid"


async def test_all_mistakes_are_named_with_their_places(harness: Harness):
    start = harness.clock() + timedelta(days=3)
    answer = await harness.post(
        COURSES,
        OPERATOR,
        json=values_of(
            harness,
            level="Expert",
            slug="A b",
            price={"amount": 10, "currency": "eur"},
            capacity=0,
            location={"kind": "online", "name": "zoom.example/j/1", "join_url": "x"},
            timezone="Mars/Olympus",
        ),
    )
    assert pointers(answer) == [
        *("/level", "/slug", "/location/join_url", "/location/name", "/capacity", "/price"),
        "/timezone",
    ]
    meetings = [meeting(start), meeting(start + timedelta(hours=1))]
    assert pointers(await harness.post(COURSES, OPERATOR, json={"meetings": meetings})) == [
        "/meetings/1/starts_at"
    ]
    many = [meeting(start + timedelta(days=n)) for n in range(21)]
    answer = await harness.post(COURSES, OPERATOR, json={"meetings": many})
    assert pointers(answer) == ["/meetings"]
    assert pointers(await harness.post(COURSES, OPERATOR, json={"extra": {"nope": 1}})) == [
        "/extra/nope"
    ]


async def test_a_picture_must_have_been_uploaded(harness: Harness):
    image = f"/media/{'0' * 32}.webp"
    answer = await harness.post(COURSES, OPERATOR, json=values_of(harness, image=image))
    assert pointers(answer) == ["/image"]
    course = await created(harness)
    assert pointers(await patch(harness, course, image=image)) == ["/image"]


async def test_booking_may_close_before_a_start_that_nobody_knows_yet(harness: Harness):
    closes_at = (harness.clock() + timedelta(days=9)).isoformat()
    draft = (await harness.post(COURSES, OPERATOR, json={"booking_closes_at": closes_at})).json()
    starts_at = harness.clock() + timedelta(days=8)
    refused = await patch(harness, draft, meetings=[meeting(starts_at)])
    assert pointers(refused) == ["/booking_closes_at"]


async def test_an_edit_changes_what_is_sent_and_nothing_else(harness: Harness):
    course = await created(harness, internal_note="Kiln 2 is slow.", attendee_info="An apron.")
    answer = await patch(harness, course, summary="Fire it.", location={"name": "Kiln house"})
    edited = answer.json()
    assert answer.status_code == 200, answer.text
    assert (edited["version"], edited["told"]) == (2, 0)
    assert answer.headers["etag"] == '"2"'
    location = {"kind": "place", "name": "Kiln house", "address": "Rua da Regueira 40"}
    assert edited["location"] == location | {"join_url": ""}
    changed = {n for n in course if edited[n] != course[n]} - {"updated_at"}
    assert changed == {"summary", "location", "version"}
    again = (await patch(harness, edited, summary="Fire it.")).json()
    assert again["version"] == 2, "nothing has changed"
    assert (await patch(harness, edited, capacity=None, title=None)).json()["missing"] != []


@pytest.mark.both_databases
async def test_the_search_follows_an_edit(harness: Harness):
    course = await published(harness)
    old, new = course["title"], course["title"].replace("Raku", "Celadon")
    assert (await patch(harness, course, title=new)).status_code == 200
    for words, ids in ((new, [course["id"]]), (old, [])):
        found = await harness.get("/api/courses", params={"q": words})
        assert [c["id"] for c in found.json()["items"] if c["id"] == course["id"]] == ids


async def test_the_second_of_two_editors_gets_both_versions_and_changes_nothing(harness: Harness):
    course = await created(harness)
    assert (await patch(harness, course, summary="First.")).status_code == 200
    refused = await patch(harness, course, summary="Second.", capacity=5)
    body = refused.json()
    assert (refused.status_code, body["code"]) == (409, "changed_meanwhile")
    assert (body["course"]["summary"], body["course"]["version"]) == ("First.", 2)
    path = f"{COURSES}/{course['id']}"
    assert (await harness.get(path, OPERATOR)).json()["capacity"] == 8
    seen = (await harness.get(path, OPERATOR)).headers["etag"]
    for etag, status in ((seen, 200), (seen, 409), ('"x"', 422)):
        answer = await harness.call(
            "PATCH", path, OPERATOR, json={"summary": "Third."}, headers={"If-Match": etag}
        )
        assert answer.status_code == status, answer.text
    assert pointers(await harness.call("PATCH", path, OPERATOR, json={})) == ["/version"]


async def test_there_cannot_be_fewer_places_than_are_taken(harness: Harness):
    course = await published(harness, capacity=14)
    stored = await harness.services.catalog.course(course["id"])
    for number in range(12):
        await harness.checkout(harness.student(f"s{number}"), stored)
    refused = await patch(harness, course, capacity=11)
    assert (refused.status_code, refused.json()["code"]) == (409, "capacity_below_bookings")
    assert "12" in refused.json()["detail"]
    assert (await patch(harness, course, capacity=12)).json()["counts"]["free"] == 0
    refused = await act(harness, course, "unpublish")
    assert (refused.status_code, refused.json()["code"]) == (409, "has_bookings")


async def test_acts_on_the_state_and_what_students_see(harness: Harness):
    course = await published(harness)
    public = f"/api/courses/{course['slug']}"
    sam, body = harness.student("sam"), {"course_id": course["id"]}
    assert (await act(harness, course, "close")).json()["state"] == "closed"
    assert (await harness.get(public)).json()["status"] == "closed"
    refused = await harness.post("/api/stripe/checkout", sam, json=body)
    assert refused.json()["code"] == "booking_closed"
    assert (await act(harness, course, "open")).json()["state"] == "open"
    assert (await act(harness, course, "archive")).json()["code"] == "not_actionable"
    assert (await act(harness, course, "unpublish")).json()["state"] == "draft"
    assert (await harness.get(public)).status_code == 404
    assert (await act(harness, course, "close")).json()["code"] == "not_actionable"
    archived = (await act(harness, course, "archive")).json()
    assert archived["is_archived"]
    assert (await act(harness, course, "publish")).json()["code"] == "not_actionable"
    assert (await patch(harness, archived, title="X")).json()["code"] == "not_actionable"
    assert not (await act(harness, course, "restore")).json()["is_archived"]
    assert (await act(harness, course, "publish")).json()["state"] == "open"
    assert (await act(harness, course, "publish")).json()["state"] == "open", "again is no error"


@pytest.mark.both_databases
async def test_an_address_that_was_used_leads_on_and_is_given_to_no_other(harness: Harness):
    course = await published(harness)
    old, new = course["slug"], f"{course['slug']}-at-night"
    edited = (await patch(harness, course, slug=new)).json()
    assert edited["slug"] == new
    async with reading(harness.services.context.database) as work:
        assert await work.slug_redirects.new_slug_of(old) == new
    for slug in (old, new):
        refused = await harness.post(COURSES, OPERATOR, json=values_of(harness, slug=slug))
        assert pointers(refused) == ["/slug"]
    other = await created(harness)
    assert other["slug"] not in (old, new), "an address made of the title avoids both"
    back = (await patch(harness, edited, slug=old)).json()
    assert back["slug"] == old
    async with reading(harness.services.context.database) as work:
        assert await work.slug_redirects.new_slug_of(new) == old
        assert await work.slug_redirects.new_slug_of(old) is None


async def test_a_draft_is_addressed_by_its_title_until_it_is_published(harness: Harness):
    draft = (await harness.post(COURSES, OPERATOR, json={})).json()
    titled = (await patch(harness, draft, **values_of(harness))).json()
    assert titled["slug"].startswith("raku-")
    renamed = (await patch(harness, titled, title=f"{titled['title']} again")).json()
    assert renamed["slug"] == f"{titled['slug']}-again"
    await act(harness, renamed, "publish")
    last = (await patch(harness, renamed, title="Another")).json()
    assert last["slug"] == renamed["slug"]


@pytest.mark.both_databases
async def test_meetings_keep_their_ids_and_bound_the_course(harness: Harness):
    start = harness.clock().replace(microsecond=0) + timedelta(days=20)
    weekly = [meeting(start + timedelta(days=7 * n)) for n in range(3)]
    course = await published(harness, meetings=weekly)
    ids = [m["id"] for m in course["meetings"]]
    assert len({*ids}) == 3
    moved = [{**m} for m in course["meetings"]]
    moved[1] |= meeting(start + timedelta(days=8))
    edited = (await patch(harness, course, meetings=[moved[1], moved[0]])).json()
    assert [m["id"] for m in edited["meetings"]] == ids[:2]
    assert datetime.fromisoformat(edited["starts_at"]) == start
    assert datetime.fromisoformat(edited["ends_at"]) == start + timedelta(days=8, hours=3)
    unknown = await patch(harness, edited, meetings=[{**moved[0], "id": "mtg_other"}])
    assert pointers(unknown) == ["/meetings/0/id"]
    both = await patch(harness, edited, starts_at=start.isoformat())
    assert pointers(both) == ["/starts_at"], "it has several meetings"


async def test_a_course_is_reminded_of_at_a_time_of_its_own_or_as_the_school_does(harness: Harness):
    course = await created(harness)
    assert course["reminder_minutes"] is None
    for minutes in (0, 15, 14 * 24 * 60, None):
        course = (await patch(harness, course, reminder_minutes=minutes)).json()
        assert course["reminder_minutes"] == minutes
    for wrong in (-1, 14, 14 * 24 * 60 + 1, "60", 60.5, True):
        refused = await patch(harness, course, reminder_minutes=wrong)
        assert (refused.status_code, pointers(refused)) == (422, ["/reminder_minutes"]), wrong


async def test_a_copy_keeps_weekday_hours_over_the_change_to_summer_time(harness: Harness):
    first = datetime(2099, 3, 14, 10, tzinfo=UTC)
    weekly = [meeting(first), meeting(first + timedelta(days=7))]
    course = await created(
        harness,
        meetings=weekly,
        internal_note="Kiln 2.",
        attendee_info="Apron.",
        reminder_minutes=2880,
    )
    path = f"{COURSES}/{course['id']}/duplicate"
    answer = await harness.post(path, OPERATOR, json={"starts_on": "2099-03-28"})
    copy = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{COURSES}/{copy['id']}"
    starts = [m["starts_at"] for m in copy["meetings"]]
    assert starts == ["2099-03-28T10:00:00Z", "2099-04-04T09:00:00Z"]
    assert (copy["state"], copy["internal_note"], copy["attendee_info"]) == ("draft", "", "Apron.")
    assert copy["reminder_minutes"] == 2880
    assert copy["counts"]["confirmed"] == 0
    assert copy["title"] == course["title"]
    assert copy["slug"] == f"{course['slug']}-2099-03-28"
    assert pointers(await harness.post(path, OPERATOR, json={"starts_on": "soon"})) == [
        "/starts_on"
    ]


@pytest.mark.both_databases
async def test_lists_by_state_search_and_pages(harness: Harness):
    tag = harness.student("x").email.split(".")[1].split("@")[0]
    start = harness.clock() + timedelta(days=5)
    drafts = [await created(harness, instructor=tag) for _ in range(3)]
    shown = [
        await published(harness, instructor=tag, meetings=[meeting(start + timedelta(days=n))])
        for n in range(3)
    ]
    past = await harness.course(starts_at=harness.clock() - timedelta(days=9), instructor=tag)
    await harness.post(f"{COURSES}/{drafts[0]['id']}/archive", OPERATOR)

    async def ids(state: str, **more: Any) -> list[str]:
        met, cursor = [], None
        while True:
            params = {"state": state, "teacher": tag, "limit": 2, **more}
            answer = await harness.get(
                COURSES, OPERATOR, params=params | ({"cursor": cursor} if cursor else {})
            )
            assert answer.status_code == 200, answer.text
            met += [item["id"] for item in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                return met

    upcoming = [course["id"] for course in shown]
    assert await ids("upcoming") == upcoming
    assert await ids("upcoming", sort="starts_at_down") == upcoming[::-1]
    assert await ids("upcoming", q="raku", sort="starts_at") == upcoming
    assert sorted(await ids("drafts")) == sorted(draft["id"] for draft in drafts[1:])
    assert await ids("drafts", q=drafts[1]["title"], sort="title") != []
    assert await ids("archived") == [drafts[0]["id"]]
    assert await ids("past") == [past.id]
    assert await ids("cancelled") == []
    assert (await harness.get(COURSES, OPERATOR, params={"cursor": "x"})).status_code == 422


async def test_who_may_do_what(harness: Harness):
    course = await created(harness)
    sam, path = harness.student("sam"), f"{COURSES}/{course['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", COURSES, None),
        ("POST", COURSES, {}),
        ("GET", path, None),
        ("PATCH", path, {"version": 1}),
        ("POST", f"{path}/duplicate", {"starts_on": "2099-01-01"}),
        *(("POST", f"{path}/{word}", None) for word in ("publish", "close", "archive", "restore")),
    ]
    for method, address, body in calls:
        more = {} if body is None else {"json": body}
        nobody = await harness.call(method, address, **more)
        student = await harness.call(method, address, sam, **more)
        assert (nobody.status_code, student.status_code) == (401, 403), (method, address)
    unknown = await harness.get(f"{COURSES}/crs_unknown", OPERATOR)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "course_not_found")


async def test_the_same_key_creates_one_course(harness: Harness):
    key, body = {"Idempotency-Key": "new-course"}, values_of(harness)
    answers = [await harness.post(COURSES, OPERATOR, json=body, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == answers[1].headers["location"]


@pytest.mark.parametrize("name", ["attendee_info", "internal_note", "join_url", "version"])
async def test_no_answer_to_a_student_has_what_is_for_others(harness: Harness, name: str):
    course = await published(harness, internal_note="Kiln 2.", attendee_info="An apron.")
    listed = (await harness.get("/api/courses", params={"q": course["title"]})).text
    shown = (await harness.get(f"/api/courses/{course['id']}")).text
    assert f'"{name}"' not in listed + shown
    assert "Kiln 2." not in listed + shown


async def test_a_stored_course_knows_its_bounds(harness: Harness):
    course = await published(harness)
    async with reading(harness.services.context.database) as work:
        stored = await work.session.get(Course, course["id"])
        meetings = await work.meetings.of_course(course["id"])
    assert stored is not None
    assert stored.unset == []
    assert (stored.starts_at, stored.ends_at) == (meetings[0].starts_at, meetings[-1].ends_at)


async def test_a_teacher_sees_only_her_courses_and_changes_none(harness: Harness):
    own, foreign = await published(harness), await published(harness)
    thea, _ = await join(harness, "thea", "teacher", own["id"])
    listed = (await harness.get(COURSES, thea)).json()["items"]
    assert [course["id"] for course in listed] == [own["id"]]
    shown = (await harness.get(f"{COURSES}/{own['id']}", thea)).json()
    assert [teacher["email"] for teacher in shown["teachers"]] == [thea.email]
    for method, more, body in (
        ("GET", "", None),
        ("PATCH", "", {"version": 1}),
        ("POST", "/publish", None),
        ("POST", "/duplicate", {"starts_on": "2099-01-01"}),
    ):
        said = {} if body is None else {"json": body}
        answer = await harness.call(method, f"{COURSES}/{foreign['id']}{more}", thea, **said)
        assert (answer.status_code, answer.json()["code"]) == (404, "course_not_found")
        if method != "GET":
            answer = await harness.call(method, f"{COURSES}/{own['id']}{more}", thea, **said)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await harness.post(COURSES, thea, json={})).status_code == 403


async def test_courses_of_one_title_that_are_created_at_once_get_addresses_of_their_own(
    harness: Harness,
):
    courses = await asyncio.gather(*(created(harness) for _ in range(5)))
    assert len({course["slug"] for course in courses}) == 5


async def test_a_course_that_has_begun_can_be_put_right_but_not_moved(harness: Harness):
    begun = harness.clock().replace(microsecond=0) - timedelta(hours=1)
    row = await harness.course(starts_at=begun)
    course = (await harness.get(f"{COURSES}/{row.id}", OPERATOR)).json()
    assert course["state"] == "running"
    longer = meeting(begun, hours=5)
    answer = await patch(harness, course, summary="Bring gloves.", meetings=[longer])
    assert answer.status_code == 200, answer.text
    assert answer.json()["ends_at"] == answer.json()["meetings"][0]["ends_at"]
    moved = await patch(harness, answer.json(), meetings=[meeting(begun + timedelta(days=1))])
    assert pointers(moved) == ["/meetings/0/starts_at"]
    await harness.later(days=2)
    over = (await harness.get(f"{COURSES}/{row.id}", OPERATOR)).json()
    assert over["state"] == "finished"
    assert (await patch(harness, over, title="Put right")).status_code == 200
    assert (await act(harness, over, "archive")).json()["is_archived"]
    assert (await harness.get(f"/api/courses/{row.id}")).status_code == 404


async def test_an_accountant_sees_all_courses_and_changes_none(harness: Harness):
    course = await published(harness)
    ada, _ = await join(harness, "ada", "accountant")
    path = f"{COURSES}/{course['id']}"
    assert (await harness.get(path, ada)).json()["title"] == course["title"]
    listed = await harness.get(COURSES, ada, params={"q": course["title"]})
    assert [item["id"] for item in listed.json()["items"]] == [course["id"]]
    for method, more, body in (
        ("POST", COURSES, {}),
        ("PATCH", path, {"version": 1, "capacity": 1}),
        ("POST", f"{path}/close", None),
        ("POST", f"{path}/duplicate", {"starts_on": "2099-01-01"}),
    ):
        said = {} if body is None else {"json": body}
        assert (await harness.call(method, more, ada, **said)).status_code == 403, more
