"""`/manage/money/payments`, `…/refunds`, `…/payouts`: what went through Stripe."""

from typing import Any
from urllib.parse import unquote

import reflex as rx

from coursebook.domain.rights import Permission, Rights
from coursebook.identity.principal import Principal
from coursebook.ui import validation
from coursebook.ui.presenters.manage.bookkeeping.money_lists import (
    PAYOUTS,
    MovementRow,
    PayoutRow,
    payment_row,
    payout_row,
    refund_row,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import UTC_NAME, ManageState, school_zone
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PAGE_SIZE = 50
MAX_ROWS = 500


class MoneyListState(ManageState, mixin=True):
    """Mixed into the state of a list about money. The state implements `_page` and `_rows_of`."""

    has_more: bool = False
    notice: Notice = Notice()

    _cursor: str = ""
    _zone: str = UTC_NAME

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next rows to the list."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            await self._read(self._require(), self._cursor, self.rows)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_REPORTS)
        self.notice = Notice()
        self._zone = await school_zone()
        await self._read(who, None, [])

    async def _read(self, who: Principal, cursor: str | None, before: list[Any]) -> None:
        page = await self._page(who, cursor)
        language = self._language()
        self.rows = [*before, *(self._row_of(item, language) for item in page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS

    async def _page(self, who: Principal, cursor: str | None) -> Any:
        """Return one page of the list."""
        raise NotImplementedError

    def _row_of(self, item: Any, language: str) -> Any:
        """Return one row in words."""
        raise NotImplementedError


class PaymentsState(MoneyListState, SessionState):
    """Payments by card, the newest first."""

    rows: list[MovementRow] = []

    async def _page(self, who: Principal, cursor: str | None) -> Any:
        return await services().bookkeeping.money_lists.payments(who, PAGE_SIZE, cursor)

    def _row_of(self, item: Any, language: str) -> MovementRow:
        return payment_row(item, self._zone, language)


class RefundsState(MoneyListState, SessionState):
    """Refunds to cards, the newest first."""

    rows: list[MovementRow] = []

    async def _page(self, who: Principal, cursor: str | None) -> Any:
        return await services().bookkeeping.money_lists.refunds(who, PAGE_SIZE, cursor)

    def _row_of(self, item: Any, language: str) -> MovementRow:
        return refund_row(item, self._zone, language)


class PayoutsState(MoneyListState, SessionState):
    """Payouts, the newest first."""

    rows: list[PayoutRow] = []

    async def _page(self, who: Principal, cursor: str | None) -> Any:
        return await services().bookkeeping.money_lists.payouts(who, PAGE_SIZE, cursor)

    def _row_of(self, item: Any, language: str) -> PayoutRow:
        return payout_row(item, self._zone, language)


class PayoutPageState(ManageState, SessionState):
    """One payout with its payments and refunds."""

    payout: PayoutRow = PayoutRow()
    payments: list[MovementRow] = []
    refunds: list[MovementRow] = []

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_REPORTS)
        payout_id = unquote(self.router.url.path).removeprefix(f"{PAYOUTS}/").strip("/")
        details = await services().bookkeeping.money_lists.payout(
            who, validation.identifier(payout_id) or "-"
        )
        zone = await school_zone()
        language = self._language()
        self.payout = payout_row(details.payout, zone, language)
        self.payments = [payment_row(each, zone, language) for each in details.payments]
        self.refunds = [refund_row(each, zone, language) for each in details.refunds]
