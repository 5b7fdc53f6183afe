"""Places that are kept for people who wait, each with a clock."""

from typing import Any

import reflex as rx

from coursebook.browser_files import browser_file
from coursebook.ui.kit.types import Child, Text

_RING = browser_file(__name__, "ring_clock.jsx")
_CLASSES = (
    "stroke-(--line)",
    "stroke-(--accent) transition-[stroke-dasharray] motion-reduce:transition-none",
    "fill-(--ink) text-[15px] font-semibold tabular-nums",
)
"""Classes of the track, the arc and the figures."""


class RingClock(rx.Component):
    """Counts `seconds` of `whole` down in the browser, anew when `stamp` changes.

    Screen readers skip it: the moment stands beside it in words.
    """

    library = _RING
    tag = "RingClock"

    seconds: rx.Var[int]
    whole: rx.Var[int]
    stamp: rx.Var[str]
    classes: rx.Var[list[str]]


def ring_clock(seconds: rx.Var[int] | int, whole: rx.Var[int] | int, stamp: Text) -> rx.Component:
    """Return a ring that shows which part of a time is left, with hours and minutes in it."""
    return RingClock.create(
        seconds=seconds,
        whole=whole,
        stamp=stamp,
        classes=list(_CLASSES),
        class_name="size-[4.5rem] shrink-0",
    )


def offer_list(label: Text, *rows: Child, **props: Any) -> rx.Component:
    """Return the panel of the offers (`offer_row`) that are running."""
    return rx.el.ul(
        *rows,
        aria_label=label,
        class_name=(
            "flex flex-col rounded-2xl border border-(--line) bg-(--surface) px-6 shadow-(--shadow)"
        ),
        **props,
    )


def offer_row(clock: Child, title: Text, text: Text, *action: Child, **props: Any) -> rx.Component:
    """Return one offer: its clock, for whom and until when, and what can be done about it."""
    return rx.el.li(
        clock,
        rx.el.div(
            rx.el.p(title, class_name="font-semibold text-(--ink)", dir="auto"),
            rx.el.p(text, class_name="text-(--ink-soft)"),
            class_name="min-w-0 flex-1 basis-40 text-base [overflow-wrap:anywhere]",
        ),
        *action,
        class_name=(
            "flex flex-wrap items-center gap-x-5 gap-y-3 border-b border-(--line) py-5 "
            "last:border-b-0"
        ),
        **props,
    )
