"""Reminders of the dates of a course: one for each confirmed booking and start."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from coursebook.domain.actor import WORKER
from coursebook.domain.booking import SeatState
from coursebook.domain.course_edits.reminder import is_due, is_with_another, lead_of
from coursebook.mail.facts import MailFacts, MeetingFacts
from coursebook.mail.kinds import MailKind
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.repositories.outbox import Lane
from coursebook.persistence.schema.tables import Booking, Course, Meeting
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.locked_booking import LockedBooking
from coursebook.services.manage.school_settings import reminder_minutes

log = structlog.get_logger("coursebook.worker")

Dates = Sequence[tuple[datetime, datetime]]


async def due_reminders(context: Context, limit: int) -> list[tuple[str, datetime]]:
    """Return course and start of each reminder whose time has come, the soonest start first."""
    now = context.clock()
    async with reading(context.database) as work:
        school = await reminder_minutes(work)
        coming = await work.reminders.coming(now, school)
    due = []
    for start in coming:
        lead = lead_of(start.minutes, school)
        if lead is not None and is_due(start.starts_at, lead, now):
            due.append((start.course_id, start.starts_at))
    return due[:limit]


async def remind_of_start(context: Context, course_id: str, starts_at: datetime) -> None:
    """Enqueue the reminders of a start and note it, in one transaction, if it is still due.

    The lock of the course keeps its dates and places as they are meanwhile.
    """
    async with writing(context.database) as work:
        course = await work.courses.lock(course_id)
        if course is None or await work.reminders.exists(course_id, starts_at):
            return
        now, dates = context.clock(), await _dates_of(work, course)
        lead = lead_of(course.reminder_minutes, await reminder_minutes(work))
        is_ahead = lead is not None and is_due(starts_at, lead, now)
        if lead is None or not is_ahead or not _takes_place(course, dates, starts_at):
            return
        is_known = is_with_another(starts_at, lead, dates)
        people = [] if is_known else await _confirmed(work, course_id)
        drafts = [
            draft
            for booking in people
            for draft in LockedBooking(work, booking, WORKER, now).mail_drafts(
                MailKind.REMINDER,
                occasion=starts_at.isoformat(),
                course_id=course_id,
                starts_at=starts_at.isoformat(),
            )
        ]
        await work.outbox.enqueue_all(drafts, now, Lane.PERSONAL)
        await work.reminders.add(course_id, [starts_at], now, len(drafts))
    log.info("reminders.enqueued", course=course_id, starts_at=starts_at, mails=len(drafts))


async def note_told_starts(work: UnitOfWork, course: Course, dates: Dates, now: datetime) -> None:
    """Note starts that are due already: a mail with the new dates stands for their reminder."""
    lead = lead_of(course.reminder_minutes, await reminder_minutes(work))
    if lead is not None:
        due = [start for start, _ in dates if is_due(start, lead, now)]
        await work.reminders.add(course.id, due, now, mails=0)


def reminded_start(payload: Mapping[str, object]) -> datetime:
    """Return the start that a reminder is about."""
    return datetime.fromisoformat(str(payload["starts_at"]))


def is_untrue(
    payload: Mapping[str, object],
    booking: Booking,
    course: Course,
    meetings: Sequence[Meeting],
    now: datetime,
) -> bool:
    """Return whether a reminder must not be sent: the place ended, or the date moved or is over."""
    dates = [(m.starts_at, m.ends_at) for m in meetings if m.cancelled_at is None]
    dates = dates or [(course.starts_at, course.ends_at)]
    is_coming, starts_at = booking.place == SeatState.CONFIRMED.value, reminded_start(payload)
    return not is_coming or starts_at <= now or not _takes_place(course, dates, starts_at)


def from_start(facts: MailFacts, starts_at: datetime) -> tuple[MeetingFacts, ...]:
    """Return the meetings from that start on."""
    return tuple(
        one for one in facts.entries if one.starts_at >= starts_at and not one.is_cancelled
    )


def _takes_place(course: Course, dates: Dates, starts_at: datetime) -> bool:
    return state_of(course).is_published and starts_at in [start for start, _ in dates]


async def _dates_of(work: UnitOfWork, course: Course) -> Dates:
    meetings = await work.meetings.of_course(course.id)
    return [(m.starts_at, m.ends_at) for m in meetings] or [(course.starts_at, course.ends_at)]


async def _confirmed(work: UnitOfWork, course_id: str) -> list[Booking]:
    bookings = await work.bookings.live(course_id)
    return [b for b in bookings if b.place == SeatState.CONFIRMED.value]
