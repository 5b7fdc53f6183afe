"""`/manage/money/payouts`: what Stripe sent to the bank."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.manage_money import TABS
from coursebook.ui.components.money_list import money_list
from coursebook.ui.page import Page
from coursebook.ui.presenters.manage.bookkeeping.money_lists import PayoutRow
from coursebook.ui.states.manage.bookkeeping.money_lists import PayoutsState


def payouts() -> rx.Component:
    """Return the page."""
    return layout.manage_page("money", PayoutsState, money_list("payouts", PayoutsState, _table()))


def _table() -> rx.Component:
    words, column = i18n.manage, i18n.manage.PAYOUT_COLUMN
    return kit.table(
        words.MONEY_TAB["payouts"],
        [
            kit.table_column(column["amount"]),
            kit.table_column(column["state"], width="when"),
            kit.table_column(column["arrives"], width="when"),
            kit.table_column(column["made"], width="when", shown_from="wide"),
        ],
        rx.foreach(PayoutsState.rows, _row),
        data_testid="payouts",
    )


def _row(row: rx.Var[PayoutRow]) -> rx.Component:
    return kit.table_row(
        kit.title_cell(row.amount, row.href, below=row.hint),
        kit.cell(kit.state_word(row.state, row.tone), card="start"),
        kit.cell(kit.quiet(row.arrives), card="end"),
        kit.cell(kit.quiet(row.made), shown_from="wide"),
        key=row.id,
    )


PAGE = Page(
    route=TABS["payouts"],
    build=payouts,
    title=manage_title(PayoutsState, i18n.manage.MONEY_TAB["payouts"]),
    state=PayoutsState,
    is_public=False,
)
