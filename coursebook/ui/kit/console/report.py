"""Parts of a report: a few figures that are read first, and bars with their values beside them."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text

HATCHING = "given-back"
_HATCHED_BAR = f"fill-[url(#{HATCHING})] stroke-(--bad) stroke-1"
HATCHED = (
    "border border-(--bad) "
    "bg-[repeating-linear-gradient(45deg,var(--bad)_0_2px,var(--paper)_2px_4px)]"
)


def big_figures(figures: Child) -> rx.Component:
    """Return figures (`big_figure`) side by side, two in a row on a phone."""
    return rx.el.dl(figures, class_name="grid grid-cols-2 gap-x-6 gap-y-5 lg:grid-cols-4")


def big_figure(label: Text, value: Text, below: Text) -> rx.Component:
    """Return one figure with its name above and a line below it."""
    return rx.el.div(
        rx.el.dt(label, class_name="text-sm text-(--ink-soft)"),
        rx.el.dd(
            rx.el.span(
                value,
                class_name=f"{DISPLAY} block text-[1.625rem] leading-tight tabular-nums "
                "max-sm:text-[1.375rem]",
            ),
            rx.el.span(below, class_name="block text-sm text-(--ink-soft) empty:hidden"),
        ),
        class_name="flex min-w-0 flex-col gap-1 [overflow-wrap:anywhere]",
    )


def bars(title: Text, rows: Child, standing: Child, *, first: Text, second: Text) -> rx.Component:
    """Return bars under a title, with what they stand for.

    `rows` are `lying_bar`s below each other, for phones and screen readers; `standing` is the same
    from `standing_bars`, for wider screens.
    """
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, class_name=f"{DISPLAY} text-[1.375rem] leading-[1.3] font-semibold"),
            rx.el.p(
                rx.el.span(_swatch("bg-(--accent)"), first),
                rx.el.span(_swatch(HATCHED), second),
                class_name="flex flex-wrap gap-x-5 text-sm text-(--ink-soft)",
            ),
            class_name="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1",
        ),
        rx.el.ul(rows, class_name="flex flex-col gap-1 sm:sr-only"),
        standing,
        _hatching(),
        class_name="relative flex flex-col gap-3",
    )


def _hatching() -> rx.Component:
    """Return the pattern of what went back: it differs from what came without its colour too."""
    stripe = rx.el.line(x1="0", y1="0", x2="0", y2="5", class_name="stroke-(--bad) stroke-3")
    pattern = rx.el.svg.pattern(
        rx.el.rect(width="5", height="5", class_name="fill-(--paper)"),
        stripe,
        id=HATCHING,
        width="5",
        height="5",
        custom_attrs={"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"},
    )
    return rx.el.svg(rx.el.defs(pattern), aria_hidden="true", class_name="absolute size-0")


def _swatch(colour: str) -> rx.Component:
    look = f"mr-2 inline-block size-3 rounded-xs align-[-1px] {colour}"
    return rx.el.span(class_name=look, aria_hidden="true")


def lying_bar(
    label: Text, first: Text, second: Text, first_width: Text, second_width: Text
) -> rx.Component:
    """Return a pair of bars that begin at one line: what came, and thinner what went back.

    The widths, such as "85.5%", are on one scale for all pairs. It is a drawing; the sums stand
    beside it, the second one only when it is not "".
    """
    is_alone = rx.Var.create(second) == ""
    return rx.el.li(
        rx.el.span(label, class_name="w-24 shrink-0 text-sm text-(--ink-soft)"),
        rx.el.svg(
            rx.el.rect(
                width=first_width,
                height="13",
                y=rx.cond(is_alone, "4.5", "0"),
                rx="2",
                class_name="fill-(--accent)",
            ),
            rx.el.rect(
                width=second_width,
                height="7",
                y="14.5",
                rx="2",
                class_name=rx.cond(is_alone, "fill-transparent", _HATCHED_BAR),
            ),
            aria_hidden="true",
            class_name="h-5.5 min-w-0 flex-1",
        ),
        rx.el.span(
            rx.el.span(first, class_name="block font-semibold"),
            rx.el.span(second, class_name="block text-(--ink-soft) empty:hidden"),
            class_name="w-28 shrink-0 text-right text-sm tabular-nums",
        ),
        class_name="flex min-h-8.5 items-center gap-3",
    )


def standing_bars(lines: Child, columns: Child) -> rx.Component:
    """Return a drawing of `standing_bar`s before the lines (`scale_line`) of their scale."""
    return rx.el.div(
        rx.el.svg(lines, class_name="absolute inset-0 h-52 w-full overflow-visible"),
        rx.el.div(columns, class_name="relative ml-16 flex"),
        aria_hidden="true",
        class_name="relative hidden sm:block",
    )


def scale_line(label: Text, y: Text) -> rx.Component:
    """Return a line of a scale with its sum, `y` (such as "85.5%") from the top."""
    return rx.el.g(
        rx.el.line(x1="4rem", x2="100%", y1=y, y2=y, class_name="stroke-(--line)"),
        rx.el.text(label, x="0", y=y, dy="4", class_name="fill-(--ink-soft) text-xs tabular-nums"),
    )


def standing_bar(bar: Any) -> rx.Component:
    """Return one column: what came, the part of it that went back, the sum over it, its name.

    `bar` has the texts and shares of `Bar` (`ui/presenters/manage/bookkeeping/report_bars.py`).
    """
    colour = rx.cond(bar.is_cut, "fill-(--accent)/50", "fill-(--accent)")
    return rx.el.div(
        rx.el.svg(
            rx.el.rect(y=bar.top, width="100%", height=bar.height, rx="3", class_name=colour),
            rx.el.rect(
                y=bar.back_top,
                width="100%",
                height=bar.back_height,
                rx="3",
                class_name=_HATCHED_BAR,
            ),
            rx.el.text(
                bar.sum,
                x="50%",
                y=bar.over,
                dy="-6",
                class_name="fill-(--ink) text-[0.8125rem] font-semibold tabular-nums "
                "[text-anchor:middle]",
            ),
            class_name="h-52 w-15 max-w-[70%] overflow-visible",
        ),
        rx.el.span(bar.label, class_name="text-center text-sm text-(--ink-soft)"),
        class_name="flex min-w-0 flex-1 flex-col items-center gap-2",
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
