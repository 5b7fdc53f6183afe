"""The bars of reports: as long as their sums, all on one scale, no month left out."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from coursebook.domain.bookkeeping.ledger_lines import ReportRow, Sums
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.ui.presenters.manage.bookkeeping.report_bars import bars_of, scale_lines


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo("UTC"))


def row(month: str, received: int, given_back: int = 0) -> ReportRow:
    return ReportRow(month, "eur", Sums(received=received, given_back=given_back))


def widths(bars) -> list[tuple[float, float]]:
    return [(float(bar.width[:-1]), float(bar.back_width[:-1])) for bar in bars]


def test_both_bars_of_a_month_are_on_the_scale_of_all():
    rows = [row("2026-09", 20000, 500), row("2026-10", 5000, 40000), row("2026-11", 8)]
    bars, months_each = bars_of(rows, period("2026-09-01", "2026-11-30"), "en")
    assert months_each == 1
    assert widths(bars) == [(50, 1.25), (12.5, 100), (0.02, 0)]
    assert [bar.received for bar in bars] == ["€200.00", "€50.00", "€0.08"]
    assert [bar.back for bar in bars] == ["-€5.00", "-€400.00", ""]


def test_a_month_without_money_has_its_place_and_a_cut_one_says_its_days():
    rows = [row("2026-09", 100), row("2026-12", 50)]
    bars, _ = bars_of(rows, period("2026-09-15", "2026-12-05"), "en")
    assert [bar.label for bar in bars] == ["15–30 Sep", "Oct 2026", "Nov 2026", "1–5 Dec"]
    assert widths(bars) == [(100, 0), (0, 0), (0, 0), (50, 0)]
    german, _ = bars_of(rows, period("2026-09-15", "2026-12-05"), "de")
    assert german[0].label == "15.–30. Sept."


@pytest.mark.parametrize(
    ("last", "months", "count", "label"),
    [
        ("2026-12", 1, 12, "Jan 2026"),
        ("2027-01", 3, 5, "Q1 2026"),
        ("2029-01", 12, 4, "2026"),
    ],
)
def test_many_months_are_shown_by_quarter_and_by_year(last, months, count, label):
    rows = [row("2026-01", 100), row("2026-02", 50), row(last, 300)]
    bars, months_each = bars_of(rows, period("2026-01-01", "2030-12-31"), "en")
    assert (months_each, len(bars), bars[0].label) == (months, count, label)
    assert (
        sum(round(float(bar.width[:-1]) * 3) for bar in bars) == {1: 450, 3: 450, 12: 450}[months]
    )


def test_without_money_there_is_no_bar():
    january = period("2026-01-01", "2026-01-31")
    assert bars_of([], january, "en") == ((), 1)
    assert scale_lines([], january, "en") == ()


def test_standing_bars_show_what_went_back_as_the_upper_part():
    rows = [row("2026-10", 10000, 2500), row("2026-11", 0, 10000), row("2026-12", 2500)]
    bars, _ = bars_of(rows, period("2026-10-01", "2026-12-05"), "en")
    assert [(bar.top, bar.height) for bar in bars] == [
        ("12%", "88%"),
        ("100%", "0%"),
        ("78%", "22%"),
    ]
    assert [(bar.back_top, bar.back_height) for bar in bars] == [
        ("12%", "22%"),
        ("12%", "88%"),
        ("78%", "0%"),
    ]
    assert [(bar.sum, bar.over, bar.is_cut) for bar in bars] == [
        ("€100", "12%", False),
        ("0", "12%", False),
        ("€25", "78%", True),
    ]


@pytest.mark.parametrize(
    ("most", "currency", "labels"),
    [
        (10000, "eur", ["0", "€50", "€100"]),
        (401500, "eur", ["0", "€1,000", "€2,000", "€3,000", "€4,000"]),
        (90, "eur", ["0"]),
        (7000, "jpy", ["0", "¥2,000", "¥4,000", "¥6,000"]),
    ],
)
def test_the_lines_of_a_scale_are_round_and_few(most: int, currency: str, labels: list[str]):
    rows = [ReportRow("2026-10", currency, Sums(received=most))]
    lines = scale_lines(rows, period("2026-10-01", "2026-10-31"), "en")
    assert [line.label for line in lines] == labels
    assert lines[0].y == "100%"
