"""How far a work of many parts has come."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Text

_PARTS = ("done", "waiting", "failed", "free")
_SWATCHES = {
    "done": "bg-(--accent)",
    "waiting": "bg-[repeating-linear-gradient(45deg,var(--accent)_0_3px,var(--surface)_3px_6px)]",
    "failed": "bg-(--bad)",
    "free": "border border-(--edge)/60 bg-(--sunken)",
}


def progress(
    count: Text, words: Text, done: Text, waiting: Text, failed: Text = "0%", **props: Any
) -> rx.Component:
    """Return a large number, what it counts, and a bar: done, waiting, failed, to come.

    `done`, `waiting` and `failed` are the ends of the parts, such as "70%", one after another.
    """
    return rx.el.div(
        rx.el.p(
            rx.el.span(count, class_name="text-[2.5rem] leading-none"),
            " ",
            rx.el.span(words, class_name="text-xl"),
            class_name=f"{DISPLAY} tabular-nums text-(--ink)",
        ),
        rx.el.svg(
            _stripes(),
            rx.el.rect(
                width="100%", height="100%", rx="6", class_name="fill-(--sunken) stroke-(--edge)/60"
            ),
            rx.el.rect(width=failed, height="100%", rx="6", class_name="fill-(--bad)"),
            rx.el.rect(width=waiting, height="100%", rx="6", class_name="fill-(--surface)"),
            rx.el.rect(
                width=waiting, height="100%", rx="6", class_name="fill-[url(#progress-stripes)]"
            ),
            rx.el.rect(width=done, height="100%", rx="6", class_name="fill-(--accent)"),
            aria_hidden="true",
            class_name="block h-3.5 w-full",
        ),
        class_name="flex flex-col gap-3",
        **props,
    )


def progress_legend(texts: rx.Var[dict[str, str]] | Mapping[str, str]) -> rx.Component:
    """Return the meaning of `done`, `waiting`, `failed` and `free` in a bar; "" is left out."""
    entries = [
        rx.cond(
            texts[part] != "",
            rx.el.li(
                rx.el.span(class_name=f"size-3 rounded-sm {_SWATCHES[part]}", aria_hidden="true"),
                texts[part],
                class_name="inline-flex items-center gap-2 text-sm text-(--ink)",
            ),
        )
        for part in _PARTS
    ]
    return rx.el.ul(*entries, class_name="flex flex-wrap gap-x-6 gap-y-1 tabular-nums")


def _stripes() -> rx.Component:
    """Return the fill of what waits, so that colour alone does not tell it from what is done."""
    return rx.el.svg.pattern(
        rx.el.rect(width="3", height="6", class_name="fill-(--accent)"),
        id="progress-stripes",
        width="6",
        height="6",
        pattern_units="userSpaceOnUse",
        pattern_transform="rotate(45)",
    )
