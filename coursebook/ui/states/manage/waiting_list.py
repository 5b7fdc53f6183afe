"""`/manage/courses/{id}/waiting`: who waits for a place, and whose place is kept."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError, Invalid
from coursebook.identity.principal import Principal
from coursebook.services.waiting_list.views import ManagedListView
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters.managed_waiting_list import (
    WaitingHead,
    WaitingRow,
    waiting_head,
    waiting_rows,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN
from coursebook.ui.states.manage.course_tabs import CourseTabsState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

MAX_REASON = 200
NOTICE, LIST, REASON = "waiting-notice", "waiting-list", "reason"
"""The ids of what takes the focus after an act."""


class WaitingListState(CourseTabsState, SessionState):
    """The list of the course in the address.

    `chosen` is who is moved to the front when the form is sent; its `problem` stands at the field.
    The focus goes to `focus_target` when `focus_stamp` changes: what was pressed may be gone.
    """

    course_id: str = ""
    head: WaitingHead = WaitingHead()
    offered: list[WaitingRow] = []
    rows: list[WaitingRow] = []
    may_change: bool = False
    may_write: bool = False
    may_edit: bool = False
    chosen: WaitingRow = WaitingRow()
    problem: str = ""
    notice: Notice = Notice()
    focus_target: str = ""
    focus_stamp: int = 0

    @rx.event
    async def offer_clicked(self, entry_id: str, token: str) -> None:
        """Keep a place for this person at once; a full course gets one place more."""
        lists = services().managed_waiting_lists
        await self._act(
            token,
            "offered",
            lambda who, course: lists.offer(who, course, _id(entry_id), one_more=True),
        )

    @rx.event
    async def remove_clicked(self, entry_id: str, token: str) -> None:
        """Take this person off the list, or end their offer."""
        lists = services().managed_waiting_lists
        await self._act(
            token, "removed", lambda who, course: lists.remove(who, course, _id(entry_id))
        )

    @rx.event
    async def front_clicked(self, entry_id: str) -> None:
        """Ask for the reason to move this person to the front; again asks no more."""
        rows = [row for row in self.rows if row.id == entry_id and row.id != self.chosen.id]
        self.chosen, self.problem = rows[0] if rows else WaitingRow(), ""
        self._focus(REASON if rows else LIST)

    @rx.event
    async def front_sent(self, token: str, texts: dict[str, str]) -> None:
        """Move the chosen person to the front."""
        values = texts if isinstance(texts, Mapping) else {}
        reason = validation.text(values.get("reason"), MAX_REASON) or ""
        lists, entry_id = services().managed_waiting_lists, self.chosen.id
        await self._act(
            token,
            "moved",
            lambda who, course: lists.move_to_front(who, course, _id(entry_id), reason),
        )

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the list again. The server calls it; anybody may."""
        is_shown = self.view_state == "content" and self.shown_path == self.router.url.path
        if not is_shown or self._course_in_address() == "-" or self._who() is None:
            return
        try:
            who, course_id = self._require(), self._course_in_address()
            self._show(await services().managed_waiting_lists.get(who, course_id))
            await self._count_tabs(who, course_id)
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again

    async def _act(
        self,
        token: str,
        name: str,
        act: Callable[[Principal, str], Awaitable[ManagedListView]],
    ) -> None:
        language = self._language()
        try:
            who, course_id = await self._fresh(token), self._course_in_address()
            view = await act(who, course_id)
            await self._count_tabs(who, course_id)
        except Invalid as error:
            self.problem = i18n.text_of(error.errors[0].detail, language)
            self._focus(REASON)
            return
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, language)
            self._focus(NOTICE)
            return
        self._show(view)
        self.chosen, self.problem = WaitingRow(), ""
        self.notice = Notice(i18n.manage_of(language).WAITING_DONE[name], "good")
        self._focus(NOTICE)

    def _focus(self, target: str) -> None:
        self.focus_target, self.focus_stamp = target, self.focus_stamp + 1

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id = self._course_in_address()
        self.notice, self.chosen, self.problem = Notice(), WaitingRow(), ""
        self._show(await services().managed_waiting_lists.get(who, course_id))
        self.course_id = course_id
        await self._count_tabs(who, course_id)
        self.may_change = rights.allows(Permission.CHANGE_BOOKINGS, course_id)
        self.may_write = rights.allows(Permission.SEND_MESSAGES, course_id)
        self.may_edit = rights.allows(Permission.WRITE_COURSES, course_id)
        subscriptions.watch_managed(self._tab(), [course_id], "waiting")

    def _show(self, view: ManagedListView) -> None:
        language = self._language()
        self.head = waiting_head(view, language)
        self.offered, self.rows = waiting_rows(view, services().clock(), language)

    def _course_in_address(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"


def _id(entry_id: object) -> str:
    return validation.identifier(entry_id) or "-"
