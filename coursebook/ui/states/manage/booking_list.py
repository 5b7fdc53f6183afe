"""`/manage/bookings`: bookings of all courses, with a search."""

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.services.operators.booking_search import FoundPage
from coursebook.ui.presenters.manage.booking_list import (
    BookingFilters,
    BookingListRow,
    booking_count_words,
    booking_filters_of,
    booking_list_row,
    no_booking_words,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

MAX_ROWS = 500
"""Bookings on the page at most; a search finds the others."""


class BookingListState(ManageState, SessionState):
    """The bookings that the address asks for, the newest first."""

    filters: BookingFilters = BookingFilters()
    applied: dict[str, str] = {}
    answered_query: str = ""
    rows: list[BookingListRow] = []
    count: str = ""
    empty: str = ""
    has_more: bool = False
    sees_contacts: bool = False
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next bookings to the list."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            query = self.filters.to_query(cursor=self._cursor)
            page = await services().booking_searches.page(self._require(), query)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())
            return
        self._show(page, self.rows)

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_PEOPLE)
        self.notice, self.sees_contacts = Notice(), rights.allows(Permission.SEE_CONTACTS)
        self.filters = booking_filters_of(self.router.url.query_parameters)
        self._show(await services().booking_searches.page(who, self.filters.to_query()), [])
        self.applied, self.answered_query = self.filters.set_values, self.router.url.query

    def _show(self, page: FoundPage, before: list[BookingListRow]) -> None:
        language, now = self._language(), services().clock()
        self.rows = [*before, *(booking_list_row(found, now, language) for found in page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS
        self.count = booking_count_words(len(self.rows), bool(self._cursor), language)
        self.empty = "" if self.rows else no_booking_words(self.filters, language)
