"""Lists of things of which any number is chosen."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.forms.inputs import field_error
from coursebook.ui.kit.types import Child, Text


def tick_list(
    label: Text, field_id: str, search: rx.Component, *ticks: Child, error: Text = ""
) -> rx.Component:
    """Return things to choose from (`tick`) under one label, below a field that searches them.

    `field_id` is the id of the search field: the error summary links to it. A long list scrolls in
    its own box.
    """
    note = f"{field_id}-note"
    return rx.el.fieldset(
        rx.el.legend(label, class_name="pb-1.5 text-[0.9375rem] font-semibold text-(--ink)"),
        search,
        rx.el.ul(
            *ticks,
            class_name="mt-2 flex max-h-80 flex-col overflow-y-auto rounded-xl border "
            "border-(--line) px-4 empty:hidden",
        ),
        rx.el.div(
            rx.cond(rx.Var.create(error) != "", field_error(error)),
            id=note,
            class_name="pt-1.5 empty:hidden",
        ),
        class_name="flex min-w-0 flex-col",
        custom_attrs={"aria-describedby": note},
    )


def tick_row(label: Text, field_id: str, *ticks: Child, error: Text = "") -> rx.Component:
    """Return a few things to choose from (`short_tick`) beside each other, under one label."""
    note = f"{field_id}-note"
    return rx.el.fieldset(
        rx.el.legend(label, class_name="pb-1.5 text-[0.9375rem] font-semibold text-(--ink)"),
        rx.el.div(*ticks, class_name="flex flex-wrap gap-x-5"),
        rx.el.div(
            rx.cond(rx.Var.create(error) != "", field_error(error)),
            id=note,
            class_name="pt-1.5 empty:hidden",
        ),
        class_name="min-w-0",
        custom_attrs={"aria-describedby": note},
    )


def short_tick(text: Text, tick_id: Text, **props: Any) -> rx.Component:
    """Return one thing of a `tick_row`: a check box and its name."""
    return rx.el.label(
        rx.el.input(
            id=tick_id,
            type="checkbox",
            class_name="size-5 shrink-0 cursor-pointer accent-(--accent)",
            **props,
        ),
        text,
        html_for=tick_id,
        class_name="flex min-h-11 cursor-pointer items-center gap-2.5 text-base text-(--ink)",
    )


def tick(text: Text, below: Text, tick_id: Text, **props: Any) -> rx.Component:
    """Return one thing of a `tick_list`: a check box, its name, and a line below it."""
    return rx.el.li(
        rx.el.label(
            rx.el.input(
                id=tick_id,
                type="checkbox",
                class_name="mt-0.5 size-5 shrink-0 cursor-pointer accent-(--accent)",
                **props,
            ),
            rx.el.span(
                rx.el.span(text, class_name="block text-base text-(--ink)", dir="auto"),
                rx.el.span(below, class_name="block text-sm text-(--ink-soft) empty:hidden"),
                class_name="min-w-0 [overflow-wrap:anywhere]",
            ),
            html_for=tick_id,
            class_name="flex min-h-11 cursor-pointer items-start gap-3 py-2.5",
        ),
        class_name="border-b border-(--line) last:border-b-0",
    )
