"""The frame of the console: its header, the navigation at the side, heads and tabs of pages."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.layout import SCROLLED_TO, WIDTHS
from coursebook.ui.kit.types import Child, Text

TITLE = (
    "font-(family-name:--font-display) text-[1.6875rem] leading-[1.15] font-semibold "
    "tracking-tight text-(--ink) sm:text-[2rem]"
)
_LINK = (
    "relative flex h-12 shrink-0 items-center gap-2 rounded-sm border-b-3 text-base "
    "whitespace-nowrap lg:h-auto lg:min-h-11 lg:border-b-0 "
)
_CURRENT = (
    "border-(--accent) font-semibold text-(--ink) lg:before:absolute lg:before:top-3 "
    "lg:before:-left-4 lg:before:h-5 lg:before:w-2 lg:before:bg-(--accent) "
    "lg:before:content-[''] "
    "lg:before:[clip-path:polygon(0_0,100%_0,100%_100%,50%_75%,0_100%)]"
)
_OTHER = "border-transparent text-(--ink-soft) hover:text-(--ink)"


def console_header(brand: rx.Component, nav: rx.Component, account: rx.Component) -> rx.Component:
    """Return the header of the console; below 1024 px it has no navigation of the public pages."""
    return rx.el.header(
        rx.el.div(
            rx.el.div(brand),
            rx.el.div(nav, class_name="hidden lg:block"),
            rx.el.div(account, class_name="ml-auto flex min-h-11 items-center justify-end gap-6"),
            class_name=f"{WIDTHS['console']} flex min-h-15 items-center gap-x-8 lg:min-h-18",
        ),
        class_name="border-b border-(--veil) print:hidden",
    )


def console_body(
    nav: rx.Component, *children: Child, target: str, is_wide: rx.Var[bool]
) -> rx.Component:
    """Return the navigation with the main part beside it, or below it on a narrow screen.

    Unless it `is_wide` the main part stands in one column, as on a public page.
    """
    return rx.el.div(
        rx.el.div(nav, class_name=rx.cond(is_wide, "min-w-0", "hidden")),
        rx.el.main(
            *children, id=target, tab_index=-1, class_name="min-w-0 flex-1 pt-6 pb-24 lg:pt-8"
        ),
        class_name=[
            f"{WIDTHS['console']} flex flex-1 flex-col print:block",
            rx.cond(
                is_wide,
                "lg:grid lg:grid-cols-[10rem_minmax(0,1fr)] lg:grid-rows-[1fr] lg:gap-12",
                "",
            ),
        ],
    )


def side_nav(label: Text, *entries: Child) -> rx.Component:
    """Return the navigation of the console: a column, or a row that scrolls below 1024 px."""
    return rx.el.nav(
        rx.el.ul(
            *entries,
            class_name="flex gap-5 overflow-x-auto pr-10 [scrollbar-width:none] "
            "[mask-image:linear-gradient(to_right,black_calc(100%-2.5rem),transparent)] "
            "lg:flex-col lg:gap-0 lg:overflow-visible lg:pr-0 lg:[mask-image:none]",
        ),
        aria_label=label,
        class_name="-mx-5 border-b border-(--veil) pl-5 sm:-mx-8 sm:pl-8 lg:sticky lg:top-6 "
        "lg:mx-0 lg:border-b-0 lg:pt-8 lg:pl-0 print:hidden",
    )


def side_link(
    text: Text, href: str, *, is_current: bool = False, is_apart: bool = False, count: Text = ""
) -> rx.Component:
    """Return one entry of `side_nav`. The current one carries a ribbon, or a line on a phone.

    `is_apart`: a line parts it from the entries before. `count` is a number that asks for care.
    """
    props: dict[str, Any] = {"aria_current": "page"} if is_current else {}
    apart = "lg:mt-2 lg:border-t lg:border-(--line) lg:pt-2"
    seen = f"max-lg:{SCROLLED_TO}"
    return rx.el.li(
        plain_link(
            text,
            rx.cond(
                rx.Var.create(count) != "",
                rx.el.span(
                    count,
                    class_name="rounded-full bg-(--accent) px-2 text-sm font-semibold "
                    "text-(--on-accent) tabular-nums",
                ),
            ),
            href=href,
            class_name=_LINK + (_CURRENT if is_current else _OTHER),
            **props,
        ),
        class_name=f"{apart if is_apart else ''} {seen if is_current else ''}".strip(),
    )


def page_head(
    title: Child,
    *actions: Child,
    crumb: Text = "",
    crumb_href: Text = "",
    meta: Child | None = None,
    above: Text | None = None,
    below: Text | None = None,
) -> rx.Component:
    """Return the head of a page of the console: the way back, its title, a line, its actions.

    `above` names what the page is about, in a line above the title; `below` says more about it.
    The actions stand beside both, and below them on a phone.
    """
    subject = [] if above is None else [_subject(above)]
    heading = rx.el.h1(title, class_name=TITLE, dir="auto")
    if below is not None:
        more = rx.el.p(below, class_name="mt-1 text-base text-(--ink-soft)")
        heading = rx.el.div(heading, more, class_name="min-w-0 grow basis-80")
    return rx.el.div(
        rx.cond(
            rx.Var.create(crumb) != "",
            plain_link(
                icon("chevron-left"),
                crumb,
                href=crumb_href,
                class_name="inline-flex min-h-9 w-fit items-center gap-1.5 rounded-sm text-sm "
                "text-(--ink-soft) hover:text-(--ink) print:hidden",
            ),
        ),
        *subject,
        rx.el.div(
            heading,
            rx.el.div(
                *([meta] if meta is not None else []),
                *actions,
                class_name="flex flex-wrap items-center gap-3 empty:hidden print:hidden "
                + ("ml-auto" if meta is None and below is None else "sm:ml-auto"),
            ),
            class_name="flex min-h-11 flex-wrap items-center justify-between gap-x-6 gap-y-3",
        ),
        class_name="flex flex-col",
    )


def _subject(text: Text) -> rx.Component:
    return rx.el.p(text, class_name="text-lg font-semibold text-(--ink)", dir="auto")


def tabs(label: Text, *entries: Child) -> rx.Component:
    """Return the tabs of a page, which are links (`tab_link`) or buttons (`tab_button`)."""
    return rx.el.nav(
        rx.el.ul(
            *entries, class_name="flex scroll-px-8 gap-6 overflow-x-auto [scrollbar-width:none]"
        ),
        aria_label=label,
        class_name="border-b border-(--line)",
    )


_TAB = (
    "-mb-px inline-flex min-h-11 min-w-6 cursor-pointer items-center gap-1.5 border-b-2 text-base "
    "whitespace-nowrap"
)
_TAB_ON, _TAB_OFF = (
    "border-(--accent) text-(--ink)",
    "border-transparent text-(--ink-soft) hover:text-(--ink)",
)


def tab_link(
    text: Text, href: Text, *, is_current: rx.Var[bool] | bool, count: Text = ""
) -> rx.Component:
    """Return one tab that is a page of its own."""
    return rx.el.li(
        plain_link(
            text,
            _tab_count(count),
            href=href,
            aria_current=rx.cond(is_current, "page", "false"),
            class_name=[_TAB, rx.cond(is_current, _TAB_ON, _TAB_OFF)],
        ),
        class_name=rx.cond(is_current, SCROLLED_TO, ""),
    )


def tab_button(text: Text, *, is_current: rx.Var[bool] | bool, **props: Any) -> rx.Component:
    """Return one tab that shows another part of the same page."""
    return rx.el.li(
        rx.el.button(
            text,
            type="button",
            aria_pressed=is_current,
            class_name=[_TAB, rx.cond(is_current, _TAB_ON, _TAB_OFF)],
            **props,
        ),
        class_name=rx.cond(is_current, SCROLLED_TO, ""),
    )


def _tab_count(count: Text) -> rx.Component:
    return rx.cond(
        rx.Var.create(count) != "",
        rx.el.span(count, class_name="text-sm text-(--ink-soft) tabular-nums"),
    )
