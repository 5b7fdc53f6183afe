"""`/manage`: the first page of the console."""

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.services.manage.course_query import ManagedQuery
from coursebook.ui.presenters.manage.course_list import ManagedCourseRow, course_row
from coursebook.ui.presenters.manage.readiness import ReadyBlock, ready_block
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

NEXT = 5
"""How many of the next courses the page shows."""


class TodayState(ManageState, SessionState):
    """What lies ahead. `ready` is empty for people who may not change courses."""

    ready: ReadyBlock = ReadyBlock()
    next_courses: list[ManagedCourseRow] = []
    may_write: bool = False
    are_terms_shown: bool = False
    notice: Notice = Notice()

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

    async def _load(self, who: Principal, rights: Rights) -> None:
        self.are_terms_shown, self.notice, self.ready = False, Notice(), ReadyBlock()
        self.may_write = rights.allows(Permission.WRITE_COURSES)
        if self.may_write:
            await self._load_ready(who)
        language, now = self._language(), services().clock()
        page = await services().managed_courses.list_of(who, ManagedQuery(limit=NEXT))
        self.next_courses = [course_row(course, rights, now, language) for course in page.items]

    async def _load_ready(self, who: Principal) -> None:
        points = await services().readiness.points(who)
        self.ready = ready_block(points, self._language())
