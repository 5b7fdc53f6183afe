"""The calendar file over HTTP: whose it is, and what is in it."""

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
from tests.support.harness import OPERATOR, Started, Student, World, eur


def path_of(started: Started) -> str:
    return f"/api/bookings/{started.booking_id}/calendar.ics"


async def test_a_confirmed_booking_goes_into_the_calendar_and_a_cancelled_one_out_again(
    sqlite_world: World,
):
    sam = sqlite_world.student("sam")
    course = await sqlite_world.course(title="Clay, and more", price=eur(45))
    started = await sqlite_world.confirmed(sam, course)
    answer = await sqlite_world.get(path_of(started), sam)
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
    await sqlite_world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    (gone,) = Calendar.from_ical((await sqlite_world.get(path_of(started), sam)).content).walk(
        "VEVENT"
    )
    assert (gone["UID"], gone["SEQUENCE"], gone["STATUS"]) == (entry["UID"], 1, "CANCELLED")


async def test_only_the_owner_gets_the_file_and_only_of_what_was_confirmed(sqlite_world: World):
    sam = sqlite_world.student("sam")
    started = await sqlite_world.confirmed(sam, await sqlite_world.course())
    held = await sqlite_world.checkout(sam, await sqlite_world.course())
    sally = sqlite_world.student("sally")
    for known in (sally, OPERATOR):
        await sqlite_world.checkout(known, await sqlite_world.course(price=eur(0)))
    asked = [(started, sally), (started, OPERATOR), (held, sam)]
    for which, who in asked:
        answer = await sqlite_world.get(path_of(which), who)
        assert (answer.status_code, answer.json()["code"]) == (404, "booking_not_found")
    assert (await sqlite_world.get(path_of(started))).status_code == 401
    assert (await sqlite_world.get("/api/bookings/%00/calendar.ics", sam)).status_code == 404


async def invitations(world: World, student: Student) -> list[Calendar]:
    """Return the calendar files that mails to a student carried, as their program reads them."""
    files = []
    for mail in await world.mails(student):
        message = message_from_string(mail["raw"], policy=default)
        for part in message.iter_attachments():
            assert part.get_content_type() == "text/calendar"
            file = Calendar.from_ical(part.get_payload(decode=True))
            assert part["Content-Type"].params["method"] == file["METHOD"]
            files.append(file)
    return files


async def test_the_mails_put_the_course_into_the_calendar_and_take_it_out_again(world: World):
    sam = world.student("sam")
    started = await world.confirmed(sam, await world.course(price=eur(45)))
    await world.worker_round()
    await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await world.worker_round()
    asks, gone = await invitations(world, sam)
    assert (asks["METHOD"], gone["METHOD"]) == ("REQUEST", "CANCEL")
    [first], [second] = asks.walk("VEVENT"), gone.walk("VEVENT")
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (0, 1)
    assert first["DTSTAMP"].dt <= second["DTSTAMP"].dt
    for must in ("UID", "ORGANIZER", "ATTENDEE"):
        assert first[must] == second[must]
    assert first["ATTENDEE"] == f"mailto:{sam.email}"
    assert first["ORGANIZER"].startswith("mailto:")


async def test_a_mail_that_is_late_does_not_put_a_cancelled_course_back(world: World):
    """The first mail is sent after the second: by its number it is known to be older."""
    sam = world.student("sam")
    started = await world.confirmed(sam, await world.course(price=eur(45)))
    await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await world.worker_round()
    numbers = {
        str(file["METHOD"]): file.walk("VEVENT")[0]["SEQUENCE"]
        for file in await invitations(world, sam)
    }
    assert numbers == {"REQUEST": 0, "CANCEL": 1}


async def entry_of(world: World, started: Started, who: Student) -> Any:
    (entry,) = Calendar.from_ical((await world.get(path_of(started), who)).content).walk("VEVENT")
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
async def test_whatever_an_entry_shows_counts_when_it_changes(world: World, change: dict[str, Any]):
    sam = world.student("sam")
    course = await world.course()
    started = await world.confirmed(sam, course)
    before = await entry_of(world, started, sam)
    again = await entry_of(world, started, sam)
    assert (again["SEQUENCE"], again["DTSTAMP"].dt) == (0, before["DTSTAMP"].dt), "nothing changed"
    values = {
        name: getattr(course, name) + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    async with writing(world.services.context.database) as work:  # as any edit would, unseen by us
        edit = sa.update(Course).where(col(Course.id) == course.id).values(**values)
        await work.session.execute(edit)
    after = await entry_of(world, started, sam)
    assert after["SEQUENCE"] == 1
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert (await entry_of(world, started, sam))["SEQUENCE"] == 1, "once"
    await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    gone = await entry_of(world, started, sam)
    assert (gone["SEQUENCE"], gone["STATUS"]) == (2, "CANCELLED")
    assert gone["DTSTAMP"].dt > after["DTSTAMP"].dt


async def test_what_an_entry_does_not_show_counts_for_nothing(world: World):
    sam, course = world.student("sam"), await world.course()
    started = await world.confirmed(sam, course)
    before = await entry_of(world, started, sam)
    await world.confirmed(world.student("sue"), course)
    async with writing(world.services.context.database) as work:
        edit = sa.update(Course).where(col(Course.id) == course.id).values(price=1, summary="New.")
        await work.session.execute(edit.values(price=100))
    after = await entry_of(world, started, sam)
    assert (after["SEQUENCE"], after["DTSTAMP"].dt) == (0, before["DTSTAMP"].dt)


async def test_the_mail_of_a_change_before_it_was_sent_says_the_same_as_the_file(world: World):
    sam, course = world.student("sam"), await world.course()
    started = await world.confirmed(sam, course)
    first = await entry_of(world, started, sam)
    async with writing(world.services.context.database) as work:
        await work.session.execute(
            sa.update(Course).where(col(Course.id) == course.id).values(title="Clay II")
        )
    await world.worker_round()
    ((sent,),) = [file.walk("VEVENT") for file in await invitations(world, sam)]
    now = await entry_of(world, started, sam)
    assert (
        (sent["SUMMARY"], sent["SEQUENCE"]) == ("Clay II", 1) == (now["SUMMARY"], now["SEQUENCE"])
    )
    assert sent["DTSTAMP"].dt == now["DTSTAMP"].dt > first["DTSTAMP"].dt
