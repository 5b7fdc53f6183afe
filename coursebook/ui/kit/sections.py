"""Sections of a long list, each with a heading and a count."""

import reflex as rx

from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Text


def list_section(
    title: Text, count: Text, *children: rx.Component, **props: object
) -> rx.Component:
    """Return one section of a list."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, class_name=f"{DISPLAY} text-2xl leading-snug"),
            rx.el.span(count, class_name="text-lg text-(--ink-soft) tabular-nums"),
            class_name="flex items-baseline gap-3 border-b border-(--line) pb-3",
        ),
        rx.el.div(*children, class_name="pt-6"),
        **props,
    )


def entry_title(*children: rx.Component | str, **props: object) -> rx.Component:
    """Return the heading of an entry within a section; a link in it is as tall as its line."""
    look = f"{DISPLAY} text-xl leading-snug [&>a]:inline-block"
    return rx.el.h3(*children, class_name=look, dir="auto", **props)
