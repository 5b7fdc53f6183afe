"""`/manage/money`: what needs a decision about money."""

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.views import InboxPage
from coursebook.ui import subscriptions
from coursebook.ui.presenters.manage.money_inbox import inbox_row
from coursebook.ui.presenters.rows import InboxRow, Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN, UTC_NAME, ManageState, school_zone
from coursebook.ui.states.manage.inbox_action import InboxActionState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage/money"
PAGE_SIZE = 50
MAX_ROWS = 500


class MoneyState(ManageState, InboxActionState, SessionState):
    """The open entries of the money inbox: what is not where it should be, and what to do by hand.

    `may_act`: the person may move money.
    """

    misplaced: list[InboxRow] = []
    by_hand: list[InboxRow] = []
    has_more: bool = False
    may_act: bool = False

    _cursor: str = ""
    _sees_people: bool = False
    _zone: str = UTC_NAME

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next entries to the list."""
        shown = [*self.misplaced, *self.by_hand]
        if not self._cursor or len(shown) >= MAX_ROWS:
            return
        try:
            page = await services().inbox.list_of(
                self._require(), limit=PAGE_SIZE, cursor=self._cursor
            )
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(page, shown)

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the entries again, because one was opened, acted on or closed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        if not self._is_at(PATH) or self._who() is None or self.is_busy:
            return
        try:
            who = self._require()
            rights = await services().access.rights_of(who)
            page = await services().inbox.list_of(who, limit=PAGE_SIZE)
            await self._count_inbox(rights)
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again
        else:
            self._show(page, [])

    async def _load(self, who: Principal, rights: Rights) -> None:
        self.notice, self.is_busy, self.note_problems = Notice(), False, {}
        self.may_act = rights.allows(Permission.MOVE_MONEY)
        self._sees_people = rights.allows(Permission.SEE_PEOPLE)
        self._zone = await school_zone()
        self._show(await services().inbox.list_of(who, limit=PAGE_SIZE), [])
        subscriptions.watch_inbox(self._tab())

    def _show(self, page: InboxPage, before: list[InboxRow]) -> None:
        language, now = self._language(), services().clock()
        rows = [
            *before,
            *(
                inbox_row(entry, now, self._zone, language, sees_people=self._sees_people)
                for entry in page.items
            ),
        ]
        self.misplaced = [row for row in rows if not row.is_by_hand]
        self.by_hand = [row for row in rows if row.is_by_hand]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(rows) < MAX_ROWS
