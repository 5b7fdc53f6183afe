"""`/manage/courses/{id}/history`: what happened to a course and to its bookings."""

from urllib.parse import unquote

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.ui import i18n, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.history import (
    HistoryLineRow,
    history_count_words,
    history_line_row,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.course_tabs import CourseTabsState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAGE_SIZE = 50
MAX_ROWS = 500


class CourseHistoryState(CourseTabsState, SessionState):
    """The lines of the course in the address, the newest first. `zone` says how to read times."""

    course_id: str = ""
    course_title: str = ""
    rows: list[HistoryLineRow] = []
    count: str = ""
    zone: str = ""
    has_more: bool = False
    notice: Notice = Notice()

    _cursor: str = ""
    _timezone: str = "UTC"

    @rx.event
    async def more_clicked(self) -> None:
        """Add the lines before those that are shown."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            await self._read(self._require(), self._cursor, self.rows)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id, language = self._course_in_address(), self._language()
        rights.require(Permission.SEE_COURSES, course_id)
        course = await services().managed_courses.get(who, course_id)
        self.notice, self.course_id = Notice(), course_id
        self.course_title = course.title or i18n.manage_of(language).UNTITLED
        await self._count_tabs(who, course_id)
        self._timezone = course.timezone or "UTC"
        zone = say.zone_words(self._timezone, language)
        self.zone = i18n.manage_of(language).STORY_ZONE.format(zone=zone)
        await self._read(who, None, [])

    async def _read(self, who: Principal, cursor: str | None, before: list[HistoryLineRow]) -> None:
        course_id, language = self._course_in_address(), self._language()
        page = await services().course_histories.page(who, course_id, PAGE_SIZE, cursor)
        rows = [history_line_row(line, self._timezone, language) for line in page.items]
        self.rows = [*before, *rows]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS
        self.count = history_count_words(len(self.rows), bool(self._cursor), language)

    def _course_in_address(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"
