"""Rows of things to do: a sign, what it is about, a sum, one button, and more that is folded in."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text

SIGNS = ("banknote", "copy", "gavel", "mail-warning", "receipt", "scale", "undo-2")
TONES = {
    "bad": "bg-(--bad-soft) text-(--bad)",
    "warn": "bg-(--warn-soft) text-(--warn)",
    "accent": "bg-(--accent-soft) text-(--accent)",
}


def todo_list(title: Text, *rows: Child, **props: Any) -> rx.Component:
    """Return rows (`todo_row`) under a title."""
    return rx.el.section(
        rx.el.h2(title, class_name="text-base font-semibold text-(--ink)"),
        rx.el.ul(*rows, class_name="flex flex-col border-t border-(--line)"),
        class_name="flex flex-col gap-2.5",
        **props,
    )


def todo_row(
    title: Text,
    *lines: Child,
    href: Text = "",
    sign: rx.Var[str],
    tone: rx.Var[str],
    amount: Text,
    age: Text,
    action: Child,
    more: Child,
    **props: Any,
) -> rx.Component:
    """Return one thing to do. `sign` is one of `SIGNS`, `tone` one of `TONES`.

    With `href` its title is a link. On a phone the sum and the button stand below the text.
    """
    return rx.el.li(
        _round(sign, tone),
        rx.el.div(
            rx.el.h3(
                _linked(title, href),
                class_name="text-[1.0625rem] leading-snug font-semibold text-(--ink)",
            ),
            *lines,
            class_name="flex min-w-0 flex-col gap-0.5 [overflow-wrap:anywhere]",
        ),
        rx.el.p(
            rx.el.span(amount, class_name=f"{DISPLAY} text-xl tabular-nums sm:block"),
            rx.el.span(age, class_name="text-sm whitespace-nowrap text-(--ink-soft)"),
            class_name="flex items-baseline gap-3 max-sm:col-start-2 sm:block sm:text-right",
        ),
        rx.el.div(action, class_name="flex flex-col max-sm:col-start-2 sm:w-44 [&>button]:w-full"),
        rx.el.div(more, class_name="col-start-2 sm:col-end-5"),
        class_name="grid grid-cols-[2.75rem_minmax(0,1fr)] gap-x-3.5 gap-y-3 border-b "
        "border-(--line) py-5 sm:grid-cols-[2.75rem_minmax(0,1fr)_auto_auto] sm:gap-x-4.5 "
        "sm:gap-y-1",
        **props,
    )


def _linked(title: Text, href: Text) -> Child:
    link = plain_link(
        title,
        href=href,
        class_name="inline-flex min-h-6 items-center rounded-sm underline-offset-4 "
        "hover:text-(--accent) hover:underline",
    )
    return rx.cond(rx.Var.create(href) != "", link, title)


def _round(sign: rx.Var[str], tone: rx.Var[str]) -> rx.Component:
    shape = "flex size-11 items-center justify-center rounded-full"
    signs = [(name, icon(name, size="md")) for name in SIGNS]
    looks = [(name, f"{shape} {look}") for name, look in TONES.items()]
    return rx.el.span(
        rx.match(sign, *signs, icon("receipt", size="md")),
        class_name=rx.match(tone, *looks, f"{shape} {TONES['accent']}"),
    )
