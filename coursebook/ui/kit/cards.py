"""Cards: a course in the catalog, an entry of the dashboard, the empty state of a page."""

import reflex as rx

from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.surfaces import picture
from coursebook.ui.kit.text import DISPLAY
from coursebook.ui.kit.types import Text


def linked_card(
    *,
    href: Text,
    title: Text,
    image: rx.Var[str],
    above: rx.Component,
    details: rx.Component,
    foot: rx.Component,
    lang: Text,
    eager: rx.Var[bool] | bool = False,
    **props: object,
) -> rx.Component:
    """Return an article that is clickable as a whole; the heading is the link to `href`.

    `lang` is the language of its title; `eager` loads its picture first.
    """
    return rx.el.article(
        picture(image, hover=True, eager=eager),
        rx.el.div(
            above,
            rx.el.h2(
                plain_link(
                    title,
                    href=href,
                    class_name="inline-block after:absolute after:inset-0 after:content-[''] "
                    "group-hover:text-(--accent)",
                ),
                class_name=f"{DISPLAY} text-2xl leading-snug",
                lang=lang,
                dir="auto",
            ),
            details,
            class_name="flex flex-1 flex-col gap-2",
        ),
        rx.el.div(foot, class_name="border-t border-(--line) pt-3"),
        class_name="group relative flex h-full flex-col gap-4",
        **props,
    )


def entry(
    media: rx.Component, *children: rx.Component, side: rx.Component | None = None, **props: object
) -> rx.Component:
    """Return one entry of a list: a picture beside it and actions at its end on wide screens."""
    return rx.el.article(
        media,
        rx.el.div(*children, class_name="flex min-w-0 flex-1 flex-col gap-4"),
        side or rx.fragment(),
        class_name="flex flex-col gap-6 border-t border-(--line) py-8 first:border-t-0 "
        "first:pt-0 sm:flex-row",
        **props,
    )


def entry_side(*children: rx.Component) -> rx.Component:
    """Return the actions of an entry: in a row on a phone, in a column on wide screens."""
    return rx.el.div(
        *children,
        class_name="flex flex-wrap items-center gap-4 sm:w-48 sm:flex-col sm:items-stretch "
        "sm:text-center",
    )


def details(*lines: rx.Component) -> rx.Component:
    """Return a few lines of facts, with space above."""
    return rx.el.div(*lines, class_name="mt-2 flex flex-col gap-1.5")


def detail_line(sign: str, *children: object) -> rx.Component:
    """Return one line of facts with an icon."""
    return rx.el.p(
        rx.el.span(icon(sign), class_name="mt-1"),
        rx.el.span(*children, class_name="min-w-0", dir="auto"),
        class_name="flex items-start gap-2 text-base text-(--ink-soft)",
    )


def empty_state(
    sign: str,
    title: str,
    text: Text,
    *actions: rx.Component,
    is_page: bool = False,
    **props: object,
) -> rx.Component:
    """Return the empty state of a page or list: a title, a text and the next step.

    `is_page`: its title is the main heading of the page.
    """
    heading = rx.el.h1 if is_page else rx.el.h2
    return rx.el.section(
        rx.el.span(
            icon(sign, size="lg"),
            class_name="flex size-16 items-center justify-center rounded-full "
            "bg-(--accent-soft) text-(--accent)",
        ),
        heading(title, class_name=f"{DISPLAY} text-2xl"),
        rx.el.p(text, class_name="max-w-[44ch] text-base leading-relaxed text-(--ink-soft)"),
        rx.el.div(*actions, class_name="mt-2 flex flex-wrap gap-3"),
        class_name="flex flex-col items-start gap-3 py-8",
        **props,
    )


def status_icon(sign: str, tone: str) -> rx.Component:
    """Return a large round icon, such as the tick of a confirmed booking."""
    looks = {
        "good": "bg-(--good-soft) text-(--good)",
        "info": "bg-(--accent-soft) text-(--accent)",
        "warn": "bg-(--warn-soft) text-(--warn)",
        "wait": "animate-pulse bg-(--accent-soft) text-(--accent)",
    }
    return rx.el.span(
        icon(sign, size="lg"),
        class_name=f"flex size-16 items-center justify-center rounded-full {looks[tone]}",
    )
