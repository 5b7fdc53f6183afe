"""Tables of payments and refunds."""

from typing import Any

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.kit.types import Text
from coursebook.ui.presenters.manage.bookkeeping.money_lists import MovementRow
from coursebook.ui.states.session import SessionState


def movement_table(
    caption: Text, rows: rx.Var[list[MovementRow]], *, has_payout: bool = True, **props: Any
) -> rx.Component:
    """Return the table, in the order of `rows`; `has_payout`: with the way to the payout."""
    column = i18n.manage.MOVEMENT_COLUMN
    payout = [kit.table_column(column["payout"], width="sum")] if has_payout else []
    return kit.table(
        caption,
        [
            kit.table_column(column["who"]),
            kit.table_column(column["at"], width="when"),
            kit.table_column(column["amount"], is_end=True, width="sum"),
            kit.table_column(column["fee"], is_end=True, width="sum", shown_from="wide"),
            kit.table_column(column["net"], is_end=True, width="sum", shown_from="wide"),
            *payout,
        ],
        rx.foreach(rows, lambda row: _row(row, has_payout=has_payout)),
        **props,
    )


def _row(row: rx.Var[MovementRow], *, has_payout: bool) -> rx.Component:
    name = rx.cond(row.href != "", kit.text_link(row.name, href=row.href, dir="auto"), row.name)
    state = rx.cond(row.state != "", kit.state_word(row.state, row.tone))
    link = rx.cond(row.payout_href != "", kit.text_link(row.payout, href=row.payout_href))
    payout = [kit.cell(link)] if has_payout else []
    return kit.table_row(
        kit.name_cell(name, below=row.course),
        kit.cell(kit.quiet(row.at), state, card="start"),
        kit.cell(kit.strong(row.amount), is_end=True, card="end"),
        kit.cell(row.fee, is_end=True, shown_from="wide"),
        kit.cell(row.net, is_end=True, shown_from="wide"),
        *payout,
        key=row.id,
        lang=SessionState.courses_language,
    )
