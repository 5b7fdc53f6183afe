"""Parts of a report: a few figures that are read first, and bars with their values beside them."""

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text


def big_figures(figures: Child) -> rx.Component:
    """Return figures (`big_figure`) side by side, two in a row on a phone."""
    return rx.el.dl(figures, class_name="grid grid-cols-2 gap-x-6 gap-y-5 lg:grid-cols-4")


def big_figure(label: Text, value: Text, below: Text) -> rx.Component:
    """Return one figure with its name above and a line below it."""
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-(--ink-soft)"),
        rx.el.dd(
            rx.el.span(
                value, class_name=f"{DISPLAY} block text-[1.625rem] leading-tight tabular-nums"
            ),
            rx.el.span(below, class_name="block text-sm text-(--ink-soft) empty:hidden"),
        ),
        class_name="flex min-w-0 flex-col gap-1 [overflow-wrap:anywhere]",
    )


def bars(title: Text, rows: Child) -> rx.Component:
    """Return lying bars (`lying_bar`) below each other under a title."""
    return rx.el.section(
        rx.el.h2(title, class_name=f"{DISPLAY} text-[1.375rem] leading-[1.3] font-semibold"),
        rx.el.ul(rows, class_name="flex flex-col"),
        class_name="flex flex-col gap-3",
    )


def lying_bar(label: Text, value: Text, kept: Text, whole: Text) -> rx.Component:
    """Return one bar. `kept` and `whole` are widths such as "85%": of what stays, and of all.

    What lies between them went back. It is a drawing; the value stands beside it.
    """
    return rx.el.li(
        rx.el.span(label, class_name="w-24 shrink-0 text-sm text-(--ink-soft)"),
        rx.el.svg(
            rx.el.rect(width=whole, height="100%", rx="2", class_name="fill-(--bad)/40"),
            rx.el.rect(width=kept, height="100%", rx="2", class_name="fill-(--accent)"),
            aria_hidden="true",
            class_name="h-4 min-w-0 flex-1",
        ),
        rx.el.span(value, class_name="w-28 shrink-0 text-right text-sm font-semibold tabular-nums"),
        class_name="flex min-h-8.5 items-center gap-3",
    )


def side_scroll(*children: Child, label: Text) -> rx.Component:
    """Return a wide table that scrolls in a box of its own, named for screen readers.

    It stays a table on a phone, where other tables are lists of cards: numbers are compared by
    column.
    """
    return rx.el.div(
        *children,
        class_name="min-w-0 overflow-x-auto max-sm:[&_table]:table max-sm:[&_table]:min-w-max "
        "max-sm:[&_tbody]:table-row-group max-sm:[&_td]:table-cell max-sm:[&_td]:py-2 "
        "max-sm:[&_td]:pr-4 max-sm:[&_td]:whitespace-nowrap max-sm:[&_th]:table-cell "
        "max-sm:[&_th]:max-w-44 max-sm:[&_thead]:not-sr-only max-sm:[&_thead]:table-header-group "
        "max-sm:[&_tr]:table-row",
        tab_index=0,
        role="group",
        aria_label=label,
    )
