"""`/manage/money/payouts/{id}`: one payout, and what is in it."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.components.manage_frame import manage_title
from coursebook.ui.components.manage_money import TABS
from coursebook.ui.components.movement_table import movement_table
from coursebook.ui.page import Page
from coursebook.ui.states.manage.bookkeeping.money_lists import PayoutPageState

ROUTE = f"{TABS['payouts']}/[payout_key]"


def payout_page() -> rx.Component:
    """Return the page."""
    words, state = i18n.manage, PayoutPageState
    shown, column = state.payout, words.PAYOUT_COLUMN
    parts = [
        rx.cond(
            rows.length() > 0,
            kit.stack(
                kit.section_title(words.MONEY_TAB[name]),
                movement_table(words.MONEY_TAB[name], rows, has_payout=False, data_testid=name),
            ),
        )
        for name, rows in (("payments", state.payments), ("refunds", state.refunds))
    ]
    other = kit.stack(
        kit.figures((words.PAYOUT_OTHER, shown.other)), kit.small(words.PAYOUT_OTHER_TEXT)
    )
    return layout.manage_page(
        "money",
        state,
        kit.stack(
            kit.page_head(
                words.PAYOUT_TITLE, crumb=words.MONEY_TAB["payouts"], crumb_href=TABS["payouts"]
            ),
            kit.figures(
                (column["amount"], shown.amount),
                (column["state"], shown.state),
                (column["arrives"], shown.arrives),
                (column["made"], shown.made),
                (column["stripe"], shown.id),
            ),
            rx.cond(shown.hint != "", kit.notice(shown.hint, "info")),
            *parts,
            rx.cond(shown.other != "", other),
            gap="lg",
        ),
    )


PAGE = Page(
    route=ROUTE,
    build=payout_page,
    title=manage_title(PayoutPageState, i18n.manage.PAYOUT_TITLE),
    state=PayoutPageState,
    is_public=False,
)
