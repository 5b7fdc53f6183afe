"""Form fields: search box, drop-down, check box."""

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

_CONTROL = (
    "min-h-12 w-full rounded-xl border border-(--edge) bg-(--surface) text-base text-(--ink) "
    "placeholder:text-(--ink-soft) hover:border-(--accent)"
)


def search_field(label: str, hint: str, field_id: str, **props: object) -> rx.Component:
    """Return a search box; its label is visually hidden, since icon and placeholder show it."""
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name="sr-only"),
        rx.el.span(
            icon("search", size="md"),
            class_name="pointer-events-none absolute inset-y-0 left-4 flex items-center "
            "text-(--ink-soft)",
        ),
        rx.el.input(
            id=field_id,
            type="search",
            placeholder=hint,
            auto_complete="off",
            enter_key_hint="search",
            max_length=200,
            class_name=f"{_CONTROL} pr-4 pl-12",
            **props,
        ),
        class_name="relative col-span-2 min-h-12 w-full sm:col-span-1",
    )


def select_field(
    label: str, field_id: str, *options: rx.Component, **props: object
) -> rx.Component:
    """Return a labelled drop-down. Options come as `option` components."""
    return rx.el.div(
        rx.el.label(label, html_for=field_id, class_name="sr-only"),
        rx.el.select(
            *options,
            id=field_id,
            class_name=f"{_CONTROL} cursor-pointer appearance-none truncate pr-10 pl-4",
            **props,
        ),
        rx.el.span(
            icon("chevron-down", size="sm"),
            class_name="pointer-events-none absolute inset-y-0 right-4 flex items-center "
            "text-(--ink-soft)",
        ),
        class_name="relative w-full",
    )


def option(text: Text, value: Text) -> rx.Component:
    """Return one option of a drop-down."""
    return rx.el.option(text, value=value)


def check_field(label: str, field_id: str, **props: object) -> rx.Component:
    """Return a check box with its label; the whole line is clickable."""
    return rx.el.label(
        rx.el.input(
            id=field_id,
            type="checkbox",
            class_name="size-5 cursor-pointer accent-(--accent)",
            **props,
        ),
        rx.el.span(label, class_name="text-base whitespace-nowrap text-(--ink)"),
        html_for=field_id,
        class_name="inline-flex min-h-12 cursor-pointer items-center gap-3",
    )


def sign_in_classes(part: str) -> str:
    """Return the classes of a part of the sign-in panel: `whole`, `notice` or `error`."""
    return {
        "whole": "flex max-w-md flex-col gap-3",
        "notice": "text-base text-(--ink-soft)",
        "error": "rounded-xl border-l-4 border-(--bad) bg-(--bad-soft) px-4 py-3 text-base "
        "text-(--ink)",
    }[part]
