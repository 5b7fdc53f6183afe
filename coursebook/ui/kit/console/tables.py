"""Native tables, and the menu of a row. Below 640 px each row is a card.

A card has three places beside its title: `start` and `end` of its last line, and the `menu`. A cell
without a place is hidden there. The roles are written out, because a table that is laid out as a
grid has none for screen readers any more.
"""

from typing import Any

import reflex as rx

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
SORTED = {"ascending": "arrow-up", "descending": "arrow-down"}


def table(caption: Text, columns: list[rx.Component], *rows: Child, **props: Any) -> rx.Component:
    """Return a table. `caption` is for screen readers; `columns` come from `table_column`."""
    return rx.el.table(
        rx.el.caption(caption, class_name="sr-only"),
        rx.el.thead(rx.el.tr(*columns, role="row"), role="rowgroup", class_name="max-sm:sr-only"),
        rx.el.tbody(*rows, role="rowgroup", class_name="max-sm:flex max-sm:flex-col"),
        role="table",
        class_name="w-full border-collapse text-left text-base text-(--ink) max-sm:block",
        **props,
    )


def table_column(
    text: Text,
    *,
    is_end: bool = False,
    is_hidden: bool = False,
    shown_from: str = "",
    sort_href: Text = "",
    sorted_as: str = "",
) -> rx.Component:
    """Return the head of a column.

    `is_end`: its values stand at the right, such as sums. `is_hidden`: only screen readers get its
    name. With `sort_href` it is a link that sorts; `sorted_as` is `ascending` or `descending`.
    """
    sign = [icon(SORTED[sorted_as])] if sorted_as else []
    look = "inline-flex min-h-11 items-center gap-1"
    inner = (
        plain_link(text, *sign, href=sort_href, class_name=f"{look} rounded-sm hover:text-(--ink)")
        if not isinstance(sort_href, str) or sort_href
        else rx.el.span(text, *sign, class_name="sr-only" if is_hidden else look)
    )
    props: dict[str, Any] = {"aria_sort": sorted_as} if sorted_as else {}
    tone = "text-(--ink)" if sorted_as else "text-(--ink-soft)"
    return rx.el.th(
        inner,
        scope="col",
        role="columnheader",
        class_name=f"border-b border-(--line) pr-4 text-sm font-normal last:pr-0 {tone} "
        f"{'text-right' if is_end else ''} {SHOWN_FROM[shown_from]}",
        **props,
    )


def table_row(*cells: Child, **props: Any) -> rx.Component:
    """Return one row of a table: its cells, the first of them a `title_cell`."""
    return rx.el.tr(
        *cells,
        role="row",
        class_name="h-16 border-b border-(--line) hover:bg-(--sunken)/60 max-sm:grid "
        "max-sm:h-auto max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:gap-x-4 max-sm:gap-y-3 "
        "max-sm:py-5 max-sm:[grid-template-areas:'title_menu'_'start_end'] "
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
        class_name=f"py-2 pr-4 last:pr-0 max-sm:p-0 {side} {shown} {CARD_PLACES[card]}",
    )


def second_line(text: Text) -> rx.Component:
    """Return the small second line of a cell, nothing without a text."""
    return rx.el.span(text, class_name="block text-sm text-(--ink-soft) empty:hidden", dir="auto")


def row_menu(label: Text, menu_id: Text, *entries: Child) -> rx.Component:
    """Return the menu of a row: a button with three dots, and a list of `menu_link`, `menu_button`.

    The list is a popover of the browser: Escape and a click beside it close it, and the focus
    returns to the button. On a phone it is a sheet at the lower edge.
    """
    target = menu_id if isinstance(menu_id, str) else menu_id.to(str)
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
        rx.el.div(
            rx.el.ul(*entries, class_name="flex flex-col"),
            id=target,
            role="group",
            aria_label=label,
            custom_attrs={"popover": "auto"},
            class_name="w-68 rounded-[0.875rem] border border-(--line) bg-(--surface) p-1.5 "
            "text-(--ink) shadow-(--lift) [inset:auto] [position-area:bottom_span-left] "
            "[position-try-fallbacks:flip-block] not-supports-[position-area:bottom]:m-auto "
            "not-supports-[position-area:bottom]:inset-0 max-sm:w-full max-sm:max-w-none "
            "max-sm:rounded-b-none max-sm:[inset:auto_0_0_0] max-sm:[position-area:none] "
            "max-sm:pb-[max(0.375rem,env(safe-area-inset-bottom))]",
        ),
    )


_ENTRY = (
    "flex min-h-11 w-full cursor-pointer items-center gap-3 rounded-lg px-3 text-left text-base "
    "text-(--ink) hover:bg-(--accent-soft) hover:text-(--accent) max-sm:min-h-13"
)


def menu_link(sign: str, text: Text, href: Text) -> rx.Component:
    """Return one entry of a `row_menu` that leads to a page."""
    return rx.el.li(plain_link(icon(sign, size="md"), text, href=href, class_name=_ENTRY))


def menu_button(sign: str, text: Text, menu_id: Text, **props: Any) -> rx.Component:
    """Return one entry of a `row_menu` that does something; pressing it closes the menu."""
    attributes = {"popoverTarget": menu_id, "popoverTargetAction": "hide"}
    return rx.el.li(menu_item(sign, text, custom_attrs=attributes, **props))


def menu_item(sign: str, text: Text, **props: Any) -> rx.Component:
    """Return a button that looks like an entry of a menu."""
    return rx.el.button(icon(sign, size="md"), text, type="button", class_name=_ENTRY, **props)


def menu_class() -> str:
    """Return the classes of an entry of a menu, for components that bring their own element."""
    return _ENTRY


def menu_rule() -> rx.Component:
    """Return the line between two groups of a menu."""
    return rx.el.li(role="separator", class_name="mx-3 my-1.5 border-t border-(--line)")


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
