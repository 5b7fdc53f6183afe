"""The bars of a report: what came and what went back, on one scale. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from coursebook.cldr import date_text
from coursebook.domain.bookkeeping.ledger_lines import ReportRow, Sums
from coursebook.domain.bookkeeping.school_days import DAY, Period
from coursebook.domain.money import exponent_of
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say

MAX_BARS = 12
"""More months than this are shown by quarter, more quarters by year."""
MONTHS = (1, 3, 12)
HEADROOM = 12
"""The share of a drawing, in per cent, that is kept for the sum over the highest bar."""
MAX_LINES = 4


@dataclass(frozen=True)
class Bar:
    """The sums of one month, quarter or year of one currency. `back` is "" when nothing went back.

    The widths are shares of the largest sum of the drawing, received or given back. Of a standing
    bar `top` and `height` are those of what came, `back_top` and `back_height` of what went back,
    which is the upper part of it; `sum` stands over the bar at `over`. `is_cut`: the days of the
    report end within it.
    """

    label: str = ""
    received: str = ""
    back: str = ""
    width: str = "0%"
    back_width: str = "0%"
    sum: str = ""
    over: str = "100%"
    top: str = "100%"
    height: str = "0%"
    back_top: str = "100%"
    back_height: str = "0%"
    is_cut: bool = False


@dataclass(frozen=True)
class ScaleLine:
    """A line across standing bars: its sum, and how far it is from the top."""

    label: str = ""
    y: str = "100%"


@dataclass(frozen=True)
class _Step:
    """Some months in a row, as far as the days of the report reach."""

    first: date
    last: date
    sums: Sums

    @property
    def is_whole(self) -> bool:
        """Whether the days of the report cut nothing off."""
        return self.first.day == 1 and (self.last + DAY).day == 1


def bars_of(
    rows: Sequence[ReportRow], period: Period, language: str
) -> tuple[tuple[Bar, ...], int]:
    """Return the bars of the rows by month of one currency, and how many months each has.

    From the first month with money to the last one; a month without any has a bar of no width.
    """
    if not rows:
        return (), 1
    months = {_start(row.key): row.sums for row in rows}
    count = next((n for n in MONTHS if len(_steps(months, n, period)) <= MAX_BARS), MONTHS[-1])
    steps, currency = _steps(months, count, period), rows[0].currency
    most = _most(steps)
    return tuple(_bar(step, count, most, currency, language) for step in steps), count


def scale_lines(rows: Sequence[ReportRow], period: Period, language: str) -> tuple[ScaleLine, ...]:
    """Return the lines of the scale of the same rows, from 0 up, at round sums."""
    if not rows:
        return ()
    months = {_start(row.key): row.sums for row in rows}
    count = next((n for n in MONTHS if len(_steps(months, n, period)) <= MAX_BARS), MONTHS[-1])
    currency, most = rows[0].currency, _most(_steps(months, count, period))
    step = _round_step(most, 10 ** exponent_of(currency))
    return tuple(
        ScaleLine(_short(amount, currency, language), _y(amount, most))
        for amount in range(0, most + 1, step)
    )


def _round_step(most: int, whole: int) -> int:
    """Return a round sum of which at most `MAX_LINES` fit below the largest one."""
    step = whole
    factors = cycle((2, 5, 10))
    power = whole
    while most // step > MAX_LINES:
        factor = next(factors)
        step = power * factor
        if factor == 10:  # noqa: PLR2004 - 1, 2, 5, then 10 times as much
            power = step
    return step


def _most(steps: Sequence[_Step]) -> int:
    return max(max(step.sums.received, step.sums.given_back) for step in steps)


def _short(amount: int, currency: str, language: str) -> str:
    """Return a sum as short as it can be."""
    return say.price(amount, currency, language) if amount else "0"


def _y(amount: int, most: int) -> str:
    """Return how far an amount is from the top of the drawing."""
    return f"{round(100 - _share(amount, most), 2):g}%"


def _share(amount: int, most: int) -> float:
    """Return the height of an amount, in per cent of the drawing."""
    return (100 - HEADROOM) * amount / most if most else 0


def _start(key: str) -> date:
    return date.fromisoformat(f"{key}-01")


def _steps(months: dict[date, Sums], count: int, period: Period) -> list[_Step]:
    """Return steps of `count` months from the first month with money to the last one."""
    first, last = min(months), max(months)
    first = first.replace(month=first.month - (first.month - 1) % count)
    steps = []
    while first <= last:
        following = _after(first, count)
        sums = Sums()
        for month, of_month in months.items():
            if first <= month < following:
                sums = sums.plus(of_month)
        steps.append(_Step(max(first, period.first), min(following - DAY, period.last), sums))
        first = following
    return steps


def _after(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    return date(first.year + years, month + 1, 1)


def _bar(step: _Step, count: int, most: int, currency: str, language: str) -> Bar:
    sums = step.sums
    received, back = sums.received, sums.given_back
    top = max(received, back)
    return Bar(
        label=_label(step, count, language),
        received=say.money(sums.received, currency, language),
        back=say.money(-sums.given_back, currency, language) if sums.given_back else "",
        width=_part(sums.received, most),
        back_width=_part(sums.given_back, most),
        sum=_short(received, currency, language),
        over=_y(top, most),
        top=_y(received, most),
        height=f"{round(_share(received, most), 2):g}%",
        back_top=_y(top, most),
        back_height=f"{round(_share(back, most), 2):g}%",
        is_cut=not step.is_whole,
    )


def _label(step: _Step, count: int, language: str) -> str:
    """Return the name of a step; one that the days of the report cut says which days it has."""
    words = i18n.manage_of(language)
    if count == 1 and not step.is_whole:
        day = date_text(step.last, words.REPORT_BAR_DAY_FORM, language)
        return str(words.REPORT_BAR_DAYS.format(first=step.first.day, last=day))
    if count == 1:
        return date_text(step.first, words.REPORT_MONTH_FORM, language)
    if count == MONTHS[-1]:
        return str(step.first.year)
    quarter = (step.first.month + 2) // 3
    return str(words.REPORT_QUARTER.format(quarter=quarter, year=step.first.year))


def _part(amount: int, most: int) -> str:
    return f"{round(100 * amount / most, 2) if most else 0:g}%"
