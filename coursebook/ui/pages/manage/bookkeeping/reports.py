"""`/manage/reports`: money, places and attendance of some days."""

import reflex as rx

from coursebook.domain.bookkeeping.ledger_lines import Grouping
from coursebook.identity.shell import token_download
from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.areas import PATHS
from coursebook.ui.presenters.manage.bookkeeping.reports import (
    ATTENDANCE,
    LEDGER,
    MONEY,
    NAMES,
    PLACES,
    VIEWS,
    ReportTableRow,
)
from coursebook.ui.states.manage.bookkeeping.reports import ReportsState

FILES = {"csv": "file-text", "xlsx": "sheet"}
LEDGER_FILE = "/api/manage/reports/ledger"


def reports() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, ReportsState
    parts = rx.match(
        state.filters.view,
        (PLACES, _numbers(words.REPORT_PLACES_COLUMN, words.REPORT_VIEW[PLACES])),
        (ATTENDANCE, _numbers(words.REPORT_ATTENDANCE_COLUMN, words.REPORT_VIEW[ATTENDANCE])),
        (LEDGER, _ledger()),
        _money(),
    )
    return layout.manage_page(
        "reports",
        state,
        kit.stack(
            kit.page_head(words.REPORTS_TITLE, below=state.days),
            _filters(),
            linked_notice(state.notice),
            kit.answer_of(
                rx.cond(state.nothing == "", parts, _nothing()),
                answered_query=state.answered_query,
                names=NAMES,
            ),
            gap="lg",
        ),
    )


def _filters() -> rx.Component:
    words, chosen = i18n.manage, ReportsState.filters
    views = [
        kit.segment(words.REPORT_VIEW[view], "view", "" if view == MONEY else view, chosen.view)
        for view in VIEWS
    ]
    groupings = [
        kit.option(words.REPORT_BY[by.value], "" if by is Grouping.COURSE else by.value)
        for by in Grouping
    ]
    bar = kit.filter_bar(
        kit.filter_day(
            words.REPORT_FROM, "report-from", name="from", default_value=chosen.day_from
        ),
        kit.filter_day(words.REPORT_TO, "report-to", name="to", default_value=chosen.day_to),
        rx.cond(
            chosen.view == "",
            kit.filter_select(
                words.REPORT_BY_LABEL, "report-by", *groupings, name="by", default_value=chosen.by
            ),
            kit.filter_gap(),
        ),
    )
    currencies = kit.segments(
        words.REPORT_CURRENCY,
        rx.foreach(
            ReportsState.money.currencies,
            lambda code: kit.segment(
                code.to(str).upper(), "currency", code, ReportsState.money.currency
            ),
        ),
    )
    return kit.address_form(
        kit.segments(words.REPORTS_TITLE, *views),
        bar,
        rx.cond(ReportsState.money.currencies.length() > 1, currencies),
        action=ReportsState.shown_path,
        names=NAMES,
        applied=ReportsState.applied,
        answered_query=ReportsState.answered_query,
        aria_label=words.REPORTS_TITLE,
    )


def _money() -> rx.Component:
    words, money = i18n.manage, ReportsState.money
    figures = rx.foreach(
        money.figures, lambda each: kit.big_figure(each.label, each.value, each.below)
    )
    months = rx.foreach(
        money.bars,
        lambda bar: kit.lying_bar(bar.label, bar.received, bar.back, bar.width, bar.back_width),
    )
    column = words.REPORT_COLUMN
    standing = kit.standing_bars(
        rx.foreach(money.scale, lambda line: kit.scale_line(line.label, line.y)),
        rx.foreach(money.bars, kit.standing_bar),
    )
    bars = kit.bars(
        money.bars_title,
        months,
        standing,
        first=column["received"],
        second=column["given_back"],
    )
    names = ("payments", "received", "given_back", "at_the_bank", "fees", "left")
    table = kit.table(
        words.REPORT_CAPTION,
        [
            kit.table_column(column["name"]),
            *(kit.table_column(column[name], is_end=True, width="sum") for name in names),
        ],
        rx.foreach(money.rows, _row),
        _row(money.total),
        data_testid="report",
    )
    return kit.stack(
        _exports(),
        kit.big_figures(figures),
        rx.cond(money.bars.length() > 1, bars),
        kit.side_scroll(table, label=words.REPORT_CAPTION),
        gap="xl",
    )


def _ledger() -> rx.Component:
    words = i18n.manage
    table = _numbers(words.REPORT_LEDGER_COLUMN, words.REPORT_VIEW[LEDGER], first="state")
    return kit.stack(_exports(), table, gap="xl")


def _exports() -> rx.Component:
    words = i18n.manage
    files = [
        kit.menu_item(
            token_download(
                kit.with_sign(sign, words.PEOPLE_FILE[ending]),
                path=f"{LEDGER_FILE}.{ending}" + ReportsState.file_query,
                on_problem=ReportsState.export_failed,
                class_name=kit.menu_class(),
            )
        )
        for ending, sign in FILES.items()
    ]
    return kit.list_tools(
        kit.small(words.REPORT_NOTE),
        kit.text_menu(
            kit.with_sign("download", words.REPORT_EXPORT),
            words.REPORT_EXPORT,
            "export-menu",
            kit.tool_class(),
            *files,
        ),
    )


def _numbers(
    columns: rx.Var[dict[str, str]], caption: rx.Var[str], *, first: str = "sum"
) -> rx.Component:
    widths = {"first": first, "second": "sum", "third": "sum", "fourth": "sum"}
    table = kit.table(
        caption,
        [
            kit.table_column(columns["name"]),
            *(
                kit.table_column(columns[name], is_end=True, width=width)
                for name, width in widths.items()
            ),
        ],
        rx.foreach(ReportsState.rows, _row),
        data_testid="report",
    )
    return kit.side_scroll(table, label=caption)


def _row(row: rx.Var[ReportTableRow]) -> rx.Component:
    name = rx.cond(row.href != "", kit.text_link(row.name, href=row.href, dir="auto"), row.name)
    return kit.table_row(
        kit.name_cell(name, below=row.below),
        rx.foreach(row.cells, lambda value: kit.cell(value, is_end=True, card="end")),
        key=row.key,
    )


def _nothing() -> rx.Component:
    return kit.empty_state("chart-column", ReportsState.nothing, "", data_testid="report-empty")


PAGE = Page(
    route=PATHS["reports"],
    build=reports,
    title=manage_title(ReportsState, i18n.manage.REPORTS_TITLE),
    state=ReportsState,
    is_public=False,
)
