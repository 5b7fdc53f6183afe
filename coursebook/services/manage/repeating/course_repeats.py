"""Repeat a course on other dates: all of them in one transaction, or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.domain.course_edits.local_time import local_day
from coursebook.domain.course_edits.meetings import Meeting, bounds_of
from coursebook.domain.course_edits.recurrence import Shift
from coursebook.domain.course_fields import CourseField
from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission
from coursebook.errors import CourseNotFound, FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.live import topics
from coursebook.persistence.course_search.series_dates import BusyTime
from coursebook.persistence.schema.columns import ID_LENGTH, new_id
from coursebook.persistence.schema.tables import Course, Series
from coursebook.persistence.schema.tables import Meeting as MeetingRow
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_acts import act_on
from coursebook.services.manage.course_copies import NoSuchDate, copied_by, shifted
from coursebook.services.manage.course_slugs import MAX_NUMBERED, is_free, new_slug, with_ending
from coursebook.services.manage.course_views import has_date
from coursebook.services.manage.course_writes import add_course, record, trying_slugs
from coursebook.services.manage.repeating.clashes import Resources, clashes_of, clashes_within
from coursebook.services.manage.repeating.repeat_views import (
    RepeatDate,
    RepeatRequest,
    Repetition,
)

log = structlog.get_logger("coursebook.courses")
IS_OVER = "This day is in the past."
NO_DATE = "Enter first when the course takes place."


@dataclass(frozen=True)
class _Original:
    """The course to repeat, with its meetings and the dates of its series."""

    course: Course
    rows: Sequence[MeetingRow]
    dates: Sequence[Course]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.course.timezone)


class CourseRepeats:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    All raise CourseNotFound, also for a course that the person may not see.
    """

    def __init__(
        self, context: Context, access: Access, fields: Callable[[], Sequence[CourseField]] = tuple
    ) -> None:
        self._context = context
        self._access = access
        self._read_fields = fields

    async def preview(
        self, who: Principal | None, course_id: str, request: RepeatRequest
    ) -> Repetition:
        """Return what `repeat` would do, with the clashes. Nothing is written. Raises Invalid."""
        await self._actor(who, course_id, request)
        days = request.wanted_days()
        async with reading(self._context.database) as work:
            original = await _read(work, await work.session.get(Course, course_id))
            dates = await self._planned(work, original, days, request)
        return Repetition(original.course.timezone, dates, original.course.series_id)

    async def repeat(
        self, who: Principal | None, course_id: str, request: RepeatRequest
    ) -> Repetition:
        """Add a course for each day that the series does not have yet, all or none.

        They have the values, the hours and the teachers of the course, but no bookings and no
        internal note. Raises Invalid for days that are not possible, for clashes unless they are
        allowed, and with what is missing for publishing.
        """
        actor = await self._actor(who, course_id, request)
        days = request.wanted_days()

        async def add() -> Repetition:
            async with writing(self._context.database) as work:
                original = await _read(work, await work.courses.lock(course_id))
                dates = await self._planned(work, original, days, request)
                _refuse(dates, request)
                return await self._add(work, original, dates, request, actor)

        repetition = await trying_slugs(add)
        log.info("course.repeated", course=course_id, dates=repetition.added)
        return repetition

    async def _actor(self, who: Principal | None, course_id: str, request: RepeatRequest) -> Actor:
        """Return who asks. Raises Forbidden, CourseNotFound."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.WRITE_COURSES, course_id)
        if request.is_published:
            rights.require(Permission.PUBLISH_COURSES, course_id)
        if clean_id(course_id, ID_LENGTH) is None:
            raise CourseNotFound
        assert who is not None, "rights_of refuses nobody"
        return rights.actor(who.user_id)

    async def _planned(
        self, work: UnitOfWork, original: _Original, days: Sequence[date], request: RepeatRequest
    ) -> tuple[RepeatDate, ...]:
        """Return the dates of the days, with everything that speaks against them."""
        now, course = self._context.clock(), original.course
        plans = [_plan(original, day, request, now) for day in days]
        resources = Resources.of(course)
        all_meetings = [meeting for _, meetings in plans for meeting in meetings]
        busy_times: list[BusyTime] = []
        if all_meetings:
            busy_times = await work.series.busy_times(
                resources.teacher,
                resources.place,
                min(meeting.starts_at for meeting in all_meetings),
                max(meeting.ends_at for meeting in all_meetings),
            )
        dates: list[RepeatDate] = []
        earlier: list[Sequence[Meeting]] = []
        for planned, meetings in plans:
            if planned.exists or planned.problem:
                dates.append(planned)
                continue
            clashes = clashes_of(meetings, resources, busy_times)
            clashes += clashes_within(meetings, resources, course.title, earlier)
            dates.append(replace(planned, clashes=clashes))
            earlier.append(meetings)
        return tuple(dates)

    async def _add(
        self,
        work: UnitOfWork,
        original: _Original,
        dates: Sequence[RepeatDate],
        request: RepeatRequest,
        actor: Actor,
    ) -> Repetition:
        """Add the courses of the new dates to the series, which is made when there is none."""
        course = original.course
        is_new = any(not planned.exists for planned in dates)
        if not is_new:
            return Repetition(course.timezone, tuple(dates), course.series_id)
        series = await self._series(work, course, actor)
        teachers = await work.course_teachers.of_course(course.id)
        added = []
        for planned in dates:
            if planned.exists:
                added.append(planned)
                continue
            row = await self._add_date(work, original, planned, request, series=series, actor=actor)
            for teacher in teachers:
                now = self._context.clock()
                await work.grants.add_teacher(row.id, teacher.id, now, str(actor)[:160])
            added.append(replace(planned, course_id=row.id, slug=row.slug))
        if teachers:
            work.mark_changed(topics.TEAM)
        count = sum(not planned.exists for planned in dates)
        return Repetition(course.timezone, tuple(added), series.id, count)

    async def _add_date(
        self,
        work: UnitOfWork,
        original: _Original,
        planned: RepeatDate,
        request: RepeatRequest,
        *,
        series: Series,
        actor: Actor,
    ) -> Course:
        """Add the course of one new date."""
        now, course = self._context.clock(), original.course
        shift = _shift(original, planned.day, request)
        copy, plan = copied_by(course, original.rows, shift)
        slug = await _free_slug(work, series.slug, planned.day)
        fields = self._read_fields()
        row = await add_course(
            work,
            copy.with_slug(slug, is_own=True),
            plan,
            fields=fields,
            actor=actor,
            now=now,
            series_id=series.id,
        )
        data = {"repeat_of": course.id}
        record(work, row.id, "created", actor, now, states=(None, row.status), data=data)
        if request.is_published:
            act_on(work, row, CourseAct.PUBLISH, fields=fields, actor=actor, now=now)
        return row

    async def _series(self, work: UnitOfWork, course: Course, actor: Actor) -> Series:
        """Return the locked series of a locked course, a new one if it has none."""
        now = self._context.clock()
        series = await work.series.lock(course.series_id) if course.series_id else None
        if series is None:
            slug = await _series_slug(work, course)
            series = Series(id=new_id("ser"), slug=slug, title=course.title, created_at=now)
            work.series.add(series)
            course.series_id = series.id
            record(work, course.id, "series_begun", actor, now, data={"series": series.id})
            await work.flush()
        return series


async def _read(work: UnitOfWork, course: Course | None) -> _Original:
    """Return what a repetition is made of. Raises CourseNotFound, Invalid."""
    if course is None:
        raise CourseNotFound
    if not has_date(course):
        raise Invalid([FieldError("/starts_at", NO_DATE)])
    rows = await work.meetings.of_course(course.id)
    dates = await work.series.offered(course.series_id) if course.series_id else [course]
    return _Original(course, rows, dates)


def _shift(original: _Original, day: date, request: RepeatRequest) -> Shift:
    return Shift.to(day, original.course.starts_at, original.zone, request.time_of_day)


def _plan(
    original: _Original, day: date, request: RepeatRequest, now: datetime
) -> tuple[RepeatDate, Sequence[Meeting]]:
    """Return one date without its clashes, and its meetings."""
    try:
        plan = shifted(original.course, original.rows, _shift(original, day, request))
    except NoSuchDate as error:
        return RepeatDate(day, problem=str(error)), ()
    starts_at, ends_at = bounds_of(plan.meetings)
    planned = RepeatDate(day, starts_at, ends_at)
    there = next((date for date in original.dates if date.starts_at == starts_at), None)
    if there is not None:
        return replace(planned, exists=True, course_id=there.id, slug=there.slug), ()
    if starts_at <= now:
        return replace(planned, problem=IS_OVER), ()
    return planned, plan.meetings


def _refuse(dates: Sequence[RepeatDate], request: RepeatRequest) -> None:
    """Raise Invalid with every date that is not possible, or that clashes if that matters."""
    errors = []
    for planned in dates:
        if planned.problem:
            sentences = [planned.problem]
        elif request.allows_clashes:
            continue
        else:
            sentences = [clash.sentence() for clash in planned.clashes]
        pointer = request.pointer_to(planned.day)
        errors += [FieldError(pointer, f"{planned.day}: {sentence}") for sentence in sentences]
    if errors:
        raise Invalid(errors)


async def _free_slug(work: UnitOfWork, base: str, day: date) -> str:
    """Return the address of a date: that of the series with the day."""
    first = with_ending(base, day.isoformat())
    if await is_free(work, first, ""):
        return first
    for number in range(2, MAX_NUMBERED):
        slug = with_ending(first, str(number))
        if await is_free(work, slug, ""):
            return slug
    return new_slug()


async def _series_slug(work: UnitOfWork, course: Course) -> str:
    """Return a free slug: that of the course, without its own day at the end."""
    own_day = local_day(course.starts_at, ZoneInfo(course.timezone)).isoformat()
    base = course.slug.removesuffix(f"-{own_day}")
    for number in range(1, MAX_NUMBERED):
        slug = base if number == 1 else with_ending(base, str(number))
        if await work.series.is_slug_free(slug):
            return slug
    return new_slug()
