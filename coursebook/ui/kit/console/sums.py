"""Movements of money below each other, small buttons that fill in a value, and tags."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text


def money_list(rows: Child, *total: Child) -> rx.Component:
    """Return movements of money (`money_row`) with what they come to."""
    return rx.el.dl(rows, *total, class_name="flex flex-col border-t border-(--line)")


def money_row(
    text: Text,
    amount: Text,
    *,
    note: Text = "",
    is_total: bool = False,
    is_headline: bool = False,
    **props: Any,
) -> rx.Component:
    """Return one movement of money, or the total; `is_headline`: the sum that is read first."""
    tone = "font-semibold text-(--ink)" if is_total else "text-(--ink-soft)"
    value = "font-semibold" if is_total else ""
    if is_headline:
        value = f"{DISPLAY} text-right text-2xl!"
    return rx.el.div(
        rx.el.dt(
            rx.el.span(text, class_name=f"block text-base {tone}"),
            rx.el.span(note, class_name="block text-sm text-(--ink-soft) empty:hidden", dir="auto"),
            class_name="min-w-0 [overflow-wrap:anywhere]",
        ),
        rx.el.dd(
            amount,
            class_name=f"shrink-0 text-base text-(--ink) tabular-nums {value}",
        ),
        class_name="flex min-h-12 items-baseline justify-between gap-6 border-b border-(--line) "
        "py-2.5",
        **props,
    )


def pick(text: Text, *, is_on: rx.Var[bool], **props: Any) -> rx.Component:
    """Return a small button that fills in a value, pressed while it is the one in the field."""
    on = "border-(--accent) bg-(--accent) text-(--on-accent)"
    off = "border-(--line) bg-(--surface) text-(--ink) hover:border-(--accent)"
    return rx.el.button(
        text,
        type="button",
        aria_pressed=is_on,
        class_name=[
            "min-h-11 cursor-pointer rounded-full border px-4 text-base whitespace-nowrap",
            rx.cond(is_on, on, off),
        ],
        **props,
    )


def tags(texts: rx.Var[list[str]]) -> rx.Component:
    """Return tags in a row that wraps."""

    def tag(text: rx.Var[str]) -> rx.Component:
        look = "rounded-full border border-(--line) px-3 py-0.5 text-sm text-(--ink-soft)"
        return rx.el.li(text, class_name=look, dir="auto")

    return rx.el.ul(rx.foreach(texts, tag), class_name="flex flex-wrap gap-2")
