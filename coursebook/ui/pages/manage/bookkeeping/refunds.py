"""`/manage/money/refunds`: refunds to cards."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.manage_money import TABS
from coursebook.ui.components.money_list import money_list
from coursebook.ui.components.movement_table import movement_table
from coursebook.ui.page import Page
from coursebook.ui.states.manage.bookkeeping.money_lists import RefundsState


def refunds() -> rx.Component:
    """Return the page."""
    state, title = RefundsState, i18n.manage.MONEY_TAB["refunds"]
    table = movement_table(title, state.rows, data_testid="refunds")
    return layout.manage_page("money", state, money_list("refunds", state, table))


PAGE = Page(
    route=TABS["refunds"],
    build=refunds,
    title=manage_title(RefundsState, i18n.manage.MONEY_TAB["refunds"]),
    state=RefundsState,
    is_public=False,
)
