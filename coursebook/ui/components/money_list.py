"""What the pages of payments, refunds and payouts have in common."""

from typing import Any

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.components.booking_parts import linked_notice
from coursebook.ui.components.manage_money import money_tabs


def money_list(name: str, state: Any, table: rx.Component) -> rx.Component:
    """Return the content of one tab of "Money", with a sentence when the list is empty."""
    words = i18n.manage
    more = kit.button(
        words.LIST_MORE, look="secondary", on_click=state.more_clicked, data_testid="more"
    )
    nothing = kit.empty_state("circle-check", words.MONEY_LIST_EMPTY[name], "")
    rows = kit.stack(table, rx.cond(state.has_more, rx.el.div(more)))
    return kit.stack(
        kit.page_head(words.MONEY_TITLE),
        money_tabs(name, state.inbox_count),
        linked_notice(state.notice),
        rx.cond(state.rows.length() > 0, rows, nothing),
        gap="lg",
    )
