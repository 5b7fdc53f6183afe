"""`/manage`: the first page of the console."""

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.ui import subscriptions
from coursebook.ui.presenters.manage.bookkeeping.week import WeekBlock, week_block
from coursebook.ui.presenters.manage.course_list import ManagedCourseRow, course_row
from coursebook.ui.presenters.manage.day import (
    MeetingTodayRow,
    NeedRow,
    head_words,
    meeting_today_row,
    need_rows,
    next_of,
    nothing_words,
)
from coursebook.ui.presenters.manage.readiness import ReadyBlock, ready_block
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN, ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage"
NEXT = 5
"""How many of the next courses the page shows."""


class TodayState(ManageState, SessionState):
    """The meetings of today, what needs somebody, and what lies ahead.

    `ready` is empty for people who may not change courses, `needs` for those who may not see money.
    `nothing` says what comes next on a day without meetings.
    """

    head: str = ""
    meetings: list[MeetingTodayRow] = []
    nothing: str = ""
    needs: list[NeedRow] = []
    sees_needs: bool = False
    ready: ReadyBlock = ReadyBlock()
    next_courses: list[ManagedCourseRow] = []
    may_write: bool = False
    are_terms_shown: bool = False
    notice: Notice = Notice()
    week: WeekBlock = WeekBlock()
    may_search: bool = False

    @rx.event
    async def terms_clicked(self, token: str) -> None:
        """Show the usual cancellation terms, and remember that somebody looked at them."""
        try:
            who = await self._fresh(token)
            await services().readiness.look_at_terms(who)
            await self._load_ready(who)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self.are_terms_shown, self.notice = True, Notice()

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the day again, because a booking, a tick or an entry of the inbox has changed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        if not self._is_at(PATH) or self._who() is None:
            return
        try:
            who = self._require()
            rights = await services().access.rights_of(who)
            await self._count_inbox(rights)
            await self._load_day(who, rights)
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again

    async def _load(self, who: Principal, rights: Rights) -> None:
        self.are_terms_shown, self.notice, self.ready = False, Notice(), ReadyBlock()
        self.may_write = rights.allows(Permission.WRITE_COURSES)
        if self.may_write:
            await self._load_ready(who)
        language, now = self._language(), services().clock()
        page = await services().managed_courses.list_of(who, ManagedQuery(limit=NEXT))
        self.next_courses = [course_row(course, rights, now, language) for course in page.items]
        await self._load_day(who, rights)

    async def _load_day(self, who: Principal, rights: Rights) -> None:
        day, language = await services().school_days.today(who), self._language()
        self.head, self.nothing = head_words(day, language), nothing_words(day, language)
        self.week, self.may_search = week_block(day.week, language), day.may_search
        self.sees_needs = rights.allows(Permission.SEE_MONEY)
        self.needs = need_rows(day, language)
        first = next_of(day, services().clock())
        self.meetings = [
            meeting_today_row(
                found,
                day,
                language,
                is_first=number == first,
                sees_people=rights.allows(Permission.SEE_PEOPLE, found.meeting.course_id),
            )
            for number, found in enumerate(day.meetings)
        ]
        course_ids = {found.meeting.course_id for found in day.meetings}
        subscriptions.watch_day(self._tab(), course_ids, sees_inbox=self.sees_needs)

    async def _load_ready(self, who: Principal) -> None:
        points = await services().readiness.points(who)
        self.ready = ready_block(points, self._language())
