"""Parts of the pages where the school writes to people: whom to, and the mail as it is read."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.forms.inputs import choice_field
from coursebook.ui.kit.types import Child, Text


def pill_field(label: Text, field_id: str, *pills: rx.Component, **more: Text) -> rx.Component:
    """Return a `choice_field` whose choices are `pill`s: one line that scrolls on a phone."""
    row = rx.el.div(
        *pills,
        class_name="-mx-5 flex gap-2 overflow-x-auto px-5 py-1 sm:mx-0 sm:flex-wrap sm:px-0",
    )
    return choice_field(label, field_id, row, **more)


def pill(text: Child, name: Text, value: Text, pill_id: Text, **props: Any) -> rx.Component:
    """Return one choice of a `pill_field`; the chosen one is filled."""
    return rx.el.label(
        rx.el.input(
            id=pill_id,
            type="radio",
            name=name,
            value=value,
            class_name="absolute size-px opacity-0",
            **props,
        ),
        text,
        html_for=pill_id,
        class_name="relative inline-flex min-h-11 shrink-0 cursor-pointer items-center "
        "rounded-full border border-(--line) bg-(--surface) px-4 text-base font-medium "
        "whitespace-nowrap text-(--ink) hover:border-(--accent) has-[:checked]:border-(--accent) "
        "has-[:checked]:bg-(--accent) has-[:checked]:text-(--on-accent) "
        "has-[:focus-visible]:outline-3 has-[:focus-visible]:outline-offset-2 "
        "has-[:focus-visible]:outline-(--accent)",
    )


def sending_foot(first: Child, *others: Child) -> rx.Component:
    """Return the buttons at the end of a form, under a line: the first apart, the main one last.

    On a phone the main one stands above the others.
    """
    return rx.el.div(
        rx.el.div(first, class_name="sm:mr-auto"),
        *others,
        class_name="flex flex-wrap items-center gap-x-5 gap-y-3 border-t border-(--line) pt-6 "
        "max-xl:mb-12 "
        "max-sm:[&>button:last-child]:-order-1 max-sm:[&>button:last-child]:w-full",
    )


def mail_card(above: Text, subject: Text, *children: Child, **props: Any) -> rx.Component:
    """Return a mail as a person reads it: to whom, the subject, and its text."""
    return rx.el.article(
        rx.el.div(
            rx.el.p(above, class_name="text-sm text-(--ink-soft) [overflow-wrap:anywhere]"),
            rx.el.p(
                subject,
                class_name="text-lg font-semibold text-(--ink) [overflow-wrap:anywhere]",
                dir="auto",
            ),
            class_name="flex flex-col gap-1 border-b border-(--line) px-5 py-4",
        ),
        rx.el.div(
            *children,
            class_name="px-5 py-5 [overflow-wrap:anywhere] [&_li]:text-base [&_p]:text-base",
        ),
        class_name="rounded-2xl border border-(--line) bg-(--surface) shadow-(--shadow)",
        **props,
    )
