"""`/manage/courses/{id}/people`: who is coming to a course, and what they paid."""

from urllib.parse import unquote

import reflex as rx

from coursebook.domain.booking import RosterList
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError
from coursebook.identity.principal import Principal
from coursebook.services.manage.roster import MAX_IDS, RosterPage
from coursebook.ui import i18n, subscriptions, validation
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.people import (
    PAGE_SIZE,
    PeopleFilters,
    PeopleHead,
    PersonRow,
    attendance_head,
    count_words,
    empty_words,
    filters_of,
    list_counts,
    message_href,
    people_head,
    person_row,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import HIDDEN
from coursebook.ui.states.manage.course_tabs import CourseTabsState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

MAX_ROWS = 500
"""People on the page at most; a search finds the others."""
MAX_PRINTED = 2000
"""People on paper at most."""
TOO_MANY = 429


class PeopleState(CourseTabsState, SessionState):
    """The roster of the course in the address.

    `has_bookings`: those who are shown have bookings, they do not wait. `came_head`: the head of
    the column of attendance, which stands in the place of "Booked" from the day of the first
    meeting on, "" before. `sees_money`: the list "Owes" and the order by payment are offered.
    `file` and `file_query` are the address of the file with the same people, without its ending,
    and its query. `chosen` are the ids of the rows that are ticked, `chosen_query` is the query of
    the file with them alone.
    """

    course_id: str = ""
    head: PeopleHead = PeopleHead()
    filters: PeopleFilters = PeopleFilters()
    applied: dict[str, str] = {}
    answered_query: str = ""
    came_head: str = ""
    counts: dict[str, str] = {}
    rows: list[PersonRow] = []
    count: str = ""
    empty: str = ""
    has_more: bool = False
    has_bookings: bool = True
    message_href: str = ""
    sees_money: bool = False
    sees_contacts: bool = False
    may_move_money: bool = False
    may_change: bool = False
    may_write: bool = False
    file: str = ""
    file_query: str = ""
    chosen: list[str] = []
    chosen_query: str = ""
    chosen_ids: str = ""
    chosen_words: str = ""
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next people to the list."""
        if self._cursor and len(self.rows) < MAX_ROWS:
            await self._add(PAGE_SIZE)

    @rx.event
    async def all_needed(self) -> None:
        """Add all people of the list, as far as they are printed."""
        if self._cursor and len(self.rows) < MAX_PRINTED:
            await self._add(MAX_PRINTED - len(self.rows))
        self.has_more = False

    @rx.event
    async def export_failed(self, status: int) -> None:
        """Say that there is no file; `status` is that of the answer, 0 without one."""
        problems = i18n.manage_of(self._language()).EXPORT_PROBLEM
        self.notice = Notice(problems["too_many" if status == TOO_MANY else "failed"], "bad")

    @rx.event
    async def person_ticked(self, booking_id: str) -> None:
        """Choose a person of the list, or take the choice back."""
        if validation.identifier(booking_id) is None:
            return
        rest = [one for one in self.chosen if one != booking_id]
        self._choose(rest if len(rest) < len(self.chosen) else [*rest, booking_id])

    @rx.event
    async def all_ticked(self) -> None:
        """Choose everybody who is shown, or nobody when somebody is chosen."""
        self._choose([] if self.chosen else [row.id for row in self.rows])

    @rx.event
    async def resend_clicked(self, token: str) -> None:
        """Send the confirmation again to everybody who is chosen."""
        try:
            who = await self._fresh(token)
            chosen = self.chosen[:MAX_IDS]
            count = await services().roster_mails.resend(who, self._course_id(), chosen)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        forms = i18n.manage_of(self._language()).CONFIRMATIONS_SENT
        self.notice = Notice(say.counted(count, forms, self._language()), "good")
        self._choose([])

    def _choose(self, booking_ids: list[str]) -> None:
        shown = {row.id for row in self.rows} if self.has_bookings else set()
        self.chosen = [one for one in booking_ids if one in shown][:MAX_IDS]
        self.chosen_ids = ",".join(self.chosen)
        self.chosen_query = f"?ids={self.chosen_ids}"
        forms = i18n.manage_of(self._language()).PEOPLE_CHOSEN
        self.chosen_words = say.counted(len(self.chosen), forms, self._language())

    async def _add(self, count: int) -> None:
        try:
            query = self.filters.to_query(cursor=self._cursor, limit=count)
            page = await services().rosters.page(self._require(), self._course_id(), query)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(page, self.rows)

    @rx.event
    async def changed_elsewhere(self) -> None:
        """Read the people that are shown again, because a booking or a payment has changed.

        The server calls it; anybody may. It shows what the person may see now.
        """
        is_shown = self.view_state == "content" and self.shown_path == self.router.url.path
        if not is_shown or self._course_id() == "-" or self._who() is None:
            return
        try:
            query = self.filters.to_query(limit=max(PAGE_SIZE, len(self.rows)))
            who = self._require()
            page = await services().rosters.page(who, self._course_id(), query)
            await self._count_tabs(who, self._course_id())
        except HIDDEN:
            await self._open()
        except CoursebookError:
            return  # the next change, or the person, loads again
        else:
            self._show(page, [])

    async def _load(self, who: Principal, rights: Rights) -> None:
        course_id = self._course_id()
        self.notice, self.course_id = Notice(), course_id
        self.sees_money = rights.allows(Permission.SEE_MONEY, course_id)
        self.sees_contacts = rights.allows(Permission.SEE_CONTACTS, course_id)
        self.may_move_money = rights.allows(Permission.MOVE_MONEY, course_id)
        self.may_write = rights.allows(Permission.SEND_MESSAGES, course_id)
        self.may_change = rights.allows(Permission.CHANGE_BOOKINGS, course_id)
        self.filters = filters_of(self.router.url.query_parameters, sees_money=self.sees_money)
        self.has_bookings = self.filters.list != RosterList.WAITING.value
        self.message_href = message_href(course_id, self.filters)
        self._show(await services().rosters.page(who, course_id, self.filters.to_query()), [])
        await self._count_tabs(who, course_id)
        self.applied, self.answered_query = self.filters.set_values, self.router.url.query
        self.file = f"/api/manage/courses/{course_id}/people"
        self.file_query = self.filters.export_query
        subscriptions.watch_managed(self._tab(), [course_id], "people")

    def _show(self, page: RosterPage, before: list[PersonRow]) -> None:
        language, zone = self._language(), page.course.timezone or "UTC"
        now = services().clock()
        self.head, self.counts = people_head(page, language), list_counts(page, language)
        self.came_head = attendance_head(page.meeting, zone, language)
        rows = [person_row(one, zone, now, language, page.meeting) for one in page.items]
        self.rows = [*before, *rows]
        self._choose(self.chosen)
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS
        self.count = count_words(len(self.rows), bool(self._cursor), language)
        self.empty = "" if self.rows else empty_words(self.filters, language)

    def _course_id(self) -> str:
        """Return the id in the address; "-" (no course) when it cannot be one."""
        path = unquote(self.router.url.path).strip("/")
        course_id = path.removeprefix("manage/courses/").partition("/")[0]
        return validation.identifier(course_id) or "-"
