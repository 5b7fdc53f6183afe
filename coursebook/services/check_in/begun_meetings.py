"""Who came, as the lists of people and the page of a booking show it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.persistence.check_in.attendances import only_meeting_id
from coursebook.persistence.schema.tables import Course, Meeting
from coursebook.persistence.unit_of_work import UnitOfWork
from coursebook.services.check_in.ticks import came_at


@dataclass(frozen=True)
class AttendanceMark:
    """What is recorded of one person at one meeting, and since when."""

    state: AttendanceState
    at: datetime


@dataclass(frozen=True)
class BegunMeeting:
    """A meeting whose attendance is shown: the `number`-th of `total`."""

    id: str
    starts_at: datetime
    number: int
    total: int


@dataclass(frozen=True)
class MeetingAttendance:
    """One meeting of a booking's course, with what is recorded of the person; None for nothing."""

    meeting: BegunMeeting
    mark: AttendanceMark | None


@dataclass(frozen=True)
class RosterAttendance:
    """The attendance of some people at the last of the meetings that began, or begin today.

    `times` counts, by booking, at how many of the meetings somebody was.
    """

    meeting: BegunMeeting
    marks: dict[str, AttendanceMark]
    times: dict[str, int]


async def attendance_of(
    work: UnitOfWork, course: Course, booking_ids: Collection[str], now: datetime
) -> RosterAttendance | None:
    """Return the attendance of these bookings; None before the day of the first meeting."""
    begun = _begun(course, await work.meetings.of_course(course.id), now)
    if not begun:
        return None
    shown = begun[-1]
    rows = await work.attendances.of_meeting(shown.id, booking_ids) if booking_ids else {}
    marks = {
        booking_id: AttendanceMark(AttendanceState(row.state), came_at(row))
        for booking_id, row in rows.items()
        if row.state != AttendanceState.UNDONE.value
    }
    times: dict[str, int] = defaultdict(int)
    if len(begun) > 1 and booking_ids:
        ids = [meeting.id for meeting in begun]
        for count in await work.attendances.person_counts(ids, booking_ids):
            if count.state == AttendanceState.PRESENT.value:
                times[count.booking_id] += count.meetings
    return RosterAttendance(shown, marks, dict(times))


async def attendance_of_booking(
    work: UnitOfWork,
    course: Course,
    meetings: Sequence[Meeting],
    booking_id: str,
    now: datetime,
) -> tuple[MeetingAttendance, ...]:
    """Return the meetings that began, or begin today, each with what is recorded of a booking."""
    begun = _begun(course, [m for m in meetings if m.cancelled_at is None], now)
    if not begun:
        return ()
    rows = await work.attendances.of_booking(booking_id)
    marks = {
        meeting_id: AttendanceMark(AttendanceState(row.state), came_at(row))
        for meeting_id, row in rows.items()
        if row.state != AttendanceState.UNDONE.value
    }
    return tuple(MeetingAttendance(meeting, marks.get(meeting.id)) for meeting in begun)


def _begun(course: Course, meetings: Sequence[Meeting], now: datetime) -> list[BegunMeeting]:
    """Return the meetings that began, or begin today by the clock of the course."""
    today = now.astimezone(ZoneInfo(course.timezone))
    tomorrow = today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    starts = [(meeting.id, meeting.starts_at) for meeting in meetings]
    starts = starts or [(only_meeting_id(course.id), course.starts_at)]
    return [
        BegunMeeting(meeting_id, starts_at, number, len(starts))
        for number, (meeting_id, starts_at) in enumerate(starts, 1)
        if starts_at < tomorrow
    ]
