"""Reports in words: the filters of the address, figures, bars and tables. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from coursebook.cldr import date_text, number_text
from coursebook.domain.booking import number_of
from coursebook.domain.bookkeeping.ledger_lines import (
    OTHERS,
    Grouping,
    LedgerLine,
    LineKind,
    ReportRow,
    Sums,
)
from coursebook.domain.money import CURRENCIES
from coursebook.services.bookkeeping.reports import (
    MAX_COURSES,
    MoneyReport,
    OccupancyReport,
    ReportQuery,
)
from coursebook.services.check_in.views import AttendanceReport
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.bookkeeping.report_bars import (
    Bar,
    ScaleLine,
    bars_of,
    scale_lines,
)

NAMES = ("view", "from", "to", "by", "currency")
"""The fields of the address, in their order."""
MONEY, PLACES, ATTENDANCE, LEDGER = "money", "places", "attendance", "ledger"
VIEWS = (MONEY, PLACES, ATTENDANCE, LEDGER)
CURRENCY_LETTERS = 3
MAX_PEOPLE = 500
MAX_LINES = 500
"""Lines of the ledger on the page; the file has all of them."""


@dataclass(frozen=True)
class ReportFilters:
    """The query of the page. Empty values: money, this month, by course, the usual currency."""

    view: str = ""
    day_from: str = ""
    day_to: str = ""
    by: str = ""
    currency: str = ""

    @property
    def set_values(self) -> dict[str, str]:
        """The filters that are set, by their names in the address."""
        values = zip(
            NAMES, (self.view, self.day_from, self.day_to, self.by, self.currency), strict=True
        )
        return {name: value for name, value in values if value}

    def to_query(self) -> ReportQuery:
        """Return the days and the grouping as the service takes them."""
        return ReportQuery(
            date.fromisoformat(self.day_from) if self.day_from else None,
            date.fromisoformat(self.day_to) if self.day_to else None,
            Grouping(self.by) if self.by else Grouping.COURSE,
            self.currency if self.view == LEDGER and self.currency in CURRENCIES else None,
        )


def report_filters_of(parameters: Mapping[str, str]) -> ReportFilters:
    """Return the filters of a query; an invalid value counts as empty."""
    view, by = parameters.get("view", ""), parameters.get("by", "")
    currency = parameters.get("currency", "")
    is_currency = currency.isascii() and currency.isalpha() and len(currency) == CURRENCY_LETTERS
    return ReportFilters(
        view=view if view in VIEWS[1:] else "",
        day_from=_day(parameters.get("from", "")),
        day_to=_day(parameters.get("to", "")),
        by=by if by in {each.value for each in Grouping if each is not Grouping.COURSE} else "",
        currency=currency.lower() if is_currency else "",
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


@dataclass(frozen=True)
class Figure:
    """A figure that is read first."""

    label: str = ""
    value: str = ""
    below: str = ""


@dataclass(frozen=True)
class ReportTableRow:
    """One row of a table of numbers. `href` is "" for a row without a page."""

    key: str = ""
    name: str = ""
    below: str = ""
    href: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoneyTables:
    """What the page shows of one currency."""

    currency: str = ""
    currencies: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    bars: tuple[Bar, ...] = ()
    bars_title: str = ""
    scale: tuple[ScaleLine, ...] = ()
    rows: tuple[ReportTableRow, ...] = ()
    total: ReportTableRow = ReportTableRow()


def money_tables(
    report: MoneyReport, months: MoneyReport, currency: str, language: str
) -> MoneyTables:
    """Return the tables of one currency: the wanted one, else that with the most payments."""
    by_currency = {row.currency: row.sums for row in report.totals}
    if currency not in by_currency:
        currency = max(by_currency, key=lambda code: by_currency[code].payments, default="")
    if not currency:
        return MoneyTables()
    total, words = by_currency[currency], i18n.manage_of(language)
    rows = [row for row in report.rows if row.currency == currency]
    of_months = [row for row in months.rows if row.currency == currency]
    bars, months_each = bars_of(of_months, months.period, language)
    return MoneyTables(
        currency=currency,
        currencies=tuple(by_currency),
        figures=_figures(total, currency, language),
        bars=bars,
        scale=scale_lines(of_months, months.period, language),
        bars_title=words.REPORT_BARS[str(months_each)].format(currency=currency.upper()),
        rows=tuple(_table_row(row, report.by, language) for row in rows),
        total=ReportTableRow(
            "total",
            words.REPORT_TOTAL.format(currency=currency.upper()),
            cells=_cells(total, currency, language),
        ),
    )


def _figures(sums: Sums, currency: str, language: str) -> tuple[Figure, ...]:
    words, label = i18n.manage_of(language), i18n.manage_of(language).REPORT_COLUMN

    def money(amount: int) -> str:
        return say.money(amount, currency, language)

    unknown = sums.fees_unknown
    fees_below = say.counted(unknown, words.REPORT_FEES_UNKNOWN, language) if unknown else ""
    bank = words.REPORT_AT_THE_BANK.format(amount=money(sums.at_the_bank))
    way = words.REPORT_ON_THE_WAY.format(amount=money(sums.on_the_way))
    below = [*([way] if sums.on_the_way else []), *([bank] if sums.at_the_bank else [])]
    return (
        Figure(
            label["received"],
            money(sums.received),
            say.counted(sums.payments, words.REPORT_PAYMENTS, language),
        ),
        Figure(
            label["given_back"],
            money(sums.given_back),
            say.counted(sums.refunds, words.REPORT_REFUNDS, language),
        ),
        Figure(label["fees"], money(sums.fees), fees_below),
        Figure(label["left"], money(sums.left), " · ".join(below)),
    )


def _table_row(row: ReportRow, by: Grouping, language: str) -> ReportTableRow:
    words = i18n.manage_of(language)
    name, href = row.label or row.key, ""
    match by:
        case Grouping.COURSE:
            if row.key == OTHERS:
                name = words.REPORT_OTHERS
            else:
                href = f"/manage/courses/{row.key}/history"
        case Grouping.MONTH:
            name = _month(row.key, language)
        case Grouping.DAY:
            name = day_words(date.fromisoformat(row.key), language)
        case Grouping.METHOD:
            name = words.REPORT_METHOD[row.key]
    return ReportTableRow(
        f"{row.currency}-{row.key}",
        name,
        href=href,
        cells=_cells(row.sums, row.currency, language),
    )


def _cells(sums: Sums, currency: str, language: str) -> tuple[str, ...]:
    amounts = (sums.received, sums.given_back, sums.at_the_bank, sums.fees, sums.left)
    return (
        number_text(sums.payments, language),
        *(say.money(amount, currency, language) for amount in amounts),
    )


def ledger_rows(
    lines: Sequence[LedgerLine], language: str, *, sees_people: bool
) -> list[ReportTableRow]:
    """Return the lines of the ledger: booking, day, amount, fee, and what is left."""
    words = i18n.manage_of(language)

    def money(amount: int | None, currency: str) -> str:
        return words.REPORT_UNKNOWN if amount is None else say.money(amount, currency, language)

    return [
        ReportTableRow(
            f"{line.kind.value}-{line.id}",
            line.number or number_of(line.booking_id),
            below=f"{_line_words(line, words)} · {line.course}",
            href=f"/manage/bookings/{line.booking_id}" if sees_people else "",
            cells=(
                day_words(line.day, language),
                *(money(each, line.currency) for each in (line.amount, line.fee, line.net)),
            ),
        )
        for line in lines
    ]


def _line_words(line: LedgerLine, words: Any) -> str:
    kind = words.REPORT_LINE[line.kind.value]
    if line.kind is not LineKind.BY_HAND:
        return str(kind)
    return f"{kind}, {words.REPORT_METHOD[line.method]}"


def occupancy_rows(report: OccupancyReport, language: str) -> list[ReportTableRow]:
    """Return the table of places, with one row for the courses above `MAX_COURSES`."""
    numbers = [(each.places, each.confirmed, each.held, each.free) for each in report.courses]
    shown = [
        ReportTableRow(
            course.course_id,
            course.title,
            below=day_words(course.starts_on, language),
            href=f"/manage/courses/{course.course_id}/history",
            cells=_numbers(cells, language),
        )
        for course, cells in zip(report.courses[:MAX_COURSES], numbers, strict=False)
    ]
    return shown + _other_courses(numbers[MAX_COURSES:], language)


def _numbers(numbers: Sequence[int], language: str) -> tuple[str, ...]:
    return tuple(number_text(number, language) for number in numbers)


def _other_courses(numbers: Sequence[tuple[int, ...]], language: str) -> list[ReportTableRow]:
    """Return the row that adds up the courses without a row of their own; none without any."""
    if not numbers:
        return []
    sums = _numbers([sum(column) for column in zip(*numbers, strict=True)], language)
    return [ReportTableRow(OTHERS, i18n.manage_of(language).REPORT_OTHERS, cells=sums)]


def has_room_for_people(report: AttendanceReport) -> bool:
    """Return whether the page names the people of a report, not only its courses."""
    return sum(len(course.people) for course in report.items) <= MAX_PEOPLE


def attendance_rows(report: AttendanceReport, language: str) -> list[ReportTableRow]:
    """Return the table of attendance: each course, and its people below it.

    Above `MAX_PEOPLE` it has courses only, and one row for those above `MAX_COURSES`.
    """
    has_people = has_room_for_people(report)
    words, rows = i18n.manage_of(language), list[ReportTableRow]()
    for course in report.items[:MAX_COURSES]:
        numbers = (course.expected, course.present, course.absent, course.excused)
        rows.append(
            ReportTableRow(
                course.course_id,
                course.title,
                below=say.counted(course.meetings, words.REPORT_MEETINGS, language),
                href=f"/manage/courses/{course.course_id}/history",
                cells=_numbers(numbers, language),
            )
        )
        for person in course.people if has_people else ():
            numbers = (course.meetings, person.present, person.absent, person.excused)
            rows.append(
                ReportTableRow(
                    person.booking_id,
                    person.name or person.number,
                    below=course.title,
                    href=f"/manage/bookings/{person.booking_id}" if person.name else "",
                    cells=_numbers(numbers, language),
                )
            )
    others = [
        (course.expected, course.present, course.absent, course.excused)
        for course in report.items[MAX_COURSES:]
    ]
    return rows + _other_courses(others, language)


def zone_line(first: date, last: date, zone: str, language: str) -> str:
    """Return which days a report covers, and in which zone they begin."""
    return str(
        i18n.manage_of(language).REPORT_DAYS.format(
            first=day_words(first, language),
            last=day_words(last, language),
            zone=say.zone_words(zone, language),
        )
    )


def nothing_line(report: MoneyReport, language: str) -> str:
    """Return why there is no number: from when on there are some."""
    words = i18n.manage_of(language)
    if report.first_day is None:
        return str(words.REPORT_NOTHING_YET)
    day = day_words(report.first_day, language)
    return str(words.REPORT_NOTHING.format(day=day))


def nothing_in(view: str, language: str) -> str:
    """Return why the table of places, attendance or the ledger has no row."""
    words = i18n.manage_of(language)
    nothing = {LEDGER: words.REPORT_NO_LINES, ATTENDANCE: words.REPORT_NO_MEETINGS}
    return str(nothing.get(view, words.REPORT_NO_ROWS))


def day_words(day: date, language: str) -> str:
    """Return a day, such as "5 Dec 2026"."""
    return date_text(day, i18n.manage_of(language).REPORT_DAY_FORM, language)


def _month(key: str, language: str) -> str:
    first = datetime.combine(date.fromisoformat(f"{key}-01"), time(12), ZoneInfo("UTC"))
    return date_text(first, i18n.manage_of(language).REPORT_MONTH_FORM, language)
