"""`/manage/reports`: money, places and attendance of some days."""

from dataclasses import replace
from datetime import date

import reflex as rx

from coursebook.domain.bookkeeping.ledger_lines import Grouping
from coursebook.domain.rights import Permission, Rights
from coursebook.errors import Invalid
from coursebook.identity.principal import Principal
from coursebook.ui import i18n
from coursebook.ui.presenters.manage.bookkeeping.reports import (
    ATTENDANCE,
    LEDGER,
    MAX_LINES,
    PLACES,
    MoneyTables,
    ReportFilters,
    ReportTableRow,
    attendance_rows,
    has_room_for_people,
    ledger_rows,
    money_tables,
    nothing_in,
    nothing_line,
    occupancy_rows,
    report_filters_of,
    zone_line,
)
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.error_messages import notice_of
from coursebook.ui.states.manage.base import ManageState
from coursebook.ui.states.session import SessionState
from coursebook.wiring import services

TOO_MANY = 429


class ReportsState(ManageState, SessionState):
    """The report that the address asks for.

    `filters` has the days that are shown, also when the address names none.
    `rows` is the table of places, attendance or the ledger; `money` has all that is shown of one
    currency.
    `nothing` says why there is no number. `file_query` is that of the ledger as a file.
    """

    filters: ReportFilters = ReportFilters()
    applied: dict[str, str] = {}
    answered_query: str = ""
    days: str = ""
    money: MoneyTables = MoneyTables()
    rows: list[ReportTableRow] = []
    nothing: str = ""
    file_query: str = ""
    notice: Notice = Notice()

    @rx.event
    async def export_failed(self, status: int) -> None:
        """Say that there is no file; `status` is that of the answer, 0 without one."""
        problems = i18n.manage_of(self._language()).EXPORT_PROBLEM
        self.notice = Notice(problems["too_many" if status == TOO_MANY else "failed"], "bad")

    async def _load(self, who: Principal, rights: Rights) -> None:
        rights.require(Permission.SEE_REPORTS)
        self.filters = report_filters_of(self.router.url.query_parameters)
        self.applied, self.answered_query = self.filters.set_values, self.router.url.query
        self.notice, self.nothing, self.days = Notice(), "", ""
        self.money, self.rows, self.file_query = MoneyTables(), [], ""
        try:
            await self._read(who)
        except Invalid as error:
            self.notice = notice_of(error, self._language())

    async def _read(self, who: Principal) -> None:
        filters, language = self.filters, self._language()
        query = filters.to_query()
        if filters.view == PLACES:
            places = await services().bookkeeping.reports.occupancy(who, query)
            first, last, zone = places.period.first, places.period.last, places.period.zone.key
            self.rows = occupancy_rows(places, language)
        elif filters.view == ATTENDANCE:
            came = await services().attendance_reports.report(who, query.first, query.last)
            first, last = date.fromisoformat(came.first_day), date.fromisoformat(came.last_day)
            zone, self.rows = came.timezone, attendance_rows(came, language)
            if not has_room_for_people(came):
                self.notice = Notice(i18n.manage_of(language).REPORT_MANY_PEOPLE, "info")
        elif filters.view == LEDGER:
            ledger = services().bookkeeping.ledger_exports
            period, lines = await ledger.first_lines(who, query, MAX_LINES + 1)
            first, last, zone = period.first, period.last, period.zone.key
            rights = await services().access.rights_of(who)
            sees_people = rights.allows(Permission.SEE_PEOPLE)
            self.rows = ledger_rows(lines[:MAX_LINES], language, sees_people=sees_people)
            if len(lines) > MAX_LINES:
                self.notice = Notice(i18n.manage_of(language).REPORT_MANY_LINES, "info")
            self.file_query = _file_query(first, last, query.currency)
        else:
            report = services().bookkeeping.reports
            sums = await report.money(who, query)
            months = await report.money(who, replace(query, by=Grouping.MONTH))
            first, last, zone = sums.period.first, sums.period.last, sums.period.zone.key
            self.money = money_tables(sums, months, filters.currency, language)
            self.nothing = "" if self.money.rows else nothing_line(sums, language)
            self.file_query = _file_query(first, last)
        self.days = zone_line(first, last, zone, language)
        self.filters = replace(filters, day_from=first.isoformat(), day_to=last.isoformat())
        self.applied = self.filters.set_values
        if filters.view and not self.rows:
            self.nothing = nothing_in(filters.view, language)


def _file_query(first: date, last: date, currency: str | None = None) -> str:
    """Return the query of the ledger as a file."""
    days = f"?from={first.isoformat()}&to={last.isoformat()}"
    return f"{days}&currency={currency}" if currency else days
