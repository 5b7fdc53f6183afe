"""Edited courses as programs see them: meetings, revision, old addresses, hidden courses."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from coursebook.live import topics
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, Meeting, SlugRedirect
from coursebook.persistence.unit_of_work import writing
from tests.support.harness import Harness

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def meets(harness: Harness, course: Course, *days: int, **values: Any) -> list[Meeting]:
    """Give a course meetings of two hours, so many days after its start."""
    meetings = [
        Meeting(
            id=new_id("mtg"),
            course_id=course.id,
            number=number,
            starts_at=course.starts_at + day * DAY,
            ends_at=course.starts_at + day * DAY + 2 * HOUR,
            **values,
        )
        for number, day in enumerate(days, 1)
    ]
    async with writing(harness.services.context.database) as work:
        for meeting in meetings:
            work.meetings.add(meeting)
    return meetings


async def change(harness: Harness, course: Course, **values: Any) -> None:
    """Set columns of a course, as the operator's services do."""
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
        work.mark_changed(topics.CATALOG)


async def test_a_course_without_rows_of_meetings_has_one(harness: Harness):
    course = await harness.course()
    body = (await harness.get(f"/api/courses/{course.id}")).json()
    only = {name: body[name] for name in ("starts_at", "ends_at", "location")}
    assert (body["meetings"], body["revision"]) == ([only], 1)


async def test_meetings_come_in_order_each_at_its_place(harness: Harness):
    course = await harness.course(title="Bowls")
    await meets(harness, course, 14, 0)
    await meets_elsewhere(harness, course)
    body = (await harness.get(f"/api/courses/{course.slug}")).json()
    listed = (await harness.get("/api/courses", params={"q": "Bowls"})).json()["items"][0]
    assert body["meetings"] == listed["meetings"]
    assert [m["location"]["name"] for m in body["meetings"]] == [
        "Atelier Alfama",
        "The beach",
        "Atelier Alfama",
    ]
    assert body["meetings"][1]["location"]["address"] == ""
    assert [m["starts_at"] for m in body["meetings"]] == sorted(
        m["starts_at"] for m in body["meetings"]
    )


async def meets_elsewhere(harness: Harness, course: Course) -> None:
    """Add a meeting at a place of its own, and a cancelled one."""
    async with writing(harness.services.context.database) as work:
        for number, (day, cancelled_at) in enumerate(((7, None), (8, harness.clock())), 3):
            start = course.starts_at + day * DAY
            work.meetings.add(
                Meeting(
                    id=new_id("mtg"),
                    course_id=course.id,
                    number=number,
                    starts_at=start,
                    ends_at=start + HOUR,
                    place_name="The beach",
                    cancelled_at=cancelled_at,
                )
            )


@pytest.mark.parametrize(("days", "queries"), [((0,), 0), ((0, 7), 1)])
async def test_a_page_of_courses_reads_meetings_in_one_query_and_only_if_there_are_several(
    harness: Harness, days: tuple[int, ...], queries: int
):
    for _ in range(5):
        await meets(harness, await harness.course(title="Many Meetings"), *days)
    statements: list[str] = []
    engine = harness.services.context.database.reading.sync_engine
    note = lambda *event: statements.append(event[2])  # noqa: E731 - an event handler of SQLAlchemy
    sa.event.listen(engine, "before_cursor_execute", note)
    items = (await harness.get("/api/courses", params={"q": "Many Meetings"})).json()["items"]
    sa.event.remove(engine, "before_cursor_execute", note)
    assert [len(item["meetings"]) for item in items] == [len(days)] * 5
    assert len([s for s in statements if s.startswith("SELECT meeting.")]) == queries


async def test_a_booking_names_the_meetings_of_its_course(harness: Harness):
    course = await harness.course()
    await meets(harness, course, 0, 7, 14)
    booking = await harness.booking(await harness.checkout(harness.student("sam"), course))
    assert len(booking["course"]["meetings"]) == 3


async def test_an_old_slug_leads_to_the_course(harness: Harness):
    course = await harness.course()
    old, new = course.slug, f"{course.slug}-renamed"
    async with writing(harness.services.context.database) as work:
        work.session.add(SlugRedirect(slug=old, course_id=course.id, until=harness.clock()))
    await change(harness, course, slug=new)
    answer = await harness.get(f"/api/courses/{old}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"/api/courses/{new}")
    assert (await harness.get(answer.headers["location"])).json()["id"] == course.id
    started = await harness.post(
        "/api/stripe/checkout", harness.student("sam"), json={"course_id": old}
    )
    assert started.status_code == 201, "a page that was open under the old address still books"
    await change(harness, course, status="draft")
    assert (await harness.get(f"/api/courses/{old}")).status_code == 404


@pytest.mark.parametrize("hidden", ["draft", "archived"])
async def test_a_hidden_course_is_nowhere(harness: Harness, hidden: str):
    course = await harness.course(title="Hidden Course")
    sam = harness.student("sam")
    values = {"status": "draft"} if hidden == "draft" else {"archived_at": harness.clock()}
    await change(harness, course, **values)
    for name in (course.id, course.slug):
        assert (await harness.get(f"/api/courses/{name}", sam)).status_code == 404
    assert (await harness.get("/api/courses", params={"q": "Hidden Course"})).json()["items"] == []
    refused = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
    assert refused.json()["code"] == "course_not_found"
    assert course.slug not in await harness.services.catalog._read_slugs()


async def test_a_course_that_changed_since_it_was_seen_is_not_booked(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    seen = (await harness.get(f"/api/courses/{course.id}")).json()["revision"]
    await change(harness, course, price=5200, revision=course.revision + 1)
    body = {"course_id": course.id, "seen_revision": seen}
    refused = await harness.post("/api/stripe/checkout", sam, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "course_changed")
    assert "It costs €52.00 now." in refused.json()["detail"]
    assert (await harness.course_now(course)).held == 0
    body["seen_revision"] = (await harness.get(f"/api/courses/{course.id}")).json()["revision"]
    assert (await harness.post("/api/stripe/checkout", sam, json=body)).status_code == 201


async def test_without_a_seen_revision_it_is_booked_as_it_is(harness: Harness):
    course = await harness.course()
    await change(harness, course, price=5200, revision=course.revision + 1)
    started = await harness.checkout(harness.student("sam"), course)
    assert (await harness.booking(started))["amount"]["amount"] == 5200


async def test_an_open_payment_page_asks_for_no_revision(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    started = await harness.checkout(sam, course)
    await change(harness, course, price=5200, revision=course.revision + 1)
    body = {"course_id": course.id, "seen_revision": 1}
    again = await harness.post("/api/stripe/checkout", sam, json=body)
    assert (again.status_code, again.json()["session_id"]) == (200, started.session_id)
    await harness.later(minutes=40)
    await harness.worker_round()
    refused = await harness.post("/api/stripe/checkout", sam, json=body)
    assert refused.json()["code"] == "course_changed", "held again takes the price of today"


@pytest.mark.parametrize("seen", [0, "1", 1.5, True, None])
async def test_a_seen_revision_is_a_whole_number(harness: Harness, seen: object):
    course = await harness.course()
    body = {"course_id": course.id, "seen_revision": seen}
    answer = await harness.post("/api/stripe/checkout", harness.student("sam"), json=body)
    assert answer.status_code == (201 if seen is None else 422)


async def test_what_to_bring_is_for_those_with_a_confirmed_place(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await change(harness, course, attendee_info="- An apron")
    started = await harness.checkout(sam, course)
    assert (await harness.booking(started))["attendee_info"] == ""
    await harness.pay(started)
    assert (await harness.booking(started))["attendee_info"] == "- An apron"
    assert "apron" not in (await harness.get(f"/api/courses/{course.id}")).text
    await harness.worker_round()
    [mail] = await harness.mails(sam)
    assert "- An apron" in mail["text"]


async def test_the_calendar_follows_every_meeting(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    await meets(harness, course, 0, 7)
    started = await harness.confirmed(sam, course)
    path = f"/api/bookings/{started.booking_id}/calendar.ics"

    async def entries() -> list[tuple[str, int, str]]:
        events = Calendar.from_ical((await harness.get(path, sam)).content).walk("VEVENT")
        return [(str(e["UID"]).partition("@")[0], e["SEQUENCE"], str(e["STATUS"])) for e in events]

    first = f"booking-{started.booking_id}"
    assert await entries() == [(first, 0, "CONFIRMED"), (f"{first}-m2", 0, "CONFIRMED")]
    harness.clock.advance(HOUR)
    async with writing(harness.services.context.database) as work:
        later, gone = await work.meetings.all_of(course.id)
        later.starts_at += HOUR
        later.ends_at += HOUR
        gone.cancelled_at = harness.clock()
    assert await entries() == [(first, 1, "CONFIRMED"), (f"{first}-m2", 1, "CANCELLED")]
    assert await entries() == [(first, 1, "CONFIRMED"), (f"{first}-m2", 1, "CANCELLED")], "once"


async def test_a_closed_course_says_so(harness: Harness):
    course, sam = await harness.course(), harness.student("sam")
    for closed in ({"is_open": False}, {"booking_closes_at": harness.clock()}):
        await change(harness, course, **({"is_open": True, "booking_closes_at": None} | closed))
        assert (await harness.get(f"/api/courses/{course.id}")).json()["status"] == "closed"
        refused = await harness.post("/api/stripe/checkout", sam, json={"course_id": course.id})
        assert refused.json()["code"] == "booking_closed"
