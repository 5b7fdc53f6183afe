"""What `/manage` shows: the meetings of today, the next one, and what needs somebody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from coursebook.domain.inbox import InboxKind
from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.persistence.bookkeeping.day_queries import LateMoney
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.check_in.meetings import meeting_view
from coursebook.services.check_in.snapshots import day_bounds, meetings_of_day
from coursebook.services.check_in.views import CheckInMeeting
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.school_settings import school_view

MAX_MEETINGS = 50


@dataclass(frozen=True)
class MeetingToday:
    """A meeting of today: who is here, comes, is paying, and for how many there is room."""

    meeting: CheckInMeeting
    here: int
    coming: int
    paying: int
    places: int


@dataclass(frozen=True)
class SchoolDay:
    """A day at the school. `timezone` is the school's, in which the day begins.

    `next_meeting` is the first one after today, only when today has none. `inbox` counts the open
    entries of each kind, `late` the expected money that is overdue; both are empty for somebody who
    may not see money. `may_check_in`: the person may open the page at the door.
    """

    today: date
    timezone: str
    meetings: Sequence[MeetingToday]
    next_meeting: CheckInMeeting | None
    may_check_in: bool
    inbox: Mapping[InboxKind, int] = field(default_factory=dict)
    late: LateMoney | None = None


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
            courses = {course.id: course for _, course in rows}
            meetings = [
                MeetingToday(
                    found.meeting,
                    found.here,
                    found.coming,
                    courses[found.meeting.course_id].held,
                    courses[found.meeting.course_id].capacity,
                )
                for found in await meetings_of_day(work, rows, now)
            ]
            following = None if meetings else await _next(work, ends, rights, now)
            sees_money = rights.allows(Permission.SEE_MONEY)
            today = begins.date()
            return SchoolDay(
                today,
                zone.key,
                meetings,
                following,
                rights.allows(Permission.CHECK_IN),
                await work.day.open_entries() if sees_money else {},
                await work.day.late_money(today) if sees_money else None,
            )


async def _next(
    work: UnitOfWork, after: datetime, rights: Rights, now: datetime
) -> CheckInMeeting | None:
    pair = await work.day.next_meeting(after, rights.courses)
    if pair is None:
        return None
    meeting, course = pair
    siblings = await work.meetings.of_course(course.id)
    return meeting_view(course, meeting, siblings, now)
