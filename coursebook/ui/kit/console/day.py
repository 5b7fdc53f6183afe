"""The page of a day: its meetings, what needs somebody beside them, and the way to the door."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.actions import button_class, plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Child, Text
from coursebook.ui.reflex_compat.components import PlainAnchor, PlainElement


class _BrowserForm(PlainElement):
    """A form that the browser sends: Reflex's own keeps every form from being sent."""

    tag = "form"


DOTS = {
    "bad": "bg-(--bad)",
    "warn": "border-2 border-(--warn)",
    "plain": "bg-(--ink-soft)",
}
"""A filled dot is something bad, a ring something late; the words say it as well."""


def day_split(main: Child, aside: Child) -> rx.Component:
    """Return the meetings with a column beside them, which is below them on a narrow screen."""
    return rx.el.div(
        rx.el.div(main, class_name="flex min-w-0 flex-col gap-10"),
        rx.el.div(aside, class_name="flex min-w-0 flex-col gap-10"),
        class_name="grid gap-x-12 gap-y-10 xl:grid-cols-[minmax(0,1fr)_18.5rem]",
    )


def meeting_list(label: Text, *rows: Child, **props: Any) -> rx.Component:
    """Return the meetings (`meeting_row`) of a day."""
    return rx.el.ul(*rows, aria_label=label, class_name="flex flex-col", **props)


def meeting_row(
    clock: Text,
    until: Text,
    title: Child,
    *facts: Child,
    below: Text,
    count: Text,
    bar: Child,
    action: Child,
    is_first: rx.Var[bool],
    **props: Any,
) -> rx.Component:
    """Return one meeting: when, what, how many, and one button. The first one is a panel."""
    panel = "rounded-2xl bg-(--surface) p-6 shadow-(--shadow) -mx-3 sm:mx-0"
    plain = "border-b border-(--line) py-6 sm:px-6"
    grid = "grid gap-x-6 gap-y-3 sm:grid-cols-[5.5rem_minmax(0,1fr)_auto] sm:items-start"
    return rx.el.li(
        rx.el.p(
            rx.el.span(clock, class_name=f"{DISPLAY} text-xl tabular-nums sm:block"),
            rx.el.span(until, class_name="text-sm text-(--ink-soft)"),
            class_name="flex items-baseline gap-2 sm:block",
        ),
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name=f"{DISPLAY} min-w-0 text-xl font-semibold"),
                rx.el.p(count, class_name="text-base font-semibold whitespace-nowrap"),
                class_name="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1",
            ),
            rx.el.p(below, class_name="text-sm text-(--ink-soft) empty:hidden", dir="auto"),
            bar,
            rx.el.div(
                *facts, class_name="flex flex-wrap gap-x-5 gap-y-1 text-sm text-(--ink-soft)"
            ),
            class_name="flex min-w-0 flex-col gap-2 [overflow-wrap:anywhere]",
        ),
        rx.el.div(action, class_name="flex flex-col sm:pt-2"),
        class_name=[grid, rx.cond(is_first, panel, plain)],
        **props,
    )


def meeting_fact(sign: str, text: Text, *, is_warning: bool = False) -> rx.Component:
    """Return one fact about a meeting, with a sign before it unless `sign` is ""."""
    tone = "text-(--warn)" if is_warning else ""
    before = [icon(sign, size="sm")] if sign else []
    return rx.el.span(
        *before,
        rx.el.span(text, class_name="min-w-0", dir="auto"),
        class_name=f"inline-flex min-w-0 items-center gap-1.5 {tone}",
    )


def search_form(action: str, field: Child) -> rx.Component:
    """Return a search of one field that another page answers; the browser goes there."""
    attributes = {"action": action, "method": "get", "role": "search"}
    return _BrowserForm.create(field, custom_attrs=attributes)


def week_section(title: Text, days: Text, more: Child, *figures: Child) -> rx.Component:
    """Return figures (`big_figure`) of some days under a title, with a way to all of them."""
    heading = f"{DISPLAY} text-[1.375rem] leading-[1.3] font-semibold"
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.h2(title, class_name=heading),
                rx.el.p(days, class_name="text-sm text-(--ink-soft)"),
            ),
            more,
            class_name="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1",
        ),
        rx.el.dl(*figures, class_name="grid grid-cols-2 gap-x-6 gap-y-5 lg:grid-cols-4"),
        class_name="flex flex-col gap-4 border-t border-(--line) pt-8",
        aria_label=title,
        data_testid="week",
    )


def spark(heights: rx.Var[tuple[str, ...]]) -> rx.Component:
    """Return a few standing bars, the last one darker. `heights` are shares such as "85%".

    It is a drawing; the sum of the bars stands beside it.
    """

    def bar(height: rx.Var[str], number: rx.Var[int]) -> rx.Component:
        is_last = number == heights.length() - 1
        fill = rx.cond(is_last, "fill-(--accent)", "fill-(--accent)/40")
        return rx.el.svg(
            rx.el.rect(width="100%", height=height, rx="2", class_name=fill),
            class_name="h-6 w-3 -scale-y-100",
        )

    return rx.el.span(rx.foreach(heights, bar), class_name="inline-flex gap-1", aria_hidden="true")


def door_button(text: Child, href: Text, *, is_first: rx.Var[bool], **props: Any) -> rx.Component:
    """Return the way to the page at the door.

    The browser loads that page as a whole: it alone may use the camera.
    """
    return PlainAnchor.create(
        text,
        href=href,
        class_name=[
            "min-h-13 sm:min-h-11",
            rx.cond(is_first, button_class(), button_class("secondary")),
        ],
        **props,
    )


def need_list(title: Text, nothing: Text, rows: rx.Component, has_rows: Any) -> rx.Component:
    """Return what needs somebody (`need_row`) under a title, or that nothing does."""
    return rx.el.section(
        rx.el.h2(title, class_name=f"{DISPLAY} text-[1.375rem] leading-[1.3] font-semibold"),
        rx.cond(
            has_rows,
            rx.el.ul(rows, class_name="flex flex-col border-t border-(--line)"),
            rx.el.p(nothing, class_name="text-base text-(--ink-soft)"),
        ),
        class_name="flex flex-col gap-3",
        aria_label=title,
        data_testid="needs-you",
    )


def need_row(text: Text, below: Text, href: Text, tone: rx.Var[str]) -> rx.Component:
    """Return one thing that needs somebody; the whole row is the link. `tone` is in `DOTS`."""
    dot = "mt-1.5 size-2.5 shrink-0 rounded-full"
    looks = [(name, f"{dot} {look}") for name, look in DOTS.items()]
    return rx.el.li(
        plain_link(
            rx.el.span(class_name=rx.match(tone, *looks, f"{dot} {DOTS['plain']}")),
            rx.el.span(
                rx.el.span(text, class_name="block text-base text-(--ink)"),
                rx.el.span(below, class_name="block text-sm text-(--ink-soft) empty:hidden"),
                class_name="min-w-0 flex-1 [overflow-wrap:anywhere]",
            ),
            icon("chevron-right"),
            href=href,
            class_name="flex min-h-15.5 items-start gap-3 rounded-sm py-2.5 hover:text-(--accent)",
        ),
        class_name="border-b border-(--line)",
    )
