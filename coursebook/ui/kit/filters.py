"""The filter bar: fields with labels inside, collapsed on a phone; chips of the set filters."""

import reflex as rx

from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

_CELL = "relative min-w-0 bg-(--surface) hover:bg-(--accent-soft)"
_NAME = "pointer-events-none absolute top-2.5 left-4 z-10 text-sm text-(--ink-soft)"
_VALUE = (
    "h-16 w-full min-w-0 cursor-pointer appearance-none truncate bg-transparent px-4 pt-7 pb-2 "
    "text-base font-medium text-(--ink) focus-visible:-outline-offset-3"
)
SHORT_ROW = 3
"""Fields in one row from 640 px on; a bar with more has six in a row on a wide screen."""
_SHORT_ROW, _LONG_ROW = (
    "sm:max-w-2xl sm:has-[>[data-gap]]:max-w-md sm:has-[>[data-gap]]:grid-cols-2",
    "lg:grid-cols-6",
)
# Browsers that can open `<details>` by style show no fold on wide screens.
_WIDE = "supports-[selector(::details-content)]:sm"


def filter_fold(summary: str, chosen: rx.Var[int], *children: rx.Component) -> rx.Component:
    """Return filters that are collapsed on a phone, with the number of those that are set."""
    return rx.el.details(
        rx.el.summary(
            icon("sliders-horizontal", size="md"),
            rx.el.span(summary),
            rx.cond(
                chosen > 0,
                rx.el.span(
                    chosen,
                    class_name="rounded-full bg-(--accent) px-2 text-sm text-(--on-accent)",
                ),
            ),
            rx.el.span(
                icon("chevron-down", size="md"),
                class_name="ml-auto transition-transform group-open/fold:rotate-180",
            ),
            class_name="flex min-h-12 cursor-pointer list-none items-center gap-2 rounded-xl "
            "border border-(--edge) bg-(--surface) px-4 font-medium text-(--ink) "
            f"hover:border-(--accent) [&::-webkit-details-marker]:hidden {_WIDE}:hidden",
        ),
        rx.el.div(*children, class_name=f"flex flex-col gap-3 pt-3 {_WIDE}:pt-0"),
        class_name=f"group/fold {_WIDE}:[&::details-content]:[content-visibility:visible] "
        f"{_WIDE}:[&::details-content]:block",
    )


def filter_bar(*cells: rx.Component) -> rx.Component:
    """Return fields side by side in one frame with thin dividers.

    On a phone they stand in pairs, and a last one without another has the whole row.
    """
    count = len(cells)
    last = f"max-sm:[&>:nth-child({count})]:col-span-2 " if count % 2 else ""
    return rx.el.div(
        *cells,
        *_rest_of_row(count),
        class_name="grid grid-cols-2 gap-px overflow-hidden rounded-2xl border border-(--edge) "
        f"bg-(--line) {last}sm:grid-cols-3 {_LONG_ROW if count > SHORT_ROW else _SHORT_ROW}",
    )


def _rest_of_row(count: int) -> list[rx.Component]:
    """Return an empty cell that fills the last row from 640 px on, if that is not full."""
    wide = 6 if count > SHORT_ROW else SHORT_ROW
    rests = {prefix: -count % columns for prefix, columns in (("sm:", 3), ("lg:", wide))}
    if not any(rests.values()):
        return []
    shown = ["hidden"]
    shown += [f"{p}block {p}col-span-{n}" if n else f"{p}hidden" for p, n in rests.items()]
    return [rx.el.div(class_name=f"bg-(--surface) {' '.join(shown)}")]


def filter_gap() -> rx.Component:
    """Return what stands in place of the third field of a short bar: it is narrower then."""
    return rx.el.div(custom_attrs={"data-gap": ""}, class_name="hidden")


def filter_select(
    label: Text, field_id: str, *options: rx.Component, **props: object
) -> rx.Component:
    """Return a drop-down of the filter bar; its whole cell is clickable."""
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name=_NAME),
        rx.el.select(*options, id=field_id, class_name=f"{_VALUE} pr-9", **props),
        rx.el.span(
            icon("chevron-down", size="sm"),
            class_name="pointer-events-none absolute right-4 bottom-3 text-(--ink-soft)",
        ),
        class_name=_CELL,
    )


def filter_day(label: Text, field_id: str, **props: object) -> rx.Component:
    """Return a date field of the filter bar."""
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name=_NAME),
        rx.el.input(
            id=field_id,
            type="date",
            class_name=f"{_VALUE} max-[359px]:pr-1 max-[359px]:text-sm",
            **props,
        ),
        class_name=_CELL,
    )


def sort_select(
    label: Text, field_id: str, *options: rx.Component, **props: object
) -> rx.Component:
    """Return the small drop-down of the sort order, with its label before it."""
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name="text-base text-(--ink-soft)"),
        rx.el.div(
            rx.el.select(
                *options,
                id=field_id,
                class_name="min-h-11 max-w-full cursor-pointer appearance-none rounded-md "
                "bg-transparent pr-6 text-base font-medium text-(--ink)",
                **props,
            ),
            rx.el.span(
                icon("chevron-down", size="sm"),
                class_name="pointer-events-none absolute inset-y-0 right-0 flex items-center "
                "text-(--ink-soft)",
            ),
            class_name="relative max-w-full min-w-0",
        ),
        class_name="inline-flex max-w-full flex-wrap items-center gap-x-2",
    )


def without_script(text: Text) -> rx.Component:
    """Return the submit button of a form, shown without JavaScript only."""
    return rx.el.noscript(
        rx.el.button(
            text,
            type="submit",
            class_name="min-h-11 rounded-full bg-(--accent) px-5 font-semibold text-(--on-accent)",
        )
    )


def chips(label: Text, *children: object) -> rx.Component:
    """Return the chips of the set filters; nothing without any."""
    return rx.el.div(
        *children,
        role="group",
        aria_label=label,
        class_name="flex flex-wrap items-center gap-2 empty:hidden",
    )


def chip(text: Text, href: Text, label: Text, **props: object) -> rx.Component:
    """Return the chip of one filter, a link to the page without it."""
    return plain_link(
        rx.el.span(text, class_name="truncate"),
        icon("x", size="sm"),
        href=href,
        aria_label=label,
        class_name="inline-flex min-h-9 max-w-full items-center gap-1.5 rounded-full "
        "bg-(--accent-soft) py-1 pr-3 pl-4 text-base font-medium text-(--accent) "
        "hover:bg-(--accent) hover:text-(--on-accent)",
        **props,
    )
