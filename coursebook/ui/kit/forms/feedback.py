"""What stands around the fields of a form: the summary of errors, the preview, the foot."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.focus import focus_on
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Child, Text
from coursebook.ui.reflex_compat.components import PlainAnchor

SUMMARY = "error-summary"
"""The id of the error summary, which takes the focus."""


def error_summary(title: Text, *items: Child, stamp: rx.Var[int]) -> rx.Component:
    """Return what is wrong with a form, with a link to each field (`summary_link`).

    It takes the focus whenever `stamp` changes: count it up each time that a form is refused.
    """
    return rx.el.div(
        rx.el.div(
            rx.el.span(icon("circle-alert", size="md"), class_name="mt-0.5 text-(--bad)"),
            rx.el.div(
                rx.el.p(title, class_name="text-base font-semibold text-(--ink)"),
                rx.el.ul(*items, class_name="flex flex-col gap-0.5"),
                class_name="flex min-w-0 flex-col gap-1.5",
            ),
            class_name="flex gap-3",
        ),
        focus_on(rx.Var.create(SUMMARY), stamp),
        id=SUMMARY,
        role="alert",
        tab_index=-1,
        class_name="rounded-xl bg-(--bad-soft) px-4 py-3",
        data_testid=SUMMARY,
    )


def summary_link(text: Text, field_id: Text) -> rx.Component:
    """Return one line of the error summary; it leads to the field and focuses it."""
    target = rx.Var.create("#").to(str) + rx.Var.create(field_id).to(str)
    return rx.el.li(
        PlainAnchor.create(
            text,
            href=target,
            class_name="inline-block min-h-6 rounded-sm text-base text-(--bad) underline "
            "decoration-1 underline-offset-4 hover:decoration-2",
        )
    )


def form_part(title: Text, *children: rx.Component, **props: Any) -> rx.Component:
    """Return one part of a form under its heading; a line parts it from the one before."""
    return rx.el.section(
        rx.el.h2(
            title,
            class_name="font-(family-name:--font-display) text-[1.375rem] leading-[1.3] "
            "font-semibold tracking-tight text-(--ink)",
        ),
        *children,
        class_name="flex flex-col gap-6 border-t border-(--line) pt-8 first:border-t-0 first:pt-0",
        **props,
    )


def field_row(*children: rx.Component, columns: str = "even") -> rx.Component:
    """Return fields side by side; below each other on a phone. `columns`: `even` or `first`.

    With `pair` a phone too has the first two beside each other, the second one narrower.
    """
    shapes = {
        "even": "sm:auto-cols-fr",
        "first": "sm:grid-cols-[1fr_7.5rem_7.5rem]",
        "pair": "sm:auto-cols-fr min-[22.5rem]:max-sm:grid-cols-[1fr_8.5rem] "
        "min-[22.5rem]:max-sm:[&>:nth-child(3)]:col-span-2",
    }
    return rx.el.div(
        *children, class_name=f"grid items-start gap-4 sm:grid-flow-col {shapes[columns]}"
    )


def form_split(form: rx.Component, preview: rx.Component) -> rx.Component:
    """Return a form with its preview beside it, which stays in sight.

    On a narrow screen one of them shows: each is a `tab_part`.
    """
    return rx.el.div(
        rx.el.div(form, class_name="min-w-0"),
        rx.el.div(
            rx.el.div(preview, class_name="flex flex-col gap-3 xl:sticky xl:top-6"),
            class_name="min-w-0",
        ),
        class_name="grid xl:grid-cols-[minmax(0,1fr)_22rem] xl:gap-14",
    )


def form_foot(
    state: rx.Component, *actions: rx.Component, menu: rx.Component | None = None
) -> rx.Component:
    """Return the bar at the foot of a form: how it stands at the left, actions at the right.

    On a phone the actions have a row of their own, and `menu` stands beside the state. It sticks to
    the lower edge, except on very small screens (a page at 400 % zoom).
    """
    return rx.el.div(
        rx.el.div(
            rx.el.div(state, class_name="min-w-0 text-[0.9375rem] text-(--ink)", role="status"),
            menu,
            class_name="flex min-w-0 items-center max-sm:w-full",
        ),
        rx.el.div(
            *actions,
            class_name="ml-auto flex flex-wrap items-center justify-end gap-3 "
            "max-sm:w-full max-sm:[&>button]:flex-auto [&>button]:px-4",
        ),
        class_name="sticky bottom-0 z-20 -mx-5 mt-10 flex flex-wrap items-center gap-x-3 "
        "gap-y-2 border-t border-(--line) bg-(--surface) px-5 pt-3 "
        "pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-(--shadow) sm:-mx-6 "
        "sm:rounded-t-2xl sm:border-x sm:px-4 [@media(max-height:420px)]:static",
    )
