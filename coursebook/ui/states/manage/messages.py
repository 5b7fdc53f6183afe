"""`/manage/messages`: the messages to the people of courses, and one with its log."""

from urllib.parse import unquote

import reflex as rx

from coursebook.domain.messaging.message_state import RecipientState
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.manage.messaging.course_messages import MessageQuery
from coursebook.services.manage.messaging.message_views import MessagePage
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.manage.messages import (
    MessageDetail,
    MessageRow,
    RecipientRow,
    message_detail,
    message_row,
    recipient_row,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN, ManageState
from coursebook.ui.states.manage.course_tabs import CourseTabsState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

LIST = "/manage/messages"
PAGE_SIZE = 50
MAX_ROWS = 500


class MessageListState(CourseTabsState, SessionState):
    """The list, of all courses or of the one in the address (`course_title`)."""

    rows: list[MessageRow] = []
    has_more: bool = False
    course_id: str = ""
    course_title: str = ""
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next messages to the list."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            page = await services().course_messages.list_of(self._require(), self._query())
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(page, self.rows)

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEND_MESSAGES)
        asked = self.router.url.query_parameters.get("course", "")
        self.course_id = validation.identifier(asked) or ""
        self.notice, self.course_title, self._cursor = Notice(), "", ""
        if self.course_id:
            course = await services().managed_courses.get(who, self.course_id)
            self.course_title = course.title or ""
            await self._count_tabs(who, self.course_id)
        self._show(await services().course_messages.list_of(who, self._query()), [])

    def _query(self) -> MessageQuery:
        return MessageQuery(
            course_id=self.course_id or None, limit=PAGE_SIZE, cursor=self._cursor or None
        )

    def _show(self, page: MessagePage, before: list[MessageRow]) -> None:
        language = self._language()
        self.rows = [*before, *(message_row(message, language) for message in page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS


class MessageState(ManageState, SessionState):
    """The message in the address, and its log. `listed` is the state that the log is narrowed to.

    The log follows what happens by itself.
    """

    message: MessageDetail = MessageDetail()
    people: list[RecipientRow] = []
    listed: str = ""
    has_more: bool = False
    is_stopping: bool = False
    stamp: int = 0
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next people to the log."""
        if not self._cursor or len(self.people) >= MAX_ROWS:
            return
        try:
            await self._read(self._require(), len(self.people) + PAGE_SIZE)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    @rx.event
    async def list_chosen(self, listed: str) -> None:
        """Show only the people of one state, or all of them."""
        self.listed = listed if listed in list(RecipientState) else ""
        try:
            await self._read(self._require(), PAGE_SIZE)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    @rx.event
    async def stop_asked(self) -> None:
        """Ask whether to stop it."""
        self.is_stopping, self.stamp = True, self.stamp + 1

    @rx.event
    async def stop_closed(self, stamp: int) -> None:
        """Forget the question that was closed in the browser."""
        if stamp == self.stamp:
            self.is_stopping = False

    @rx.event
    async def stop_clicked(self, token: str) -> None:
        """Stop it: the rest is skipped."""
        language = self._language()
        try:
            who = await self._fresh(token)
            await services().course_messages.stop(who, self._message_id())
            self.notice = Notice(i18n.manage_of(language).MESSAGE_STOPPED_NOW, "good")
            await self._read(who, PAGE_SIZE)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, language)
        self.is_stopping = False

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read it again, because a mail of the course was sent.

        The server calls it; anybody may. It shows what the person may see now.
        """
        is_shown = self.view_state == "content" and self.shown_path == self.router.url.path
        if not is_shown or self._who() is None:
            return
        try:
            await self._read(self._require(), max(PAGE_SIZE, len(self.people)))
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEND_MESSAGES)
        self.notice, self.listed, self.is_stopping = Notice(), "", False
        await self._read(who, PAGE_SIZE)

    async def _read(self, who: Principal, most: int) -> None:
        """Read the message and the first people of its log."""
        messages, language = services().course_messages, self._language()
        message = await messages.get(who, self._message_id())
        states = (RecipientState(self.listed),) if self.listed else ()
        page = await messages.recipients(who, message.id, states=states, limit=min(most, MAX_ROWS))
        self.message = message_detail(message, language)
        self.people = [recipient_row(one, n, language) for n, one in enumerate(page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.people) < MAX_ROWS
        subscriptions.watch_managed(self._tab(), [message.course_id], "message")

    def _message_id(self) -> str:
        """Return the id in the address; "-" (no message) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        return validation.identifier(path.removeprefix("manage/messages/")) or "-"
