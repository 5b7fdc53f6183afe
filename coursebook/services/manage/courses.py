"""The courses of the school, for the people who manage them: list, get, create, edit, duplicate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog

from coursebook.domain.actor import Actor
from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.domain.course_edits.offer import USUAL, FreeCancelling
from coursebook.domain.course_fields import CourseField
from coursebook.domain.external_text import clean_id
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CourseNotFound, EditedMeanwhile, FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.persistence.schema.columns import ID_LENGTH
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import UnitOfWork, reading, writing
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.course_acts import act_on, refuse_closed
from coursebook.services.manage.course_copies import copied
from coursebook.services.manage.course_edits import (
    NEEDED,
    SLUG,
    EditedCourse,
    edited,
    empty_columns,
)
from coursebook.services.manage.course_meetings import MeetingPlan, planned_meetings
from coursebook.services.manage.course_query import ManagedQuery, kept_of, managed_page
from coursebook.services.manage.course_values import read_values
from coursebook.services.manage.course_views import managed_view
from coursebook.services.manage.course_writes import (
    Telling,
    add_course,
    check_picture,
    plan_edit,
    record,
    save_edit,
    trying_slugs,
)
from coursebook.services.manage.views import ManagedCourseView, ManagedPage, SavedCourse, TabCounts

log = structlog.get_logger("coursebook.courses")


@dataclass(frozen=True)
class _Person:
    """Who asks: as the audit trail names them, and what they may do."""

    actor: Actor
    rights: Rights


class ManagedCourses:
    """The use cases. All raise Unauthenticated, Forbidden, RateLimited, Unavailable.

    Those about one course raise CourseNotFound, also for one that the person may not see.
    """

    def __init__(
        self, context: Context, access: Access, fields: Callable[[], Sequence[CourseField]] = tuple
    ) -> None:
        self._context = context
        self._access = access
        self._read_fields = fields

    @property
    def _fields(self) -> Sequence[CourseField]:
        """The fields of the school."""
        return self._read_fields()

    async def list_of(self, who: Principal | None, query: ManagedQuery) -> ManagedPage:
        """Return one page of the courses that the person may see. Raises Invalid (cursor)."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_COURSES)
        async with reading(self._context.database) as work:
            return await managed_page(work, query, rights, self._fields, self._context.clock())

    async def counts(self, who: Principal | None) -> Mapping[str, int]:
        """Return how many courses are in each list, by its name; 1,000 stands for more than 999."""
        rights = await self._access.rights_of(who)
        rights.require(Permission.SEE_COURSES)
        async with reading(self._context.database) as work:
            return await work.managed_list.counts(self._context.clock(), rights.courses)

    async def get(self, who: Principal | None, course_id: str) -> ManagedCourseView:
        """Return one course by its id."""
        person = await self._require(who, Permission.SEE_COURSES, course_id)
        async with reading(self._context.database) as work:
            return await self._view(work, await _course(work, course_id), person)

    async def tab_counts(self, who: Principal | None, course_id: str) -> TabCounts:
        """Return what the pages of a course have, as far as the person may open them."""
        person = await self._require(who, Permission.SEE_COURSES, course_id)
        sees_people = person.rights.allows(Permission.SEE_PEOPLE, course_id)
        writes = person.rights.allows(Permission.SEND_MESSAGES, course_id)
        async with reading(self._context.database) as work:
            course = await _course(work, course_id)
            return TabCounts(
                people=course.held + course.confirmed if sees_people else 0,
                waiting=course.waiting if sees_people else 0,
                messages=await work.messages.count_of(course_id) if writes else 0,
            )

    async def create(self, who: Principal | None, values: Mapping[str, Any]) -> ManagedCourseView:
        """Add a draft, which may be incomplete. Raises Invalid with pointers into the values."""
        person = await self._require(who, Permission.WRITE_COURSES)
        parsed = read_values(values, self._fields)
        now = self._context.clock()
        plan = planned_meetings(parsed, (), {"starts_at": None, "ends_at": None})
        course = edited(empty_columns(now), {*NEEDED, SLUG}, parsed, plan, now)
        if parsed.columns.get(SLUG):
            course = course.with_slug(parsed.columns[SLUG], is_own=True)

        async def add() -> ManagedCourseView:
            async with writing(self._context.database) as work:
                await check_picture(work, parsed)
                return await self._added(work, course, plan, person)

        view = await trying_slugs(add, parsed.columns.get(SLUG))
        log.info("course.created", course=view.id)
        return view

    async def patch(
        self,
        who: Principal | None,
        course_id: str,
        values: Mapping[str, Any],
        version: int | None,
        *,
        tell: bool = False,
        free_cancel_until: FreeCancelling = USUAL,
        reason: str = "",
    ) -> SavedCourse:
        """Edit a course of which the person has seen this `version`.

        Names that are missing in `values` stay as they are. The others say what people who booked
        get when dates or place change: a mail with the reason, and until when they may cancel free
        of charge (see `apply_promised_changes`). Raises Invalid with pointers into the
        values, EditedMeanwhile with the course as it is now, CapacityBelowBookings,
        AlreadyCancelled, and NotActionable for an archived course.
        """
        person = await self._require(who, Permission.WRITE_COURSES, course_id)
        if version is None:
            raise Invalid([FieldError("/version", "Send the version that you have seen.")])
        parsed = read_values(values, self._fields)
        telling = Telling(tell, free_cancel_until, reason)
        now = self._context.clock()

        async def edit() -> SavedCourse:
            async with writing(self._context.database) as work:
                course = await _locked(work, course_id)
                if course.version != version:
                    raise EditedMeanwhile(await self._view(work, course, person))
                refuse_closed(course)
                await check_picture(work, parsed)
                plan = await plan_edit(work, course, parsed, self._fields, now)
                effect = await save_edit(
                    work, course, plan, actor=person.actor, now=now, telling=telling
                )
                return SavedCourse(
                    await self._view(work, course, person), effect.told if effect else 0
                )

        saved = await trying_slugs(edit, parsed.columns.get(SLUG))
        if saved.course.version != version:
            log.info("course.edited", course=course_id, version=saved.course.version)
        return saved

    async def act(self, who: Principal | None, course_id: str, act: CourseAct) -> ManagedCourseView:
        """Publish, unpublish, open, close, archive or restore a course; again is no error.

        Raises Invalid with what is missing for publishing, HasBookings, AlreadyCancelled,
        NotActionable.
        """
        person = await self._require(who, Permission.PUBLISH_COURSES, course_id)
        now = self._context.clock()
        async with writing(self._context.database) as work:
            course = await _locked(work, course_id)
            is_new = act_on(work, course, act, fields=self._fields, actor=person.actor, now=now)
            await work.flush()
            view = await self._view(work, course, person)
        if is_new:
            log.info("course.changed_state", course=course_id, act=act.value)
        return view

    async def duplicate(
        self, who: Principal | None, course_id: str, starts_on: date, title: str | None = None
    ) -> ManagedCourseView:
        """Add a draft with the values of a course, whose first meeting is on that day.

        The hours are those of the course in its zone. It has no bookings, no internal note and no
        teachers. Raises Invalid.
        """
        person = await self._require(who, Permission.WRITE_COURSES, course_id)

        async def copy() -> ManagedCourseView:
            async with writing(self._context.database) as work:
                original = await _course(work, course_id)
                rows = await work.meetings.of_course(course_id)
                course, plan = copied(original, rows, starts_on, title)
                return await self._added(work, course, plan, person, copy_of=course_id)

        view = await trying_slugs(copy)
        log.info("course.created", course=view.id, copy_of=course_id)
        return view

    async def _require(
        self, who: Principal | None, permission: Permission, course_id: str | None = None
    ) -> _Person:
        """Return who asks. Raises Forbidden, CourseNotFound."""
        rights = await self._access.rights_of(who)
        rights.require(permission, course_id)
        assert who is not None, "rights_of refuses nobody"
        return _Person(rights.actor(who.user_id), rights)

    async def _added(
        self,
        work: UnitOfWork,
        course: EditedCourse,
        plan: MeetingPlan | None,
        person: _Person,
        **data: str,
    ) -> ManagedCourseView:
        """Add a draft with its audit row, and return it."""
        now = self._context.clock()
        row = await add_course(work, course, plan, fields=self._fields, actor=person.actor, now=now)
        record(work, row.id, "created", person.actor, now, states=(None, row.status), data=data)
        return await self._view(work, row, person)

    async def _view(self, work: UnitOfWork, course: Course, person: _Person) -> ManagedCourseView:
        meetings = await work.meetings.of_course(course.id)
        teachers = await work.course_teachers.of_course(course.id)
        kept = await kept_of(work, [course.id], person.rights)
        reserved = await work.bookings.reserved_of([course.id]) if course.held else {}
        return managed_view(
            course,
            meetings,
            teachers,
            self._fields,
            self._context.clock(),
            revenue=kept.get(course.id),
            reserved=reserved.get(course.id, 0),
        )


async def _course(work: UnitOfWork, course_id: str) -> Course:
    course = None
    if clean_id(course_id, ID_LENGTH) is not None:
        course = await work.session.get(Course, course_id)
    if course is None:
        raise CourseNotFound
    return course


async def _locked(work: UnitOfWork, course_id: str) -> Course:
    if clean_id(course_id, ID_LENGTH) is None:
        raise CourseNotFound
    course = await work.courses.lock(course_id)
    if course is None:
        raise CourseNotFound
    return course
