"""The list of a meeting that a phone holds, and the meetings of a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.booking import number_of
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.domain.check_in.ticket_code import code_hash
from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.persistence.repositories.roster import RosterRow
from coursebook.persistence.schema.folded_text import fold
from coursebook.persistence.schema.tables import Booking, Course, Meeting, User
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.check_in.meetings import meeting_view, meeting_within
from coursebook.services.check_in.ticks import ticks_of
from coursebook.services.check_in.views import MeetingOfDay, Snapshot, SnapshotPerson, Tick
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.roster import RosterPerson, persons_of
from coursebook.services.manage.school_settings import school_view

DAY = timedelta(days=1)
UTC_NAME = "UTC"


class Snapshots:
    """Reads meetings for whoever may check people in."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def of_meeting(self, who: Principal | None, meeting_id: str) -> Snapshot:
        """Return a meeting with everybody who is coming.

        Raises Unauthenticated, Forbidden, MeetingNotFound, RateLimited, Unavailable.
        """
        rights, now = await self._access.rights_of(who), self._context.clock()
        async with reading(self._context.database) as work:
            meeting = await meeting_within(work, meeting_id, rights)
            course = meeting.course
            siblings = await work.meetings.of_course(course.id)
            people = await _people(work, course, meeting.id, rights)
        here = sum(p.tick is not None and p.tick.state == AttendanceState.PRESENT for p in people)
        view = meeting_view(course, meeting.row, siblings, now)
        may_add = view.takes_walk_ins and rights.allows(Permission.CHANGE_BOOKINGS, course.id)
        may_take = rights.allows(Permission.MOVE_MONEY, course.id)
        midnight = _midnight(now, course.timezone)
        return Snapshot(view, now, midnight, here, may_add, may_take, people)

    async def of_day(self, who: Principal | None, days_ahead: int = 0) -> tuple[MeetingOfDay, ...]:
        """Return the meetings of today that the person may check people in for, the first first.

        The day is one in the zone of the school, `days_ahead` of today. Raises Unauthenticated,
        Forbidden, RateLimited, Unavailable.
        """
        rights, now = await self._access.rights_of(who), self._context.clock()
        rights.require(Permission.CHECK_IN)
        async with reading(self._context.database) as work:
            zone = ZoneInfo((await school_view(self._context, work)).timezone or UTC_NAME)
            first, last = day_bounds(now.astimezone(zone) + DAY * days_ahead)
            rows = await work.attendances.meetings_between(first, last, rights.courses)
            return await meetings_of_day(work, rows, now)


async def meetings_of_day(
    work: UnitOfWork, rows: Sequence[tuple[Meeting | None, Course]], now: datetime
) -> tuple[MeetingOfDay, ...]:
    """Return these meetings with how many people are here, in three queries."""
    siblings = await work.meetings.of_courses({course.id for _, course in rows}) if rows else {}
    meetings = [
        meeting_view(course, meeting, siblings.get(course.id, []), now) for meeting, course in rows
    ]
    counts = await work.attendances.counts([meeting.id for meeting in meetings]) if rows else []
    number = {(c.meeting_id, c.state): c.people for c in counts}
    return tuple(
        MeetingOfDay(
            meeting,
            number.get((meeting.id, AttendanceState.PRESENT.value), 0),
            course.confirmed,
            number.get((meeting.id, AttendanceState.ABSENT.value), 0),
        )
        for meeting, (_, course) in zip(meetings, rows, strict=True)
    )


def day_bounds(moment: datetime) -> tuple[datetime, datetime]:
    """Return the start of the day of a moment in its own zone, and that of the next day."""
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return start, start + DAY  # wall-clock days, so that a change of the clocks is kept


def _midnight(now: datetime, timezone: str) -> datetime:
    return day_bounds(now.astimezone(ZoneInfo(timezone)))[1]


async def _people(
    work: UnitOfWork, course: Course, meeting_id: str, rights: Rights
) -> tuple[SnapshotPerson, ...]:
    coming = await work.attendances.coming([course.id])
    ticks = await ticks_of(work, (await work.attendances.of_meeting(meeting_id)).values())
    rows = [RosterRow.of(booking, user) for booking, user in coming]
    persons = await persons_of(work, rows, course.id, rights)
    people = [
        _person(booking, user, person, ticks.get(booking.id))
        for (booking, user), person in zip(coming, persons, strict=True)
    ]
    return tuple(sorted(people, key=lambda person: (fold(person.name), person.booking_id)))


def _person(
    booking: Booking, user: User, person: RosterPerson, tick: Tick | None
) -> SnapshotPerson:
    number = number_of(booking.id)
    name = person.name or user.name or number
    return SnapshotPerson(
        booking_id=booking.id,
        number=number,
        name=name,
        initials="".join(word[0] for word in name.split()[:2]).upper(),
        code_hash=code_hash(booking.ticket_code or ""),
        note=booking.note,
        tags=tuple(booking.tags),
        payment=person.payment_status,
        owed=person.owed if person.owed and person.owed.amount else None,
        kept=person.received,
        tick=tick,
    )
