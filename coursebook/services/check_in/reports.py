"""The report of attendance: who came to the meetings of some days, by course and by person."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.booking import number_of
from coursebook.domain.check_in.attendance import AttendanceState
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.persistence.check_in.attendances import Comer, only_meeting_id
from coursebook.persistence.schema.tables import Course, Meeting
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.check_in.views import (
    AttendanceOfCourse,
    AttendanceOfPerson,
    AttendanceReport,
)
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.school_settings import school_view

MAX_DAYS = 366
TOO_LONG = f"A report covers at most {MAX_DAYS} days."
NO_COURSE = "We know no such course."
WRONG_ORDER = "The last day is before the first one."
Pair = tuple[Meeting | None, Course]


class AttendanceReports:
    """Reads the report for whoever may see reports."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def report(
        self,
        who: Principal | None,
        first_day: date | None = None,
        last_day: date | None = None,
        course_id: str = "",
    ) -> AttendanceReport:
        """Return the attendance at the meetings that began on these days, in the school's zone.

        Without days: this month until today. `course_id`: only of this course. Raises
        Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable.
        """
        rights, now = await self._access.rights_of(who), self._context.clock()
        rights.require(Permission.SEE_REPORTS)
        async with reading(self._context.database) as work:
            zone = ZoneInfo((await school_view(self._context, work)).timezone or "UTC")
            today = now.astimezone(zone).date()
            first, last = _days(first_day, last_day, today)
            since = datetime.combine(first, time.min, zone)
            till = min(datetime.combine(last + timedelta(days=1), time.min, zone), now)
            if course_id and await work.session.get(Course, course_id) is None:
                raise Invalid([FieldError("/course", NO_COURSE)])
            pairs = await work.attendances.meetings_between(
                since, till, {course_id} if course_id else rights.courses
            )
            items = await _courses(work, pairs, rights)
        totals: Counter[str] = Counter()
        for item in items:
            for name in ("meetings", "expected", "present", "absent", "excused", "unrecorded"):
                totals[name] += getattr(item, name)
        return AttendanceReport(first.isoformat(), last.isoformat(), zone.key, items, totals)


def _days(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    last = last or (today if first is None else max(first, today))
    first = first or last.replace(day=1)
    if last < first:
        raise Invalid([FieldError("/to", WRONG_ORDER)])
    if (last - first).days >= MAX_DAYS or last == date.max:
        raise Invalid([FieldError("/from", TOO_LONG)])
    return first, last


async def _courses(
    work: UnitOfWork, pairs: Sequence[Pair], rights: Rights
) -> tuple[AttendanceOfCourse, ...]:
    ids: dict[str, list[str]] = defaultdict(list)
    courses = {course.id: course for _, course in pairs}
    for meeting, course in pairs:
        ids[course.id].append(meeting.id if meeting else only_meeting_id(course.id))
    recorded: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    meeting_ids = [meeting_id for some in ids.values() for meeting_id in some]
    for count in await work.attendances.person_counts(meeting_ids):
        recorded[count.course_id][count.booking_id][count.state] += count.meetings
    coming: dict[str, list[Comer]] = defaultdict(list)
    for comer in await work.attendances.comers(list(courses)) if courses else ():
        coming[comer.course_id].append(comer)
    return tuple(
        _course(courses[course_id], len(some), coming[course_id], recorded[course_id], rights)
        for course_id, some in ids.items()
    )


def _course(
    course: Course,
    meetings: int,
    coming: Sequence[Comer],
    recorded: Mapping[str, Counter[str]],
    rights: Rights,
) -> AttendanceOfCourse:
    sees_people = rights.allows(Permission.SEE_PEOPLE, course.id)
    people = [
        _person(comer, recorded.get(comer.booking_id, Counter()), sees_people=sees_people)
        for comer in coming
    ]
    counts = {
        name: sum(getattr(person, name) for person in people)
        for name in ("present", "absent", "excused")
    }
    expected = meetings * len(coming)
    return AttendanceOfCourse(
        course_id=course.id,
        title=course.title,
        starts_at=course.starts_at,
        timezone=course.timezone,
        meetings=meetings,
        expected=expected,
        unrecorded=expected - sum(counts.values()),
        people=tuple(sorted(people, key=lambda person: (person.name or "", person.number))),
        **counts,
    )


def _person(comer: Comer, states: Counter[str], *, sees_people: bool) -> AttendanceOfPerson:
    return AttendanceOfPerson(
        booking_id=comer.booking_id,
        number=number_of(comer.booking_id),
        name=(comer.participant or comer.payer) if sees_people else None,
        present=states[AttendanceState.PRESENT.value],
        absent=states[AttendanceState.ABSENT.value],
        excused=states[AttendanceState.EXCUSED.value],
    )
