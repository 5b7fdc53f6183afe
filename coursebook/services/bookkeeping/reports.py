"""Reports for the people who run the school: money and places, over days in the school's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.bookkeeping.ledger_lines import (
    Grouping,
    ReportRow,
    report_rows,
    totals,
    with_others,
)
from coursebook.domain.bookkeeping.school_days import MAX_DAYS, Period, month_to_date
from coursebook.domain.money import CURRENCIES
from coursebook.domain.rights import Permission
from coursebook.errors import FieldError, Invalid
from coursebook.identity.principal import Principal
from coursebook.persistence.bookkeeping.ledger_queries import LedgerSum
from coursebook.persistence.unit_of_work import UnitOfWork, reading
from coursebook.services.context import Context
from coursebook.services.manage.access import Access
from coursebook.services.manage.school_settings import school_view

UTC_NAME = "UTC"
MAX_COURSES = 500
"""Courses of one currency with a row of their own: those with the most money."""


@dataclass(frozen=True)
class ReportQuery:
    """The days of a report, both included; without them the month up to today.

    `currency` leaves only that one.
    """

    first: date | None = None
    last: date | None = None
    by: Grouping = Grouping.COURSE
    currency: str | None = None


@dataclass(frozen=True)
class MoneyReport:
    """Sums by course, month, day or method. `totals` has one row for each currency.

    `period.zone` is the zone in which days begin. `first_day`: of the first movement of all.
    """

    period: Period
    by: Grouping
    rows: Sequence[ReportRow]
    totals: Sequence[ReportRow]
    first_day: date | None


@dataclass(frozen=True)
class CoursePlaces:
    """How full a course was: its places, how many are confirmed, and how many held."""

    course_id: str
    title: str
    starts_on: date
    places: int
    confirmed: int
    held: int

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self.places - self.confirmed - self.held


@dataclass(frozen=True)
class OccupancyReport:
    """How full the courses were that begin in a period, by their start."""

    period: Period
    courses: Sequence[CoursePlaces]


class Reports:
    """The use cases of the reports."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access

    async def money(self, who: Principal | None, query: ReportQuery) -> MoneyReport:
        """Return the sums of a period.

        Raises Unauthenticated, Forbidden, Invalid, RateLimited, Unavailable.
        """
        (await self._access.rights_of(who)).require(Permission.SEE_REPORTS)
        async with reading(self._context.database) as work:
            period = await period_of(self._context, work, query)
            by = "time" if query.by in (Grouping.DAY, Grouping.MONTH) else query.by.value
            parts = await work.ledger.sums(period, by)
            rows = report_rows((_row(part, query.by, period) for part in parts), query.by)
            rows = [row for row in rows if query.currency in (None, row.currency)]
            if query.by is Grouping.COURSE:
                rows = with_others(rows, MAX_COURSES)
                titles = await work.ledger.titles_of([row.key for row in rows])
                rows = [
                    ReportRow(row.key, row.currency, row.sums, titles.get(row.key, ""))
                    for row in rows
                ]
            first_day = await work.ledger.first_day(period)
        return MoneyReport(period, query.by, rows, totals(rows), first_day)

    async def occupancy(self, who: Principal | None, query: ReportQuery) -> OccupancyReport:
        """Return how full the courses are that begin in a period. Raises as `money` does."""
        (await self._access.rights_of(who)).require(Permission.SEE_REPORTS)
        async with reading(self._context.database) as work:
            period = await period_of(self._context, work, query)
            rows = await work.ledger.places(period)
        courses = [
            CoursePlaces(row.id, row.title, period.day_of(row.starts_at), *row.places)
            for row in rows
        ]
        return OccupancyReport(period, courses)


async def period_of(context: Context, work: UnitOfWork, query: ReportQuery) -> Period:
    """Return the period of a query in the school's zone. Raises Invalid."""
    zone = ZoneInfo((await school_view(context, work)).timezone or UTC_NAME)
    usual = month_to_date(context.clock(), zone)
    last = query.last or usual.last
    first = query.first or (usual.first if query.last is None else last.replace(day=1))
    errors = []
    if first > last:
        errors.append(FieldError("/from", "The first day is after the last one."))
    elif last - first > timedelta(days=MAX_DAYS):
        errors.append(FieldError("/from", f"A report covers at most {MAX_DAYS} days."))
    elif first.year < 1971 or last.year > 9998:  # noqa: PLR2004 - the edges of the calendar
        errors.append(FieldError("/from", "Choose days of this century."))
    if query.currency is not None and query.currency not in CURRENCIES:
        errors.append(FieldError("/currency", "This currency is not known."))
    if errors:
        raise Invalid(errors)
    return Period(first, last, zone)


def _row(part: LedgerSum, by: Grouping, period: Period) -> ReportRow:
    if by not in (Grouping.DAY, Grouping.MONTH):
        return ReportRow(str(part.key), part.currency, part.sums)
    day = period.day_of_slice(part.key) if isinstance(part.key, int) else part.key
    assert isinstance(day, date), "sums by time have slices or days as keys"
    key = day.isoformat() if by is Grouping.DAY else f"{day:%Y-%m}"
    return ReportRow(key, part.currency, part.sums)
