"""`/manage/history`: what happened at the school."""

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.ui.presenters.manage.history import (
    HistoryLineRow,
    history_count_words,
    history_line_row,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState, school_zone
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAGE_SIZE = 50
MAX_ROWS = 500


class SchoolHistoryState(ManageState, SessionState):
    """The lines, the newest first."""

    rows: list[HistoryLineRow] = []
    count: str = ""
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
        rights.require(Permission.MANAGE_SETTINGS)
        self.notice = Notice()
        self._timezone = await school_zone()
        await self._read(who, None, [])

    async def _read(self, who: Principal, cursor: str | None, before: list[HistoryLineRow]) -> None:
        language = self._language()
        page = await services().school_histories.page(who, PAGE_SIZE, cursor)
        rows = [history_line_row(line, self._timezone, language) for line in page.items]
        self.rows = [*before, *rows]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS
        self.count = history_count_words(len(self.rows), bool(self._cursor), language)
