"""The acts on one thing, such as a booking: their list, and the panel that takes its place."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text

_ROW = (
    "flex min-h-13 w-full items-center gap-3 border-b border-(--line) py-2 text-left text-base "
    "text-(--ink)"
)


def act_list(*rows: Child) -> rx.Component:
    """Return acts below each other (`act_row`)."""
    return rx.el.ul(*rows, class_name="flex flex-col border-t border-(--line)")


def act_row(sign: str, text: Text, why_not: rx.Var[str], **props: Any) -> rx.Component:
    """Return one act: a button, or with `why_not` its name and why it is not possible now."""
    button = rx.el.button(
        icon(sign, size="md"),
        rx.el.span(text, class_name="flex-1"),
        rx.el.span(icon("chevron-right"), class_name="text-(--ink-soft)"),
        type="button",
        class_name=f"{_ROW} cursor-pointer hover:text-(--accent)",
        **props,
    )
    off = rx.el.p(
        icon(sign, size="md"),
        rx.el.span(rx.el.span(text, class_name="block"), rx.el.span(why_not, class_name="text-sm")),
        class_name=f"{_ROW} !text-(--ink-soft)",
    )
    return rx.el.li(rx.cond(why_not == "", button, off))


def act_panel(
    title: Text, close_label: Text, *children: Child, on_close: Any, title_id: str
) -> rx.Component:
    """Return the questions about one act. Its title can be focused; Escape does not close it."""
    close = rx.el.button(
        icon("x", size="md"),
        type="button",
        aria_label=close_label,
        on_click=on_close,
        class_name="-mt-1 -mr-2 flex size-11 cursor-pointer items-center justify-center "
        "rounded-full text-(--ink) hover:bg-(--sunken)",
        data_testid="close-panel",
    )
    return rx.el.section(
        rx.el.div(
            rx.el.h2(
                title, id=title_id, tab_index=-1, class_name=f"{DISPLAY} text-[1.375rem] leading-8"
            ),
            close,
            class_name="flex items-start justify-between gap-4",
        ),
        *children,
        custom_attrs={"aria-labelledby": title_id},
        class_name="flex flex-col gap-2 rounded-2xl border border-(--line) bg-(--surface) p-5 "
        "shadow-(--shadow) sm:p-6",
        data_testid="act-panel",
    )


def acts_split(main: Child, aside: Child, *, is_aside_first: rx.Var[bool]) -> rx.Component:
    """Return a wide part with a column of 25 rem beside it, below it on a narrow screen.

    With `is_aside_first` the column comes first there.
    """
    order = rx.cond(is_aside_first, "min-w-0 max-xl:order-first", "min-w-0")
    return rx.el.div(
        rx.el.div(main, class_name="min-w-0"),
        rx.el.div(aside, class_name=order),
        class_name="grid gap-x-14 gap-y-10 xl:grid-cols-[minmax(0,1fr)_25rem]",
    )
