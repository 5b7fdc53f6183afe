"""Sums with what they are about, one below the other, and how far a work of many parts has come."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text


def sum_list(*rows: Child) -> rx.Component:
    """Return sums (`sum_row`) below each other."""
    return rx.el.dl(*rows, class_name="flex flex-col border-t border-(--line)")


def sum_row(title: Text, below: Text, amount: Text, *, is_total: bool = False) -> rx.Component:
    """Return one sum beside what it is about; `below` says more about it, "" for nothing.

    `is_total`: the sum that all others lead to.
    """
    weight, look = ("font-semibold", f"{DISPLAY} text-2xl") if is_total else ("", "text-base")
    return rx.el.div(
        rx.el.dt(
            rx.el.span(title, class_name=f"block text-base text-(--ink) {weight}"),
            rx.el.span(below, class_name="block text-sm text-(--ink-soft) empty:hidden"),
            class_name="min-w-0",
        ),
        rx.el.dd(amount, class_name=f"text-right tabular-nums text-(--ink) {look}"),
        class_name="flex items-baseline justify-between gap-6 border-b border-(--line) py-3",
    )


def progress(count: Text, words: Text, done: Text, waiting: Text, **props: Any) -> rx.Component:
    """Return a large number, what it counts, and a bar: done, waiting for somebody else, to come.

    `done` and `waiting` are widths such as "70%": of what is done, and of that with what waits.
    """
    return rx.el.div(
        rx.el.p(
            rx.el.span(count, class_name="text-[2.5rem] leading-none"),
            " ",
            rx.el.span(words, class_name="text-xl"),
            class_name=f"{DISPLAY} tabular-nums text-(--ink)",
        ),
        rx.el.svg(
            rx.el.rect(
                width="100%", height="100%", rx="6", class_name="fill-(--sunken) stroke-(--edge)/60"
            ),
            rx.el.rect(width=waiting, height="100%", rx="6", class_name="fill-(--warn)/60"),
            rx.el.rect(width=done, height="100%", rx="6", class_name="fill-(--accent)"),
            aria_hidden="true",
            class_name="block h-3.5 w-full",
        ),
        class_name="flex flex-col gap-3",
        **props,
    )
