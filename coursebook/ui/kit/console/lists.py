"""Bars of places, their legend, lists of points, and what changes from old to new."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.actions import TEXT_LINK, plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Child, Text

PARTS = {"confirmed": "fill-(--accent)/40", "held": "fill-(--warn)/60"}
_SWATCHES = {
    "confirmed": "bg-(--accent)/40",
    "held": "bg-(--warn)/60",
    "free": "border border-(--edge)/60 bg-(--sunken)",
}


def seats(
    confirmed: Text, taken: Text, here: Text = "0%", *, is_wide: bool = False
) -> rx.Component:
    """Return a bar of places: confirmed, held, free. The number stands beside it in words.

    The arguments are widths such as "85%": of the confirmed places, of those with the held, and of
    the people who are here.
    It is a drawing, because a style made at run time is not allowed here. `is_wide`: it is as wide
    as there is room, and taller.
    """
    return rx.el.svg(
        rx.el.rect(
            width="100%", height="100%", rx="2", class_name="fill-(--sunken) stroke-(--edge)/60"
        ),
        rx.el.rect(width=taken, height="100%", rx="2", class_name=PARTS["held"]),
        rx.el.rect(width=confirmed, height="100%", rx="2", class_name="fill-(--paper)"),
        rx.el.rect(width=confirmed, height="100%", rx="2", class_name=PARTS["confirmed"]),
        rx.el.rect(width=here, height="100%", rx="2", class_name="fill-(--accent)"),
        aria_hidden="true",
        class_name="block h-3 w-full" if is_wide else "block h-1.5 w-30 sm:w-40",
    )


def legend(*entries: tuple[str, Child]) -> rx.Component:
    """Return what the parts of a bar mean: pairs of `confirmed`, `held` or `free` and a text.

    A text beside "" is about nothing in the bar.
    """
    return rx.el.ul(
        *[
            rx.el.li(
                rx.el.span(
                    class_name=f"size-3 rounded-sm {_SWATCHES.get(part, 'hidden')}",
                    aria_hidden="true",
                ),
                text,
                class_name="inline-flex items-center gap-2 text-sm text-(--ink-soft)",
            )
            for part, text in entries
        ],
        class_name="flex flex-wrap gap-x-5 gap-y-1",
    )


def checklist(title: Text, count: Text, steps: rx.Component, *points: Child) -> rx.Component:
    """Return points that are done or open (`check_point`), under a title with their count.

    `steps` is the bar above them, from `step_bar`.
    """
    return rx.el.section(
        rx.el.div(
            rx.el.h2(
                title,
                class_name="font-(family-name:--font-display) text-[1.375rem] leading-[1.3] "
                "font-semibold tracking-tight text-(--ink)",
            ),
            rx.el.span(count, class_name="text-base text-(--ink-soft) tabular-nums"),
            class_name="flex items-baseline justify-between gap-4",
        ),
        steps,
        rx.el.ul(*points, class_name="mt-2 grid gap-x-10 @xl:grid-cols-2"),
        class_name="@container flex flex-col gap-3",
        data_testid="checklist",
    )


def step_bar(steps: rx.Var[list[bool]]) -> rx.Component:
    """Return a bar with one part for each step, filled for those that are done."""

    def part(is_done: rx.Var[bool]) -> rx.Component:
        done, still_open = "bg-(--accent)", "border border-(--edge)/60 bg-(--sunken)"
        return rx.el.span(class_name=["h-2 flex-1 rounded-sm", rx.cond(is_done, done, still_open)])

    return rx.el.div(rx.foreach(steps, part), class_name="flex gap-0.5", aria_hidden="true")


def check_point(
    text: Text,
    *actions: Child,
    is_done: rx.Var[bool],
    words: Text,
    link: Text = "",
    href: Text = "",
) -> rx.Component:
    """Return one point of a `checklist`; `words` say to screen readers whether it is done.

    An open point may have a link to the place where it is done, or other `actions`.
    """
    return rx.el.li(
        rx.el.span(
            rx.cond(
                is_done,
                rx.el.span(icon("circle-check", size="md"), class_name="text-(--good)"),
                rx.el.span(icon("circle", size="md"), class_name="text-(--edge)"),
            ),
            class_name="mt-0.5 shrink-0",
        ),
        rx.el.span(
            rx.el.span(
                text,
                rx.el.span(", ", words, class_name="sr-only"),
                class_name=[
                    "min-w-0 text-base",
                    rx.cond(is_done, "text-(--ink-soft)", "text-(--ink)"),
                ],
            ),
            rx.cond(
                rx.Var.create(link) != "",
                plain_link(
                    link, href=href, class_name=f"{TEXT_LINK} text-sm leading-6 @xl:ml-auto"
                ),
            ),
            *actions,
            class_name="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4 gap-y-1",
        ),
        class_name="flex min-h-11 items-start gap-3 py-2.5",
    )


def change_row(name: Text, old: Text, new: Text) -> rx.Component:
    """Return one line of a list of changes: its name, the old value struck through, the new one."""
    return rx.el.div(
        rx.el.dt(name, class_name="w-24 shrink-0 text-base text-(--ink-soft)"),
        rx.el.dd(
            rx.el.del_(old, class_name="text-(--ink-soft)", dir="auto"),
            rx.el.span(icon("arrow-right"), class_name="text-(--accent)"),
            rx.el.ins(new, class_name="font-semibold text-(--ink) no-underline", dir="auto"),
            class_name="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-base",
        ),
        class_name="flex flex-wrap gap-x-4 gap-y-1 py-3",
    )


def same_row(name: Text, value: Text) -> rx.Component:
    """Return one line of a list of changes that stays as it is."""
    return rx.el.div(
        rx.el.dt(name, class_name="w-24 shrink-0"),
        rx.el.dd(value, class_name="min-w-0", dir="auto"),
        class_name="flex flex-wrap gap-x-4 gap-y-1 py-3 text-base text-(--ink-soft)",
    )


def change_list(*rows: Child, **props: Any) -> rx.Component:
    """Return a list of `change_row` and `same_row`."""
    return rx.el.dl(*rows, class_name="divide-y divide-(--line) border-y border-(--line)", **props)


def way_row(sign: str, title: Text, *texts: Child, action: Child | None = None) -> rx.Component:
    """Return one way to begin: icon, title, a sentence, and its button at the end if it has one."""
    button = (
        [] if action is None else [rx.el.div(action, class_name="flex w-full flex-col sm:w-44")]
    )
    return rx.el.li(
        rx.el.span(icon(sign, size="md"), class_name="mt-0.5 text-(--accent)"),
        rx.el.div(
            rx.el.h2(
                title,
                class_name="font-(family-name:--font-display) text-xl leading-snug font-semibold "
                "tracking-tight text-(--ink)",
            ),
            rx.el.p(*texts, class_name="text-base leading-relaxed text-(--ink-soft)"),
            class_name="flex min-w-0 flex-1 flex-col gap-1",
        ),
        *button,
        class_name="flex flex-wrap items-start gap-x-5 gap-y-3 border-b border-(--line) py-6 "
        "first:border-t sm:flex-nowrap sm:py-5",
    )


def command(text: Text) -> rx.Component:
    """Return a command to type in a terminal, in running text."""
    return rx.el.code(
        text, class_name="rounded-md bg-(--sunken) px-1.5 py-0.5 text-[0.9em] text-(--ink)"
    )


def ways(*rows: Child) -> rx.Component:
    """Return ways to begin (`way_row`) below each other."""
    return rx.el.ul(*rows, class_name="flex max-w-[52rem] flex-col")


def reading_width(*children: Child, is_narrow: bool = False) -> rx.Component:
    """Return children as wide as `ways`, or as wide as a column of sums that are read at once."""
    width = "max-w-[42rem]" if is_narrow else "max-w-[52rem]"
    return rx.el.div(*children, class_name=f"flex {width} flex-col gap-4")
