"""The week on the page "Today" in words. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from coursebook.cldr import number_text
from coursebook.domain.bookkeeping.ledger_lines import ReportRow, Sums
from coursebook.services.manage.day.week import SchoolWeek
from coursebook.ui import i18n
from coursebook.ui.presenters import format as say
from coursebook.ui.presenters.manage.bookkeeping.reports import day_words

REPORTS = "/manage/reports"


@dataclass(frozen=True)
class WeekBlock:
    """What happened in seven days. `days` is "" for somebody who may not see it.

    `heights` are shares of the day with the most bookings, today last. `…_more` are lines below a
    figure, "" without one.
    """

    days: str = ""
    booked: str = ""
    booked_more: str = ""
    heights: tuple[str, ...] = ()
    received: str = ""
    received_more: str = ""
    given_back: str = ""
    given_back_more: str = ""
    places: str = ""
    reports: str = ""


def week_block(week: SchoolWeek | None, language: str) -> WeekBlock:
    """Return the block."""
    if week is None:
        return WeekBlock()
    words, first, last = i18n.manage_of(language), week.period.first, week.period.last
    received, more_received = _money(week, lambda sums: sums.received, language)
    given_back, more_back = _money(week, lambda sums: sums.given_back, language)
    refunds = sum(row.sums.refunds for row in week.sums)
    below = [say.counted(refunds, words.REPORT_REFUNDS, language)] if refunds else []
    most = max(week.booked)
    cancelled = say.counted(week.cancelled, words.WEEK_CANCELLED, language)
    return WeekBlock(
        days=words.WEEK_DAYS.format(
            first=day_words(first, language), last=day_words(last, language)
        ),
        booked=number_text(sum(week.booked), language),
        booked_more=cancelled if week.cancelled else "",
        heights=tuple(f"{100 * n / most if most else 0:.4g}%" for n in week.booked),
        received=received,
        received_more=more_received,
        given_back=given_back,
        given_back_more=" · ".join([*([more_back] if more_back else []), *below]),
        places=words.WEEK_PLACES_OF.format(
            taken=number_text(week.taken, language), places=number_text(week.places, language)
        ),
        reports=f"{REPORTS}?from={first.isoformat()}&to={last.isoformat()}",
    )


def _money(week: SchoolWeek, amount: Callable[[Sums], int], language: str) -> tuple[str, str]:
    """Return the sum in the first currency with any, and those in the others."""
    rows = [row for row in week.sums if amount(row.sums)]
    texts = [_text(row, amount, language) for row in rows]
    if not texts:
        return "0", ""
    others = ", ".join(texts[1:])
    more = i18n.manage_of(language).WEEK_AND.format(sums=others) if others else ""
    return texts[0], str(more)


def _text(row: ReportRow, amount: Callable[[Sums], int], language: str) -> str:
    return say.price(amount(row.sums), row.currency, language)
