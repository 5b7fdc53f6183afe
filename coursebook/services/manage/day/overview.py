"""What `/manage` shows: the meetings of today, the next one, what needs somebody, the week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coursebook.domain.inbox import InboxKind
from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.persistence.bookkeeping.day_queries import LateMoney, NotedPerson, RunningOffer
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.check_in.meetings import meeting_view
from coursebook.services.check_in.snapshots import day_bounds, meetings_of_day
from coursebook.services.check_in.views import CheckInMeeting, MeetingOfDay
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.day.week import SchoolWeek, week_of
from coursebook.services.manage.school_settings import school_view

MAX_MEETINGS = 50
MAX_NOTES, MAX_OFFERS = 200, 20


@dataclass(frozen=True)
class MeetingToday:
    """A meeting of today: who is here, comes, is paying, waits, and for how many there is room.

    `teacher` is the name that the course shows. `absent` is how many did not come, after the end.
    `new` is how many come for the first time, `noted` are people who come with a note of the
    school; 0 and empty for who may not see people. `owing` is what people who come still owe, None
    for who may not see money.
    """

    meeting: CheckInMeeting
    here: int
    coming: int
    paying: int
    places: int
    waiting: int = 0
    noted: Sequence[NotedPerson] = ()
    owing: LateMoney | None = None
    absent: int = 0
    teacher: str = ""
    new: int = 0


@dataclass(frozen=True)
class SchoolDay:
    """A day at the school. `timezone` is the school's, in which the day begins.

    `next_meeting` is the first one after today, only when today has none. `inbox` counts the open
    entries of each kind, `late` the expected money that is overdue; both are empty for somebody who
    may not see money. `offers` are the places kept for people of waiting lists, for who may change
    bookings. `week` is None for who may not see reports. `may_check_in`: the person may open the
    page at the door; `may_search`: they may look for people.
    """

    today: date
    timezone: str
    meetings: Sequence[MeetingToday]
    next_meeting: CheckInMeeting | None
    may_check_in: bool
    inbox: Mapping[InboxKind, int] = field(default_factory=dict)
    late: LateMoney | None = None
    offers: Sequence[RunningOffer] = ()
    week: SchoolWeek | None = None
    may_search: bool = False


class SchoolDays:
    """The use case of the page "Today"."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def today(self, who: Principal | None) -> SchoolDay:
        """Return the day, as far as the person may see it.

        Raises Unauthenticated, Forbidden, RateLimited, Unavailable.
        """
        rights, now = await self._access.rights_of(who), self._context.clock()
        rights.require(Permission.SEE_COURSES)
        async with reading(self._context.database) as work:
            zone = ZoneInfo((await school_view(self._context, work)).timezone or "UTC")
            begins, ends = day_bounds(now.astimezone(zone))
            rows = (await work.attendances.meetings_between(begins, ends, rights.courses))[
                :MAX_MEETINGS
            ]
            found = await meetings_of_day(work, rows, now)
            meetings = await _meetings(work, found, [course for _, course in rows], rights)
            following = None if meetings else await _next(work, ends, rights, now)
            sees_money = rights.allows(Permission.SEE_MONEY)
            changes = rights.allows(Permission.CHANGE_BOOKINGS)
            sees_reports = rights.allows(Permission.SEE_REPORTS)
            today = begins.date()
            return SchoolDay(
                today,
                zone.key,
                meetings,
                following,
                rights.allows(Permission.CHECK_IN),
                await work.day.open_entries() if sees_money else {},
                await work.day.late_money(today) if sees_money else None,
                await work.day.offers(now, MAX_OFFERS) if changes else (),
                await week_of(work, now, zone) if sees_reports else None,
                rights.allows(Permission.SEE_PEOPLE),
            )


async def _meetings(
    work: UnitOfWork,
    found: Sequence[MeetingOfDay],
    courses: Sequence[Course],
    rights: Rights,
) -> list[MeetingToday]:
    """Return the meetings with their people, in three queries for all of them."""
    ids = {course.id for course in courses}
    sees_people = {i for i in ids if rights.allows(Permission.SEE_PEOPLE, i)}
    sees_money = {i for i in ids if rights.allows(Permission.SEE_MONEY, i)}
    noted: dict[str, list[NotedPerson]] = {}
    for person in await work.day.noted(sees_people, MAX_NOTES) if sees_people else ():
        noted.setdefault(person.course_id, []).append(person)
    owing = await work.day.owing(sees_money) if sees_money else {}
    new = await work.day.newcomers(sees_people) if sees_people else {}
    return [
        MeetingToday(
            one.meeting,
            one.here,
            one.coming,
            course.held,
            course.capacity,
            course.waiting,
            noted.get(course.id, ()),
            owing.get(course.id),
            one.absent,
            course.instructor,
            new.get(course.id, 0),
        )
        for one, course in zip(found, courses, strict=True)
    ]


async def _next(
    work: UnitOfWork, after: datetime, rights: Rights, now: datetime
) -> CheckInMeeting | None:
    pair = await work.day.next_meeting(after, rights.courses)
    if pair is None:
        return None
    meeting, course = pair
    siblings = await work.meetings.of_course(course.id)
    return meeting_view(course, meeting, siblings, now)
