"""The table of a history: what happened, to whose booking, who did it, and when."""

import reflex as rx

from coursebook.ui import i18n, kit
from coursebook.ui.presenters.manage.history import HistoryLineRow


def history_table(caption: rx.Var[str], rows: rx.Var[list[HistoryLineRow]]) -> rx.Component:
    """Return the table, in the order of `rows`."""
    column = i18n.manage.HISTORY_COLUMN
    return kit.table(
        caption,
        [
            kit.table_column(column["what"]),
            kit.table_column(column["booking"], width="when"),
            kit.table_column(column["who"], width="when", shown_from="wide"),
            kit.table_column(column["at"], width="when"),
        ],
        rx.foreach(rows, _row),
        data_testid="history",
    )


def _row(row: rx.Var[HistoryLineRow]) -> rx.Component:
    what = rx.cond(row.money != "", row.text + " · " + row.money, row.text)
    booking = kit.text_link(row.booking, href=row.href, dir="auto")
    return kit.table_row(
        kit.name_cell(what, below=row.more),
        kit.cell(rx.cond(row.href != "", booking), card="start"),
        kit.cell(kit.quiet(row.who), shown_from="wide"),
        kit.cell(kit.quiet(row.at), kit.on_cards_only(kit.small(row.who)), card="end"),
        key=row.id,
    )
