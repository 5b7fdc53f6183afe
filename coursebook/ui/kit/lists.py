"""Lists of facts, figures, bullet points and timeline steps."""

from collections.abc import Callable

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text


def fact(sign: str, name: str, *values: rx.Component | rx.Var) -> rx.Component:
    """Return one item of `facts`: icon, visually hidden name, value."""
    return rx.el.div(
        rx.el.dt(
            icon(sign, size="md"),
            rx.el.span(name, class_name="sr-only"),
            class_name="mt-0.5 text-(--accent)",
        ),
        rx.el.dd(*values, class_name="min-w-0 text-base leading-relaxed text-(--ink)"),
        class_name="flex gap-3",
    )


def named_fact(name: Text, value: Text) -> rx.Component:
    """Return one item of `facts` without an icon: name above value, in line with the others."""
    return rx.el.div(
        rx.el.dt(name, class_name="text-(--ink-soft)"),
        rx.el.dd(value, class_name="font-medium text-(--ink)", dir="auto"),
        class_name="min-w-0 pl-8 text-base leading-relaxed",
    )


def facts(*children: rx.Component) -> rx.Component:
    """Return a list of facts."""
    return rx.el.dl(*children, class_name="grid gap-4 sm:grid-cols-2")


def figures(*rows: tuple[str, rx.Var | str]) -> rx.Component:
    """Return names and values in two columns, such as a receipt."""
    return rx.el.dl(
        *[
            rx.el.div(
                rx.el.dt(name, class_name="shrink-0 text-(--ink-soft)"),
                rx.el.dd(
                    value, class_name="ml-auto text-right font-medium text-(--ink)", dir="auto"
                ),
                class_name="flex flex-wrap items-baseline justify-between gap-x-6 py-3 "
                "sm:flex-nowrap",
            )
            for name, value in rows
        ],
        class_name="divide-y divide-(--line) border-y border-(--line) text-base",
    )


def disclosure(summary: str, *children: rx.Component, **props: object) -> rx.Component:
    """Return a collapsed part that a click on its summary opens."""
    return rx.el.details(
        rx.el.summary(
            summary,
            rx.el.span(
                icon("chevron-down"),
                class_name="transition-transform duration-150 group-open:rotate-180",
            ),
            class_name="flex min-h-11 w-fit cursor-pointer list-none items-center gap-2 rounded-sm "
            "text-base font-medium text-(--ink-soft) hover:text-(--ink) "
            "[&::-webkit-details-marker]:hidden",
        ),
        rx.el.div(*children, class_name="pt-2"),
        class_name="group",
        **props,
    )


def timeline(steps: rx.Var, step: Callable[[rx.Var], rx.Component]) -> rx.Component:
    """Return a timeline, oldest step first; `step` renders one of them."""
    return rx.el.ol(
        rx.foreach(steps, step), class_name="flex flex-col gap-3 border-l border-(--line) pl-5"
    )


def two_lines(first: Text, second: Text) -> rx.Component:
    """Return a value with a muted second line, if any."""
    return rx.fragment(
        rx.el.span(first, class_name="block font-medium", dir="auto"),
        rx.cond(
            rx.Var.create(second) != "",
            rx.el.span(second, class_name="block text-(--ink-soft)", dir="auto"),
        ),
    )


def numbered(
    items: rx.Var, item: Callable[[rx.Var], rx.Component], **props: object
) -> rx.Component:
    """Return a numbered list, such as the meetings of a course; `item` renders one of them."""
    return rx.el.ol(
        rx.foreach(items, lambda row: rx.el.li(item(row), class_name="pl-1")),
        class_name="mt-3 list-decimal space-y-3 pl-5 marker:text-(--ink-soft)",
        **props,
    )


def linked_rows(
    items: rx.Var, item: Callable[[rx.Var], rx.Component], **props: object
) -> rx.Component:
    """Return a list with a line between its rows; `item` renders one of them."""
    return rx.el.ul(
        rx.foreach(items, lambda row: rx.el.li(item(row), class_name="py-3")),
        class_name="divide-y divide-(--line) border-y border-(--line) text-base",
        **props,
    )


def bullets(items: rx.Var[list[str]]) -> rx.Component:
    """Return a short list of sentences."""
    return rx.el.ul(
        rx.foreach(items, rx.el.li),
        class_name="list-disc space-y-1 pl-5 text-base text-(--ink-soft) marker:text-(--accent)",
    )


def old_and_new(
    old: tuple[Text, rx.Var[list[str]]], new: tuple[Text, rx.Var[list[str]]]
) -> rx.Component:
    """Return what was, struck through, and what is instead; each with its name and lines."""
    (old_name, old_lines), (new_name, new_lines) = old, new
    return rx.el.div(
        _named_lines(old_name, old_lines, lambda line: rx.el.s(line, class_name="block")),
        _named_lines(new_name, new_lines, lambda line: rx.el.span(line, class_name="block")),
        class_name="my-2 grid gap-2",
        data_testid="old-and-new",
    )


def _named_lines(
    name: Text, lines: rx.Var[list[str]], line: Callable[[rx.Var[str]], rx.Component]
) -> rx.Component:
    return rx.cond(
        lines.length() > 0,
        rx.el.div(rx.el.p(name, class_name="font-medium"), rx.foreach(lines, line), dir="auto"),
    )
