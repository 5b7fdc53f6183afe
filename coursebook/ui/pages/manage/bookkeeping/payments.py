"""`/manage/money/payments`: payments by card, with what Stripe took."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.manage_money import TABS
from coursebook.ui.components.money_list import money_list
from coursebook.ui.components.movement_table import movement_table
from coursebook.ui.page import Page
from coursebook.ui.states.manage.bookkeeping.money_lists import PaymentsState


def payments() -> rx.Component:
    """Return the page."""
    state, title = PaymentsState, i18n.manage.MONEY_TAB["payments"]
    table = movement_table(title, state.rows, data_testid="payments")
    return layout.manage_page("money", state, money_list("payments", state, table))


PAGE = Page(
    route=TABS["payments"],
    build=payments,
    title=manage_title(PaymentsState, i18n.manage.MONEY_TAB["payments"]),
    state=PaymentsState,
    is_public=False,
)
