"""A segmented control: a row of choices, one of which is selected."""

import reflex as rx

from coursebook.ui.kit.address import CHOICE
from coursebook.ui.kit.layout import SCROLLED_TO
from coursebook.ui.kit.types import Child, Text


def segments(label: str, *children: rx.Component) -> rx.Component:
    """Return a row of choices, one of which is selected; it scrolls on narrow screens."""
    return rx.el.div(
        *children,
        role="group",
        aria_label=label,
        class_name="-mx-5 flex scroll-px-5 gap-2 overflow-x-auto px-5 py-1 sm:mx-0 sm:flex-wrap "
        "sm:px-0",
    )


def search_row(search: rx.Component, choices: rx.Component) -> rx.Component:
    """Return a search box with `segments` beside it, or below it on a narrow screen."""
    return rx.el.div(
        rx.el.div(search, class_name="w-full lg:max-w-88 lg:min-w-56 lg:flex-1 lg:basis-56"),
        rx.el.div(choices, class_name="min-w-0"),
        class_name="flex flex-wrap items-center gap-x-3 gap-y-3",
    )


_SEGMENT = (
    "min-h-11 cursor-pointer rounded-full border px-4 text-base font-medium whitespace-nowrap "
    "transition-colors duration-150"
)


def count_beside(text: Text, count: Text) -> rx.Component:
    """Return the text of a choice with a number beside it, which is not part of its name."""
    return rx.fragment(
        text,
        rx.cond(
            rx.Var.create(count) != "",
            rx.el.span(
                count, class_name="ml-2 text-sm tabular-nums opacity-80", aria_hidden="true"
            ),
        ),
    )


def segment(
    text: Child, name: str, value: str, chosen: rx.Var[str], **props: object
) -> rx.Component:
    """Return one choice of `segments`, for a field of the address; `chosen` is its value."""
    is_chosen = chosen == value
    look = f"border-(--accent) bg-(--accent) text-(--on-accent) {SCROLLED_TO}"
    other = "border-(--line) bg-(--surface) text-(--ink) hover:border-(--accent)"
    return rx.el.button(
        text,
        type="button",
        aria_pressed=is_chosen,
        custom_attrs={CHOICE: name, "value": value},
        class_name=[
            _SEGMENT,
            rx.cond(is_chosen, look, other),
        ],
        **props,
    )
