"""How far a work of many parts has come."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Text


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
