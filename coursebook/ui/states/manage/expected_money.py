"""`/manage/money/expected`: money that is still to come by hand."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import reflex as rx

from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import CoursebookError, FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.services.manage.by_hand.offline_payments import Receipt
from coursebook.services.views import MoneyView
from coursebook.ui import i18n, validation
from coursebook.ui.presenters.manage.expected_money import ExpectedRow, expected_row
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

PATH = "/manage/money/expected"
PAGE_SIZE = 50
MAX_ROWS = 500
MAX_SENT = 600
FIELDS = ("received_on", "reason", "due_on")
RECORD, VOID = "record", "void"


class ExpectedState(ManageState, SessionState):
    """The list, and the dialog about one row: `act` is `record` or `void`, "" while it is closed.

    `chosen` is that row; `stamp` differs for each opening. `problems` has the sentence of each
    wrong field, `refused` the one about anything else: the dialog stays open with what was typed.
    """

    rows: list[ExpectedRow] = []
    has_more: bool = False
    may_act: bool = False
    chosen: ExpectedRow = ExpectedRow()
    act: str = ""
    stamp: int = 0
    problems: dict[str, str] = dict.fromkeys(FIELDS, "")
    refused: str = ""
    notice: Notice = Notice()

    _cursor: str = ""

    @rx.event
    async def more_clicked(self) -> None:
        """Add the next rows to the list."""
        if not self._cursor or len(self.rows) >= MAX_ROWS:
            return
        try:
            await self._read(self._require(), self._cursor, self.rows)
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            self.notice = notice_of(error, self._language())

    @rx.event
    async def record_clicked(self, payment_id: str) -> None:
        """Ask when and how the money of a row came."""
        self._ask(payment_id, RECORD)

    @rx.event
    async def void_clicked(self, payment_id: str) -> None:
        """Ask why a row is void."""
        self._ask(payment_id, VOID)

    @rx.event
    async def closed(self, stamp: int) -> None:
        """Forget the dialog that was closed in the browser."""
        if stamp == self.stamp:
            self.act = ""

    @rx.event
    async def recorded(self, token: str, texts: dict[str, str]) -> None:
        """Write down that the money of the chosen row came."""
        values = texts if isinstance(texts, Mapping) else {}
        row, language = self.chosen, self._language()
        try:
            who = await self._fresh(token)
            receipt = Receipt(
                MoneyView(row.kept_amount, row.kept_currency),
                method=_method(_text(values, "method"), row.method),
                received_on=_day(_text(values, "received_on"), "received_on"),
                reference=_text(values, "reference"),
            )
            await services().offline_payments.mark_received(
                who, row.booking_id or "-", row.id or "-", receipt
            )
            await self._read(who, None, [])
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            await self._refuse(error)
            return
        form = str(i18n.manage_of(language).EXPECTED_RECORDED)
        self.act = ""
        self.notice = Notice(form.format(amount=row.amount, name=row.name), "good")

    @rx.event
    async def voided(self, token: str, texts: dict[str, str]) -> None:
        """Void the chosen row, with a reason."""
        values = texts if isinstance(texts, Mapping) else {}
        row, language = self.chosen, self._language()
        try:
            who = await self._fresh(token)
            await services().offline_payments.void(
                who,
                row.booking_id or "-",
                row.id or "-",
                _text(values, "reason"),
                _day(_text(values, "due_on"), "due_on"),
            )
            await self._read(who, None, [])
        except Exception as error:  # noqa: BLE001 - every error becomes a sentence
            await self._refuse(error)
            return
        self.act = ""
        self.notice = Notice(str(i18n.manage_of(language).EXPECTED_VOIDED), "good")

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_MONEY)
        self.notice, self.act, self.chosen = Notice(), "", ExpectedRow()
        self.may_act = rights.allows(Permission.MOVE_MONEY)
        await self._read(who, None, [])

    async def _read(self, who: Principal, cursor: str | None, before: list[ExpectedRow]) -> None:
        page = await services().offline_payments.expected(who, PAGE_SIZE, cursor)
        language = self._language()
        self.rows = [*before, *(expected_row(payment, language) for payment in page.items)]
        self._cursor = page.next_cursor or ""
        self.has_more = bool(self._cursor) and len(self.rows) < MAX_ROWS

    def _ask(self, payment_id: str, act: str) -> None:
        row = next((row for row in self.rows if row.id == payment_id), None)
        if row is not None:
            self.chosen, self.act = row, act
            self.stamp += 1
            self.problems, self.refused = dict.fromkeys(FIELDS, ""), ""

    async def _refuse(self, error: Exception) -> None:
        """Say what is wrong. The dialog closes only when its row is no longer in the list."""
        language = self._language()
        self.problems, self.refused = dict.fromkeys(FIELDS, ""), ""
        for problem in error.errors if isinstance(error, Invalid) else ():
            name = problem.pointer.rpartition("/")[2]
            if name in self.problems:
                self.problems[name] = i18n.text_of(problem.detail, language)
        if any(self.problems.values()):
            return
        notice = notice_of(error, language)
        self.refused = notice.text
        with suppress(CoursebookError):
            await self._read(self._require(), None, [])
        row = next((row for row in self.rows if row.id == self.chosen.id), None)
        if row is None:
            self.act, self.notice = "", notice
        else:
            self.chosen = row


def _text(values: Mapping[str, object], name: str) -> str:
    return validation.text(values.get(name), MAX_SENT) or ""


def _method(text: str, before: str) -> Method:
    names = [name for name in (text, before) if name in list(Method)]
    return Method(names[0]) if names else Method.OTHER


def _day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid([FieldError(f"/{name}", "This day is over.")]) from None
