"""The last seven days of the school in a few sums, and how full the next seven are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coursebook.domain.bookkeeping.ledger_lines import Grouping, ReportRow, report_rows, totals
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.persistence.unit_of_work import UnitOfWork

DAYS = 7


@dataclass(frozen=True)
class SchoolWeek:
    """Seven days up to today, in the school's zone.

    `booked` is how many confirmed bookings were made on each day, `cancelled` how many of them are
    cancelled by now. `sums` has one row for each currency, the one with the most payments first.
    `taken` and `places` are those of the courses that begin in the next seven days.
    """

    period: Period
    booked: Sequence[int]
    cancelled: int
    sums: Sequence[ReportRow]
    taken: int
    places: int


async def week_of(work: UnitOfWork, now: datetime, zone: ZoneInfo) -> SchoolWeek:
    """Read the week of a moment."""
    today = now.astimezone(zone).date()
    period = Period(today - timedelta(days=DAYS - 1), today, zone)
    ahead = await work.ledger.places(Period(today, today + timedelta(days=DAYS - 1), zone))
    days, cancelled = await work.day.booked(period)
    parts = [
        ReportRow(str(part.key), part.currency, part.sums)
        for part in await work.ledger.sums(period, Grouping.METHOD.value)
    ]
    sums = totals(report_rows(parts, Grouping.METHOD))
    return SchoolWeek(
        period=period,
        booked=[days[period.first + timedelta(days=number)] for number in range(DAYS)],
        cancelled=cancelled,
        sums=sorted(sums, key=lambda row: -row.sums.payments),
        taken=sum(confirmed + held for _, confirmed, held in (row.places for row in ahead)),
        places=sum(row.places[0] for row in ahead),
    )
