"""Native tables, and the menu of a row. Below 640 px each row is a card.

A card has three places beside its title: `start` and `end` of its last line, and the `menu`. A cell
without a place is hidden there. The roles are written out, because a table that is laid out as a
grid has none for screen readers any more.
"""

from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Child, Text

CARD_PLACES = {
    "title": "max-sm:[grid-area:title]",
    "start": "max-sm:[grid-area:start] max-sm:self-center",
    "end": "max-sm:[grid-area:end] max-sm:justify-self-end max-sm:text-right",
    "menu": "max-sm:[grid-area:menu]",
    "": "max-sm:hidden",
}
SHOWN_FROM = {"": "", "wide": "hidden xl:table-cell"}
"""Which screens have a column: all that have columns, or those from 1280 px."""
WIDTHS = {
    "": "",
    "menu": "xl:w-15",
    "sum": "xl:w-28",
    "word": "xl:w-40",
    "places": "xl:w-44",
    "when": "xl:w-52",
    "start": "xl:w-50",
    "state": "xl:w-36",
    "tick": "w-9",
    "person": "xl:w-46",
    "contact": "xl:w-50",
    "payment": "xl:w-64",
    "day": "xl:w-24",
    "came": "xl:w-36",
}
"""How wide a column is from 1280 px on, so that it stays when its values change."""
SORTED = {"ascending": "arrow-up", "descending": "arrow-down"}


def table(caption: Text, columns: list[rx.Component], *rows: Child, **props: Any) -> rx.Component:
    """Return a table. `caption` is for screen readers; `columns` come from `table_column`."""
    return rx.el.table(
        rx.el.caption(caption, class_name="sr-only"),
        rx.el.thead(rx.el.tr(*columns, role="row"), role="rowgroup", class_name="max-sm:sr-only"),
        rx.el.tbody(*rows, role="rowgroup", class_name="max-sm:flex max-sm:flex-col"),
        role="table",
        class_name="w-full border-collapse text-left text-base text-(--ink) max-sm:block "
        "xl:table-fixed",
        **props,
    )


def table_column(
    text: Text,
    *,
    is_end: bool = False,
    is_hidden: bool = False,
    is_printed: bool = True,
    shown_from: str = "",
    width: str = "",
) -> rx.Component:
    """Return the head of a column.

    `is_end`: its values stand at the right, such as sums. `is_hidden`: only screen readers get its
    name. `is_printed`: paper has it too. `width` is a name of `WIDTHS`.
    """
    inner = rx.el.span(text, class_name="sr-only" if is_hidden else _HEAD)
    printed = "" if is_printed else " print:hidden"
    more = f"{SHOWN_FROM[shown_from]} {WIDTHS[width]}{printed}"
    return _head(inner, "text-(--ink-soft)", is_end, more)


def sorted_column(
    text: Text, href: Text, *, sorted_as: str = "", is_end: bool = False, width: str = ""
) -> rx.Component:
    """Return the head of a column that is a link which sorts by it.

    `sorted_as` is `ascending` or `descending` when the rows are in its order.
    """
    sign = [icon(SORTED[sorted_as])] if sorted_as else []
    link = plain_link(text, *sign, href=href, class_name=f"{_HEAD} rounded-sm hover:text-(--ink)")
    tone = "text-(--ink)" if sorted_as else "text-(--ink-soft)"
    props: dict[str, Any] = {"aria_sort": sorted_as} if sorted_as else {}
    return _head(link, tone, is_end, WIDTHS[width], **props)


_HEAD = "inline-flex min-h-11 items-center gap-1"


def _head(inner: rx.Component, tone: str, is_end: bool, more: str, **props: Any) -> rx.Component:
    side = "text-right" if is_end else ""
    return rx.el.th(
        inner,
        scope="col",
        role="columnheader",
        class_name=f"border-b border-(--line) pr-4 text-sm font-normal last:pr-0 {tone} "
        f"{side} {more}",
        **props,
    )


def table_row(*cells: Child, **props: Any) -> rx.Component:
    """Return one row of a table: its cells, the first of them a `title_cell`."""
    return rx.el.tr(
        *cells,
        role="row",
        class_name="h-16 border-b border-(--line) hover:bg-(--sunken)/60 max-sm:grid "
        "max-sm:h-auto max-sm:grid-cols-[minmax(0,1fr)_auto_2.75rem] max-sm:gap-x-4 "
        "max-sm:gap-y-3 max-sm:py-5 "
        "max-sm:[grid-template-areas:'title_title_menu'_'start_end_end'] "
        "max-sm:[&:not(:has(>[data-menu]))>th]:[grid-column:1/-1] "
        "max-sm:hover:bg-transparent",
        **props,
    )


def title_cell(
    title: Text, href: Text, *, below: Text = "", image: Text | None = None, lang: Text = ""
) -> rx.Component:
    """Return the cell that names a row: a link, a line below it, a small picture before it."""
    picture = [] if image is None else [_thumb(image)]
    return rx.el.th(
        rx.el.div(
            *picture,
            rx.el.div(
                plain_link(
                    title,
                    href=href,
                    class_name="inline-block rounded-sm font-semibold text-(--ink) "
                    "underline-offset-4 hover:text-(--accent) hover:underline",
                    lang=lang,
                    dir="auto",
                ),
                rx.el.span(
                    below,
                    class_name="block text-sm font-normal text-(--ink-soft) empty:hidden",
                    lang=lang,
                    dir="auto",
                ),
                class_name="min-w-0 [overflow-wrap:anywhere]",
            ),
            class_name="flex items-center gap-3.5",
        ),
        scope="row",
        role="rowheader",
        class_name=f"py-2 pr-4 text-left font-normal {CARD_PLACES['title']}",
    )


def name_cell(name: Text, *, below: Text = "") -> rx.Component:
    """Return the cell that names a row without a page of its own: a person, with their address."""
    return rx.el.th(
        rx.el.span(name, class_name="block font-semibold text-(--ink)", dir="auto"),
        second_line(below),
        scope="row",
        role="rowheader",
        class_name="py-2 pr-4 text-left font-normal [overflow-wrap:anywhere] "
        f"{CARD_PLACES['title']}",
    )


def cell(
    *children: Child, card: str = "", is_end: bool = False, shown_from: str = ""
) -> rx.Component:
    """Return one cell. `card` is its place in the card of a phone; `is_end` as in its column."""
    side = "text-right tabular-nums" if is_end else ""
    shown = SHOWN_FROM[shown_from] or "table-cell max-sm:block"
    if not card:
        shown = SHOWN_FROM[shown_from]
    return rx.el.td(
        *children,
        role="cell",
        custom_attrs={"data-menu": ""} if card == "menu" else {},
        class_name="py-2 pr-4 last:pr-0 max-sm:min-w-0 max-sm:p-0 max-sm:[overflow-wrap:anywhere] "
        f"{side} {shown} {CARD_PLACES[card]}",
    )


def end_line(*children: Child) -> rx.Component:
    """Return the content of the last cell in one line at the right, such as a word and a button."""
    return rx.el.div(
        *children, class_name="flex flex-wrap items-center justify-end gap-x-6 sm:flex-nowrap"
    )


def second_line(text: Text) -> rx.Component:
    """Return the small second line of a cell, nothing without a text."""
    return rx.el.span(text, class_name="block text-sm text-(--ink-soft) empty:hidden", dir="auto")


class MenuPopover(rx.Component):
    """The list of a row's menu: it closes when something in it is chosen."""

    library = browser_file(__name__, "row_menu.jsx")
    tag = "MenuPopover"

    is_lazy: rx.Var[bool]


def row_menu(label: Text, menu_id: Text, *entries: Child, is_lazy: bool = False) -> rx.Component:
    """Return the menu of a row: a button with three dots, and a list of `menu_link`, `menu_item`.

    The list is a popover of the browser: Escape and a click beside it close it, and the focus
    returns to the button. On a phone it is a sheet at the lower edge. `is_lazy`: the page has its
    entries only while it is open, for long lists.
    """
    target = rx.Var.create(menu_id)
    return rx.fragment(
        rx.el.button(
            icon("ellipsis", size="md"),
            type="button",
            aria_label=label,
            custom_attrs={"popoverTarget": target},
            class_name="ml-auto flex size-11 cursor-pointer items-center justify-center "
            "rounded-full border border-transparent text-(--ink) hover:border-(--edge) "
            "hover:bg-(--surface)",
        ),
        _menu(label, target, *entries, is_lazy=is_lazy),
    )


def text_menu(
    content: Child, label: Text, menu_id: str, look: str, *entries: Child
) -> rx.Component:
    """Return a menu as `row_menu` whose button has a `content` and the classes `look`."""
    target = rx.Var.create(menu_id)
    return rx.fragment(
        rx.el.button(
            content, type="button", custom_attrs={"popoverTarget": target}, class_name=look
        ),
        _menu(label, target, *entries),
    )


def _menu(label: Text, target: rx.Var[str], *entries: Child, is_lazy: bool = False) -> rx.Component:
    return MenuPopover.create(
        rx.el.p(
            label,
            class_name="hidden px-3 pt-3 pb-1 font-(family-name:--font-display) text-xl "
            "font-semibold max-sm:block",
            aria_hidden="true",
        ),
        rx.el.ul(*entries, class_name="flex flex-col"),
        id=target,
        is_lazy=is_lazy,
        custom_attrs={"role": "group", "aria-label": label},
        class_name="w-68 rounded-[0.875rem] border border-(--line) bg-(--surface) p-1.5 "
        "text-(--ink) shadow-(--lift) [inset:auto] [position-area:bottom_span-left] "
        "[position-try-fallbacks:flip-block] not-supports-[position-area:bottom]:m-auto "
        "not-supports-[position-area:bottom]:inset-0 max-sm:w-full max-sm:max-w-none "
        "max-sm:rounded-b-none max-sm:[inset:auto_0_0_0] max-sm:[position-area:none] "
        "max-sm:pb-[max(0.375rem,env(safe-area-inset-bottom))]",
    )


_ENTRY = (
    "flex min-h-11 w-full cursor-pointer items-center gap-3 rounded-lg px-3 text-left text-base "
    "text-(--ink) hover:bg-(--accent-soft) hover:text-(--accent) max-sm:min-h-13"
)


def menu_link(sign: str, text: Text, href: Text) -> rx.Component:
    """Return one entry of a `row_menu` that leads to a page."""
    return rx.el.li(plain_link(icon(sign, size="md"), text, href=href, class_name=_ENTRY))


def menu_item(action: rx.Component) -> rx.Component:
    """Return one entry of a `row_menu` that does something: a button with `menu_class`."""
    return rx.el.li(action)


def menu_class() -> str:
    """Return the classes of an entry of a menu, for components that bring their own element."""
    return _ENTRY


def menu_rule() -> rx.Component:
    """Return the line between two groups of a menu."""
    return rx.el.li(aria_hidden="true", class_name="mx-3 my-1.5 border-t border-(--line)")


def on_screen_only(*children: Child) -> rx.Component:
    """Return parts that are left out on paper."""
    return rx.el.div(*children, class_name="contents print:hidden")


def on_cards_only(*children: Child) -> rx.Component:
    """Return a part of a cell that only the card of a phone shows, below the rest."""
    return rx.el.span(*children, class_name="mt-1.5 block empty:hidden sm:hidden")


def _thumb(image: Text) -> rx.Component:
    return rx.el.span(
        rx.cond(
            rx.Var.create(image) != "",
            rx.el.img(
                src=image,
                alt="",
                loading="lazy",
                custom_attrs={"width": "64", "height": "40"},
                class_name="size-full object-cover",
            ),
        ),
        class_name="relative block h-10 w-16 shrink-0 overflow-hidden rounded-lg bg-(--sunken) "
        "after:pointer-events-none after:absolute after:inset-0 after:rounded-lg after:border "
        "after:border-(--veil) after:content-['']",
    )
