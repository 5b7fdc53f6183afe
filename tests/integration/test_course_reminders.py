"""The reminder before a course: once for each confirmed booking and start, whatever happens."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from coursebook.domain.course_edits.reminder import USUAL_LEAD
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.tables import Course, Meeting, OutboxMessage, Reminder
from coursebook.persistence.unit_of_work import writing
from coursebook.services.outbox.course_reminders import due_reminders, remind_of_start
from tests.integration.test_course_changes import edit, move
from tests.support.harness import OPERATOR, Harness, Started

REMINDER = "Reminder: "
LINK = "https://zoom.example/j/4711"
DAY = timedelta(days=1)


async def booked(harness: Harness, name: str = "sam", **values: Any) -> tuple[Course, Started]:
    """Return a course in twenty days and a student who has paid for it."""
    course = await harness.course(starts_in=timedelta(days=20), **values)
    return course, await harness.confirmed(harness.student(name), course)


async def until(harness: Harness, course: Course, before: timedelta) -> None:
    """Advance the clock to that long before the start that the course has now."""
    now = await harness.course_now(course)
    await to(harness, now.starts_at - before)


async def to(harness: Harness, moment: datetime) -> None:
    harness.clock.advance(moment - harness.clock())
    for _ in range(2):
        await harness.worker_round()


async def set_columns(harness: Harness, course: Course, **values: Any) -> None:
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)


async def reminders(harness: Harness, started: Started) -> list[dict[str, Any]]:
    mails = await harness.mails(started.student)
    return [mail for mail in mails if mail["subject"].startswith(REMINDER)]


@pytest.mark.both_databases
async def test_everybody_who_comes_is_reminded_once_a_day_before(harness: Harness) -> None:
    course, sam = await booked(harness, attendee_info="- An apron\n- Old shoes")
    held = await harness.checkout(harness.student("ann"), course)
    gone = await harness.confirmed(harness.student("bob"), course)
    await harness.post(f"/api/bookings/{gone.booking_id}/cancel", gone.student)
    await until(harness, course, DAY + timedelta(minutes=1))
    assert await reminders(harness, sam) == []
    await until(harness, course, DAY)
    (mail,) = await reminders(harness, sam)
    assert mail["subject"] == f"{REMINDER}{course.title}"
    assert "An apron" in mail["text"]
    assert "time" in mail["text"], "the zone is named"
    code = (await harness.booking(sam))["ticket_code"]
    assert f"Ticket code: {code}" in mail["text"], "it is the mail that people open at the door"
    assert "image/png" in mail["raw"]
    for before in (timedelta(hours=12), timedelta(minutes=1), -timedelta(hours=1)):
        await until(harness, course, before)
    assert len(await reminders(harness, sam)) == 1
    assert await reminders(harness, held) == await reminders(harness, gone) == []
    (row,) = [r for r in await harness.rows_of(Reminder) if r.course_id == course.id]
    assert (row.mails, row.starts_at) == (1, course.starts_at)
    messages = [m for m in await harness.rows_of(OutboxMessage) if m.kind == "mail:reminder"]
    assert [m.lane for m in messages] == [Lane.PERSONAL.value]


async def test_the_link_for_joining_is_in_it_only_for_an_online_course(harness: Harness) -> None:
    _, sam = await booked(harness, is_online=True, join_url=LINK, place_address="")
    later, ann = await booked(harness, "ann")
    await until(harness, later, DAY)
    (with_link,), (without,) = await reminders(harness, sam), await reminders(harness, ann)
    assert LINK in with_link["text"]
    assert ("image/png" in with_link["raw"], "image/png" in without["raw"]) == (False, True)
    assert LINK in with_link["html"]
    assert "zoom" not in without["text"] + without["html"]


async def test_a_moved_date_moves_it_and_a_second_date_has_its_own(harness: Harness) -> None:
    course, sam = await booked(harness)
    await move(harness, course, 3 * DAY)
    await to(harness, course.starts_at)
    assert await reminders(harness, sam) == []
    await until(harness, course, DAY)
    assert len(await reminders(harness, sam)) == 1
    await move(harness, course, 5 * DAY)
    await harness.worker_round()
    assert len(await reminders(harness, sam)) == 1
    await until(harness, course, DAY)
    assert len(await reminders(harness, sam)) == 2


@pytest.mark.parametrize("tell", [True, False])
async def test_a_mail_about_a_date_of_today_stands_for_it(harness: Harness, tell: bool) -> None:
    course, sam = await booked(harness)
    await until(harness, course, 3 * DAY)
    await move(harness, course, timedelta(hours=-60), tell=True)
    if not tell:  # a start that moves forward is always told: here it moves back again
        await move(harness, course, timedelta(hours=2), tell=False)
    await harness.worker_round()
    await until(harness, course, timedelta(hours=1))
    assert len(await reminders(harness, sam)) == (0 if tell else 1)


async def test_a_worker_that_was_down_reminds_late_but_never_after_the_start(
    harness: Harness,
) -> None:
    late, sam = await booked(harness)
    over, ann = await booked(harness, "ann")
    await set_columns(harness, over, starts_at=over.starts_at - DAY, ends_at=over.ends_at - DAY)
    await to(harness, late.starts_at - timedelta(hours=2))
    assert len(await reminders(harness, sam)) == 1
    assert await reminders(harness, ann) == []


async def test_a_reminder_that_waits_for_the_mail_server_is_dropped_at_the_start(
    harness: Harness,
) -> None:
    """Also when the place ends or the date moves meanwhile."""
    of_all = [await booked(harness, name) for name in ("sam", "ann", "bob")]
    harness.clock.advance(of_all[-1][0].starts_at - DAY - harness.clock())
    for course, _ in of_all:
        await remind_of_start(harness.services.context, course.id, course.starts_at)
    assert len([m for m in await harness.rows_of(OutboxMessage) if m.kind == "mail:reminder"]) == 3
    (_, over), (_, cancelled), (moved_course, moved) = of_all
    await harness.post(f"/api/bookings/{cancelled.booking_id}/cancel", cancelled.student)
    await move(harness, moved_course, 5 * DAY, tell=False)
    harness.clock.advance(DAY)
    await harness.worker_round()
    for started in (over, cancelled, moved):
        assert await reminders(harness, started) == []


async def test_a_course_has_its_own_time_or_none(harness: Harness) -> None:
    own, sam = await booked(harness, "sam")
    never, ann = await booked(harness, "ann")
    usual, bob = await booked(harness, "bob")
    await set_columns(harness, own, reminder_minutes=3 * USUAL_LEAD)
    await set_columns(harness, never, reminder_minutes=0)
    await until(harness, usual, 3 * DAY)
    counts = [len(await reminders(harness, started)) for started in (sam, ann, bob)]
    assert counts == [1, 0, 0]
    path, body = "/api/manage/settings", {"reminder_minutes": 2 * USUAL_LEAD}
    assert (await harness.call("PATCH", path, OPERATOR, json=body)).status_code == 200
    await until(harness, usual, 2 * DAY)
    counts = [len(await reminders(harness, started)) for started in (sam, ann, bob)]
    assert counts == [1, 0, 1]


async def test_each_meeting_has_a_reminder_but_not_during_the_one_before(
    harness: Harness,
) -> None:
    course, sam = await booked(harness)
    begin, length = course.starts_at, timedelta(hours=3)
    starts = [begin, begin + DAY, begin + 8 * DAY]  # a weekend, and a day of the week after
    async with writing(harness.services.context.database) as work:
        for number, start in enumerate(starts, start=1):
            work.meetings.add(
                Meeting(
                    id=f"mtg_{number}_{course.id}"[:40],
                    course_id=course.id,
                    number=number,
                    starts_at=start,
                    ends_at=start + length,
                )
            )
    await edit(harness, course, tell=False, ends_at=starts[-1] + length)
    await to(harness, begin - DAY)
    (first,) = await reminders(harness, sam)
    assert "Meeting 3" in first["text"]
    await to(harness, starts[2] - DAY - timedelta(hours=1))
    assert len(await reminders(harness, sam)) == 1
    await to(harness, starts[2] - DAY)
    (_, last) = await reminders(harness, sam)
    assert "Meeting" not in last["text"], "the others are over"


async def test_several_workers_remind_once(harness: Harness) -> None:
    """The reminders and the note of them are one transaction, under the lock of the course."""
    course, sam = await booked(harness)
    harness.clock.advance(course.starts_at - DAY - harness.clock())
    context = harness.services.context
    due = await due_reminders(context, 5)
    assert (course.id, course.starts_at) in due
    await asyncio.gather(*(remind_of_start(context, course.id, course.starts_at) for _ in range(5)))
    await harness.worker_round()
    assert len(await reminders(harness, sam)) == 1
