"""The calendar file over HTTP: access and content."""

from datetime import timedelta
from email import message_from_string
from email.policy import default
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlmodel import col

from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from tests.contract.test_api_manage_courses import COURSES, meeting, patch, published
from tests.support.harness import OPERATOR, Harness, Started, Student, eur


def path_of(started: Started) -> str:
    return f"/api/bookings/{started.booking_id}/calendar.ics"


async def test_a_confirmed_booking_goes_into_the_calendar_and_a_cancelled_one_out_again(
    sqlite_harness: Harness,
):
    sam = sqlite_harness.student("sam")
    course = await sqlite_harness.course(title="Clay, and more", price=eur(45))
    started = await sqlite_harness.confirmed(sam, course)
    answer = await sqlite_harness.get(path_of(started), sam)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert f'filename="{course.slug}.ics"' in answer.headers["content-disposition"]
    assert "no-store" in answer.headers["cache-control"]
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (entry["SUMMARY"], entry["SEQUENCE"], entry["STATUS"]) == (
        "Clay, and more",
        0,
        "CONFIRMED",
    )
    assert entry["DTSTART"].dt == course.starts_at.replace(microsecond=0)
    await sqlite_harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    (gone,) = Calendar.from_ical((await sqlite_harness.get(path_of(started), sam)).content).walk(
        "VEVENT"
    )
    assert (gone["UID"], gone["SEQUENCE"], gone["STATUS"]) == (entry["UID"], 1, "CANCELLED")


async def test_only_the_owner_gets_the_file_and_only_of_what_was_confirmed(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    started = await sqlite_harness.confirmed(sam, await sqlite_harness.course())
    held = await sqlite_harness.checkout(sam, await sqlite_harness.course())
    sally = sqlite_harness.student("sally")
    for known in (sally, OPERATOR):
        await sqlite_harness.checkout(known, await sqlite_harness.course(price=eur(0)))
    asked = [(started, sally), (started, OPERATOR), (held, sam)]
    for which, who in asked:
        answer = await sqlite_harness.get(path_of(which), who)
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
    assert (await sqlite_harness.get(path_of(started))).status_code == 401
    assert (await sqlite_harness.get("/api/bookings/%00/calendar.ics", sam)).status_code == 404


async def invitations(harness: Harness, student: Student) -> list[Calendar]:
    """Return the calendar files in a student's mails, parsed."""
    files = []
    for mail in await harness.mails(student):
        message = message_from_string(mail["raw"], policy=default)
        for part in message.iter_attachments():
            assert part.get_content_type() == "text/calendar"
            file = Calendar.from_ical(part.get_payload(decode=True))
            assert part["Content-Type"].params["method"] == file["METHOD"]
            files.append(file)
    return files


async def test_the_mails_put_the_course_into_the_calendar_and_take_it_out_again(harness: Harness):
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(price=eur(45)))
    await harness.worker_round()
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await harness.worker_round()
    asks, gone = await invitations(harness, sam)
    assert (asks["METHOD"], gone["METHOD"]) == ("REQUEST", "CANCEL")
    [first], [second] = asks.walk("VEVENT"), gone.walk("VEVENT")
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert first["DTSTAMP"].dt <= second["DTSTAMP"].dt
    for must in ("UID", "ORGANIZER", "ATTENDEE"):
        assert first[must] == second[must]
    assert first["ATTENDEE"] == f"mailto:{sam.email}"
    assert first["ORGANIZER"].startswith("mailto:")


ENDS = ("student", "operator", "course")


async def end(harness: Harness, started: Started, course_id: str, by: str) -> None:
    if by == "course":
        path = f"/api/manage/courses/{course_id}/cancel"
        sums = [{"amount": 4500, "currency": "eur"}]
        body = {"reason": "The kiln broke.", "expect": {"people": 1, "give_back": sums}}
        answer = await harness.post(path, OPERATOR, json=body)
    else:
        who = started.student if by == "student" else OPERATOR
        answer = await harness.post(f"/api/bookings/{started.booking_id}/cancel", who)
    assert answer.is_success, answer.text
    for _ in range(3):
        await harness.worker_round()


@pytest.mark.parametrize("by", ENDS)
async def test_whoever_ends_a_place_each_meeting_leaves_the_calendar_by_a_file_of_its_own(
    harness: Harness, by: str
):
    """A cancellation names one UID, as iTIP asks (RFC 5546, 3.2.5)."""
    starts_at = harness.clock() + timedelta(days=20)
    evenings = [meeting(starts_at + timedelta(days=7 * week)) for week in range(3)]
    course = await published(harness, meetings=evenings)
    started = await harness.confirmed(harness.student("sam"), Course(id=course["id"]))
    await harness.worker_round()
    asks = await invitations(harness, started.student)
    await end(harness, started, course["id"], by)
    gone = (await invitations(harness, started.student))[len(asks) :]
    uids = []
    for first, last in zip(asks, gone, strict=True):
        assert (first["METHOD"], last["METHOD"]) == ("REQUEST", "CANCEL")
        [before], [after] = first.walk("VEVENT"), last.walk("VEVENT")
        assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
        assert after["STATUS"] == "CANCELLED"
        for must in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART"):
            assert before[must] == after[must]
        uids.append(str(after["UID"]))
    own = f"booking-{started.booking_id}"
    assert uids == [f"{own}@coursebook", f"{own}-m2@coursebook", f"{own}-m3@coursebook"]


async def test_a_meeting_that_is_called_off_leaves_the_calendar_and_the_others_stay(
    harness: Harness,
):
    starts_at = harness.clock() + timedelta(days=20)
    evenings = [meeting(starts_at + timedelta(days=7 * week)) for week in range(3)]
    course = await published(harness, meetings=evenings)
    started = await harness.confirmed(harness.student("sam"), Course(id=course["id"]))
    await harness.worker_round()
    shown = (await harness.get(f"{COURSES}/{course['id']}", OPERATOR)).json()
    kept = [one for number, one in enumerate(shown["meetings"]) if number != 1]
    done = await patch(harness, shown, meetings=kept, tell=True)
    assert done.status_code == 200, done.text
    await harness.worker_round()
    files = (await invitations(harness, started.student))[3:]
    told = {str(f["METHOD"]): [str(e["UID"]) for e in f.walk("VEVENT")] for f in files}
    assert [str(f["METHOD"]) for f in files].count("REQUEST") == 2
    assert told["CANCEL"] == [f"booking-{started.booking_id}-m2@coursebook"]


async def test_a_mail_that_is_late_does_not_put_a_cancelled_course_back(harness: Harness):
    """The first mail is sent after the second; its lower sequence number makes it the older one."""
    sam = harness.student("sam")
    started = await harness.confirmed(sam, await harness.course(price=eur(45)))
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await harness.worker_round()
    numbers = {
        str(file["METHOD"]): file.walk("VEVENT")[0]["SEQUENCE"]
        for file in await invitations(harness, sam)
    }
    assert numbers == {"REQUEST": 0, "CANCEL": 1}


async def entry_of(harness: Harness, started: Started, who: Student) -> Any:
    (entry,) = Calendar.from_ical((await harness.get(path_of(started), who)).content).walk("VEVENT")
    return entry


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Clay II"},
        {"starts_at": timedelta(hours=1)},
        {"ends_at": timedelta(hours=1)},
        {"timezone": "Europe/Berlin"},
        {"place_name": "The other hall"},
        {"place_address": "Rua Nova 1"},
        {"is_online": True, "join_url": "https://meet.example.test/clay"},
    ],
)
async def test_whatever_an_entry_shows_counts_when_it_changes(
    harness: Harness, change: dict[str, Any]
):
    sam = harness.student("sam")
    course = await harness.course()
    started = await harness.confirmed(sam, course)
    before = await entry_of(harness, started, sam)
    again = await entry_of(harness, started, sam)
    assert (again["SEQUENCE"], again["DTSTAMP"].dt) == (0, before["DTSTAMP"].dt), "nothing changed"
    values = {
        name: getattr(course, name) + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    async with writing(
        harness.services.context.database
    ) as work:  # as an edit in the database would
        edit = sa.update(Course).where(col(Course.id) == course.id).values(**values)
        await work.session.execute(edit)
    after = await entry_of(harness, started, sam)
    assert after["SEQUENCE"] == 1
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert (await entry_of(harness, started, sam))["SEQUENCE"] == 1, "once"
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    gone = await entry_of(harness, started, sam)
    assert (gone["SEQUENCE"], gone["STATUS"]) == (2, "CANCELLED")
    assert gone["DTSTAMP"].dt > after["DTSTAMP"].dt


async def test_what_an_entry_does_not_show_counts_for_nothing(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.confirmed(sam, course)
    before = await entry_of(harness, started, sam)
    await harness.confirmed(harness.student("sue"), course)
    async with writing(harness.services.context.database) as work:
        edit = sa.update(Course).where(col(Course.id) == course.id).values(price=1, summary="New.")
        await work.session.execute(edit.values(price=100))
    after = await entry_of(harness, started, sam)
    assert (after["SEQUENCE"], after["DTSTAMP"].dt) == (0, before["DTSTAMP"].dt)


async def test_the_mail_of_a_change_before_it_was_sent_says_the_same_as_the_file(harness: Harness):
    sam, course = harness.student("sam"), await harness.course()
    started = await harness.confirmed(sam, course)
    first = await entry_of(harness, started, sam)
    async with writing(harness.services.context.database) as work:
        await work.session.execute(
            sa.update(Course).where(col(Course.id) == course.id).values(title="Clay II")
        )
    await harness.worker_round()
    ((sent,),) = [file.walk("VEVENT") for file in await invitations(harness, sam)]
    now = await entry_of(harness, started, sam)
    assert (
        (sent["SUMMARY"], sent["SEQUENCE"]) == ("Clay II", 1) == (now["SUMMARY"], now["SEQUENCE"])
    )
    assert sent["DTSTAMP"].dt == now["DTSTAMP"].dt > first["DTSTAMP"].dt
