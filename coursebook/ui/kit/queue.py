"""The place of a person in a queue, as a row of dots."""

import reflex as rx

from coursebook.ui.kit.types import Text


def queue_dots(ahead: rx.Var[list[str]], number: Text) -> rx.Component:
    """Return a dot for each person ahead, and the person's own number. Screen readers skip it."""
    return rx.el.div(
        rx.foreach(ahead, _dot),
        rx.el.span(
            number,
            class_name=(
                "inline-flex h-8 min-w-8 items-center justify-center rounded-full bg-(--accent) "
                "px-2 text-sm font-bold tabular-nums text-(--on-accent)"
            ),
        ),
        aria_hidden=True,
        class_name="flex items-center",
    )


def _dot(text: rx.Var[str]) -> rx.Component:
    """Return one person, or "…" for those that have no room, with the line to the next."""
    person = rx.el.span(class_name="size-3.5 rounded-full bg-(--ink-soft)/70")
    return rx.fragment(
        rx.cond(text == "", person, rx.el.span(text, class_name="text-(--ink-soft)")),
        rx.el.span(class_name="mx-1 h-0.5 w-3.5 bg-(--line)"),
    )
