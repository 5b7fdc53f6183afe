"""`/manage/courses`: the courses of the school, for the people who manage them."""

import reflex as rx

from coursebook.domain.course_edits.course_state import CourseAct
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.manage.views import ManagedPage
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.manage.course_list import (
    PAGE_SIZE,
    ListFilters,
    ManagedCourseRow,
    count_mark,
    count_words,
    course_row,
    empty_words,
    filters_of,
    read_as_words,
)
from coursebook.ui.presenters.manage.readiness import ReadyBlock, ready_block
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN, ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage/courses"
MAX_ROWS = 200
"""Courses on the page at most; a search finds the others."""
ACTS = ("open", "close", "unpublish", "archive", "restore")
"""The acts of the menu; publishing is on the form, which says what is missing."""


class ManagedCoursesState(ManageState, SessionState):
    """The list of one address.

    `face` is `rows`, `none` (the school has no course), `no_hit` (of a search) or `nothing`.
    """

    filters: ListFilters = ListFilters()
    applied: dict[str, str] = {}
    answered_query: str = ""
    counts: dict[str, str] = {}
    rows: list[ManagedCourseRow] = []
    face: str = "rows"
    empty_title: str = ""
    count: str = ""
    read_as: str = ""
    has_more: bool = False
    may_write: bool = False
    sees_money: bool = False
    ready: ReadyBlock = ReadyBlock()
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next courses to the list."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            who = self._require()
            rights = await services().access.rights_of(who)
            page = await services().managed_courses.list_of(
                who, self.filters.to_query(self._cursor)
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(page, rights, self.rows)

    @rx.event
    async def act_clicked(self, course_id: str, act: str, token: str) -> None:
        """Open or close booking, withdraw, archive or restore a course, and show the list anew."""
        if validation.identifier(course_id) is None or act not in ACTS:
            return
        try:
            who = await self._fresh(token)
            view = await services().managed_courses.act(who, course_id, CourseAct(act))
            await self._load_for(who)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        title = view.title or self._console_words().UNTITLED
        text = self._console_words().ACT_DONE[act].format(title=title)
        self.notice = Notice(text, "good")

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the courses that are shown again, because one of them has changed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        if not self.rows or not self._is_at(PATH) or self._who() is None:
            return
        try:
            who = self._require()
            rights = await services().access.rights_of(who)
            query = self.filters.to_query(limit=max(PAGE_SIZE, len(self.rows)))
            page = await services().managed_courses.list_of(who, query)
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again
        else:
            self._show(page, rights, [])

    async def _load(self, who: Principal, rights: Rights) -> None:
        self.filters = filters_of(self.router.url.query_parameters)
        self.notice, self.ready = Notice(), ReadyBlock()
        self.may_write = rights.allows(Permission.WRITE_COURSES)
        self.sees_money = rights.allows(Permission.SEE_MONEY)
        page = await services().managed_courses.list_of(who, self.filters.to_query())
        counts = await services().managed_courses.counts(who)
        self.counts = {name: count_mark(count) for name, count in counts.items()}
        self._show(page, rights, [])
        if not self.rows:
            await self._explain_empty(who, has_courses=any(counts.values()))
        self.applied, self.answered_query = self.filters.set_values, self.router.url.query

    def _show(self, page: ManagedPage, rights: Rights, before: list[ManagedCourseRow]) -> None:
        language, now = self._language(), services().clock()
        rows = [course_row(course, rights, now, language) for course in page.items]
        self.rows = [*before, *rows]
        self.face = "rows"
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS
        self.count = count_words(len(self.rows), bool(self._cursor), language)
        subscriptions.watch_managed(self._tab(), [row.id for row in self.rows])
        self.read_as = read_as_words(page.read_as, self.filters.q, language)

    async def _explain_empty(self, who: Principal, *, has_courses: bool) -> None:
        self.empty_title = empty_words(self.filters, self._language())
        if self.filters.q:
            self.face = "no_hit"
            return
        self.face = "nothing"
        if self.may_write and not has_courses and not self.filters.list:
            self.face = "none"
            points = await services().readiness.points(who)
            self.ready = ready_block(points, self._language())

    def _console_words(self) -> i18n.Words:
        return i18n.manage_of(self._language())
