"""The list of people: dense rows with their payment, tools above it, and how it is printed."""

from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Handler, Text

_PRINT = browser_file(__name__, "print_button.jsx")
_TICK = browser_file(__name__, "tick_box.jsx")
_TOOL = (
    "inline-flex min-h-11 min-w-11 cursor-pointer items-center justify-center gap-2 rounded-sm "
    "text-base font-medium text-(--ink) hover:text-(--accent) aria-busy:opacity-60"
)
_BULK_TOOL = (
    "inline-flex min-h-11 cursor-pointer items-center rounded-sm font-semibold text-(--paper) "
    "underline-offset-4 hover:underline focus-visible:outline-(--paper) aria-busy:opacity-60"
)
PLACES = {
    "here": "bg-(--accent)",
    "confirmed": "bg-(--accent)/40",
    "held": "bg-(--warn)/60",
    "free": "border border-(--edge)/60 bg-(--sunken)",
}
DOTS = {
    "bad": "bg-(--bad)",
    "warn": "border-2 border-(--warn)",
    "live": "bg-(--accent)",
}
_STATE_TEXTS = {"bad": "text-(--bad)", "warn": "text-(--warn)", "live": "text-(--accent)"}


class PrintButton(rx.Component):
    """A button that prints the page once `has_more` is false; `on_need_all` loads the rest."""

    library = _PRINT
    tag = "PrintButton"

    has_more: rx.Var[bool]
    on_need_all: rx.EventHandler[rx.event.no_args_event_spec]


class TickBox(rx.Component):
    """A check box that follows `checked`, and shows a click before the state has answered."""

    library = _TICK
    tag = "TickBox"

    checked: rx.Var[bool]
    on_ticked: rx.EventHandler[rx.event.no_args_event_spec]


def tool_class(*, is_bulk: bool = False) -> str:
    """Return the classes of a tool above a list, or in a `bulk_bar`, for elements of their own."""
    return _BULK_TOOL if is_bulk else _TOOL


def tool_text(sign: str, text: Text) -> rx.Component:
    """Return the content of a tool: an icon, and the word beside it from 640 px on."""
    return rx.fragment(icon(sign, size="md"), rx.el.span(text, class_name="max-sm:sr-only"))


def print_button(text: Text, *, has_more: rx.Var[bool], on_need_all: Handler) -> rx.Component:
    """Return the tool that prints the whole list."""
    return PrintButton.create(
        tool_text("printer", text), has_more=has_more, on_need_all=on_need_all, class_name=_TOOL
    )


def list_tools(count: Child, *tools: Child) -> rx.Component:
    """Return the line between filters and list: how many, and what can be done with them."""
    return rx.el.div(
        count,
        rx.el.div(*tools, class_name="flex flex-wrap items-center gap-x-3 sm:gap-x-6"),
        class_name="flex flex-wrap items-center justify-between gap-x-4 print:hidden",
    )


def place_bar(places: rx.Var[list[str]]) -> rx.Component:
    """Return a wide bar with one part for each place: `here`, `confirmed`, `held` or `free`."""

    def part(place: rx.Var[str]) -> rx.Component:
        looks = [(name, look) for name, look in PLACES.items() if name != "free"]
        return rx.el.span(
            class_name=["h-3 min-w-0 flex-1 rounded-xs", rx.match(place, *looks, PLACES["free"])]
        )

    return rx.el.div(rx.foreach(places, part), class_name="flex gap-0.5", aria_hidden="true")


def course_figures(bar: rx.Component, *sums: tuple[Text, Text]) -> rx.Component:
    """Return the bar of places with its legend, and sums beside it or below it.

    Each of the sums is a name and a value; without a value it is not shown.
    """
    figures = [
        rx.cond(
            rx.Var.create(value) != "",
            rx.el.div(
                rx.el.p(label, class_name="text-sm text-(--ink-soft)"),
                rx.el.p(value, class_name=f"{DISPLAY} text-2xl leading-tight tabular-nums"),
            ),
        )
        for label, value in sums
    ]
    return rx.el.div(
        rx.el.div(bar, class_name="flex min-w-0 flex-1 basis-80 flex-col gap-2.5"),
        rx.el.div(*figures, class_name="flex flex-wrap gap-x-8 gap-y-2 empty:hidden"),
        class_name="flex flex-wrap items-center gap-x-12 gap-y-4 print:hidden",
    )


def state_word(text: Text, tone: rx.Var[str], *more: Child) -> rx.Component:
    """Return a word with a dot before it when it differs from what is usual.

    `tone` is `bad`, `warn` or `live` (happening now); anything else has no dot and is muted. The
    dot hangs in its own column, so that the words stand below each other.
    """
    dots = [
        (name, rx.el.span(class_name=f"size-2 rounded-full {dot}")) for name, dot in DOTS.items()
    ]
    texts = rx.match(tone, *_STATE_TEXTS.items(), "text-(--ink-soft)")
    return rx.el.span(
        rx.el.span(
            rx.match(tone, *dots, rx.fragment()),
            class_name="flex w-3.75 shrink-0 items-center empty:max-sm:hidden print:hidden",
            aria_hidden="true",
        ),
        rx.el.span(rx.el.span(text, class_name=texts), *more),
        class_name="flex items-center sm:-ml-3.75",
    )


def sum_beside(amount: Text, more: Text) -> rx.Component:
    """Return the sum after a word, and a small remark after it."""
    return rx.fragment(
        rx.el.span(" ", amount, class_name="text-(--ink) tabular-nums"),
        rx.el.span(" ", more, class_name="text-sm text-(--ink-soft) tabular-nums"),
    )


def dense_row(*cells: Child, **props: Any) -> rx.Component:
    """Return one row of a long list, its cells from `person_cell`, `person_part` and `cell`.

    On a phone it has the name with the menu beside it, and each part on a line of its own.
    """
    return rx.el.tr(
        *cells,
        role="row",
        class_name="h-11.5 border-b border-(--line) hover:bg-(--sunken)/60 print:h-10 "
        "print:break-inside-avoid max-sm:grid max-sm:h-auto "
        "max-sm:grid-cols-[minmax(0,1fr)_2.75rem] max-sm:gap-x-3 max-sm:py-3 "
        "max-sm:[grid-template-areas:'title_menu'_'start_menu'_'came_menu'_'note_menu'] "
        "max-sm:hover:bg-transparent",
        **props,
    )


def person_cell(name: Text, href: Text) -> rx.Component:
    """Return the cell that names a row of `dense_row`, a link unless `href` is ""."""
    look = "block truncate print:whitespace-normal"
    link = plain_link(
        name,
        href=href,
        title=name,
        dir="auto",
        class_name=f"{look} rounded-sm underline-offset-4 hover:text-(--accent) hover:underline",
    )
    plain = rx.el.span(name, class_name=look, dir="auto", title=name)
    return rx.el.th(
        rx.cond(rx.Var.create(href) != "", link, plain),
        scope="row",
        role="rowheader",
        class_name="max-w-0 min-w-44 py-1 pr-4 text-left font-normal text-(--ink) "
        "max-sm:max-w-none max-sm:self-center max-sm:p-0 max-sm:text-[1.0625rem] "
        "max-sm:font-semibold max-sm:[grid-area:title] print:w-72",
    )


_PARTS = {
    "start": "max-sm:block max-sm:p-0 max-sm:[grid-area:start]",
    "came": "max-sm:block max-sm:p-0 max-sm:[grid-area:came]",
    "note": "max-sm:block max-sm:p-0 max-sm:[grid-area:note]",
    "menu": "max-sm:block max-sm:p-0 max-sm:[grid-area:menu]",
    "wide": "hidden xl:table-cell",
    "": "max-sm:hidden",
}


def person_part(*children: Child, card: str = "", is_printed: bool = False) -> rx.Component:
    """Return one cell of a `dense_row`.

    `card` is its place on a phone: `start`, `came`, `note` or `menu`; others are hidden there.
    `wide`: only screens from 1280 px on have it.
    """
    printed = "print:table-cell" if is_printed else "print:hidden"
    return rx.el.td(
        *children, role="cell", class_name=f"py-1 pr-4 last:pr-0 {_PARTS[card]} {printed}"
    )


def cut_text(*children: Child, title: Text = "", is_small: bool = False) -> rx.Component:
    """Return a text in one line with an ellipsis; a phone and paper show the whole of it."""
    size = "text-sm text-(--ink-soft) " if is_small else "text-sm text-(--ink) "
    return rx.el.span(
        *children,
        title=title,
        dir="auto",
        class_name=f"{size}block truncate max-sm:whitespace-normal "
        "max-sm:[overflow-wrap:anywhere] print:whitespace-normal",
    )


def tick_cell(label: Text, *, is_chosen: rx.Var[bool], on_ticked: Handler) -> rx.Component:
    """Return the cell with the check box of a row, or of all rows in the head. A phone has none."""
    box = TickBox.create(
        checked=is_chosen,
        on_ticked=on_ticked,
        aria_label=label,
        class_name="block size-6 cursor-pointer accent-(--accent)",
    )
    look = "w-9 border-b border-(--line) max-sm:hidden print:hidden"
    return rx.el.td(box, role="cell", class_name=look)


def bulk_bar(label: Text, count: Text, *actions: Child) -> rx.Component:
    """Return the bar for rows that are ticked: how many, and what can be done with all of them."""
    return rx.el.div(
        rx.el.span(count, class_name="tabular-nums", role="status"),
        *actions,
        role="group",
        aria_label=label,
        class_name="fixed inset-x-3 bottom-5 z-20 mx-auto flex w-fit max-w-full flex-wrap "
        "items-center gap-x-6 rounded-3xl bg-(--ink) px-6 py-1.5 text-base text-(--paper) "
        "shadow-(--lift) print:hidden",
    )


def printed_box(*, is_head: bool = False) -> rx.Component:
    """Return the cell with an empty box, to be ticked on paper; without the box in the head."""
    return rx.el.td(
        *([] if is_head else [rx.el.span(class_name="block size-4 border border-(--ink)")]),
        role="cell",
        aria_hidden="true",
        class_name="hidden w-8 print:table-cell",
    )
