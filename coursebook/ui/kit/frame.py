"""The frame of every page: skip link, header, main part, footer, floating messages."""

import reflex as rx

from coursebook.ui.kit.actions import plain_link
from coursebook.ui.kit.layout import WIDTHS
from coursebook.ui.kit.logo import mark
from coursebook.ui.kit.types import Text
from coursebook.ui.reflex_compat.components import PlainAnchor

_NAV = (
    "rounded-sm py-2 text-base font-medium text-(--ink-soft) underline-offset-8 "
    "hover:text-(--ink) aria-[current=page]:text-(--ink) aria-[current=page]:underline "
    "aria-[current=page]:decoration-(--accent) aria-[current=page]:decoration-2"
)


_FOOTER_LINK = (
    "inline-block rounded-sm py-1.5 text-sm text-(--ink-soft) underline-offset-4 hover:underline "
    "hover:text-(--ink) aria-[current=true]:font-semibold aria-[current=true]:text-(--ink)"
)


class NavLink(rx.Component):
    """React Router's link that sets `aria-current="page"` on its own page."""

    library = "react-router"
    tag = "NavLink"

    to: rx.Var[str]


def nav_link(text: str, href: str) -> rx.Component:
    """Return one entry of the main navigation."""
    return rx.el.li(NavLink.create(text, to=href, class_name=_NAV))


def skip_link(text: str, target: str) -> rx.Component:
    """Return the skip link, the first link of a page; it is visible while focused."""
    # `rx.el.a` is a link of the router, which leads to "/sign-in/#content" on a static page.
    return PlainAnchor.create(
        text,
        href=f"#{target}",
        class_name="sr-only focus:not-sr-only focus:absolute focus:top-3 focus:left-3 focus:z-50 "
        "focus:rounded-full focus:bg-(--accent) focus:px-5 focus:py-3 "
        "focus:font-semibold focus:text-(--on-accent)",
    )


def logo(name: Text, picture: Text = "") -> rx.Component:
    """Return the logo and name of the school, as a link to the first page.

    `picture` is the address of its own logo; "" shows ours.
    """
    own = rx.el.img(src=picture, alt="", class_name="h-8 w-auto max-w-40")
    return plain_link(
        rx.cond(picture != "", own, mark("text-(--accent)", size=26)),
        rx.el.span(name, data_brand=""),
        href="/",
        class_name="flex min-h-12 items-center gap-2 rounded-sm py-2 "
        "font-(family-name:--font-display) text-2xl font-semibold tracking-tight text-(--ink) "
        "max-[359px]:text-xl",
    )


def header(brand: rx.Component, nav: rx.Component, account: rx.Component) -> rx.Component:
    """Return the header of a page; on a phone the navigation has its own line.

    The account is at the end: it loads last, and nothing after it can shift.
    """
    return rx.el.header(
        rx.el.div(
            rx.el.div(brand),
            rx.el.div(nav, class_name="order-last w-full sm:order-none sm:w-auto"),
            rx.el.div(account, class_name="ml-auto flex min-h-11 items-center justify-end gap-6"),
            class_name=f"{WIDTHS['page']} flex flex-wrap items-center gap-x-4 pt-4 sm:gap-x-8 "
            "sm:py-5",
        ),
        class_name="border-b border-(--veil)",
    )


def nav_list(label: str, *links: rx.Component) -> rx.Component:
    """Return the main navigation."""
    return rx.el.nav(
        rx.el.ul(*links, class_name="flex flex-wrap items-center gap-x-6 pb-2 sm:pb-0"),
        aria_label=label,
    )


def account_name(*children: object) -> rx.Component:
    """Return the name of the signed-in person; on a phone it is visually hidden."""
    return rx.el.span(
        *children,
        dir="auto",
        class_name="sr-only max-w-40 truncate text-base text-(--ink-soft) md:not-sr-only",
    )


def footer(*children: rx.Component, **props: object) -> rx.Component:
    """Return the footer of a page; it is hidden while the page loads, so that it cannot shift."""
    return rx.el.footer(
        rx.el.div(
            *children,
            class_name=f"{WIDTHS['page']} flex flex-col flex-wrap gap-x-8 gap-y-2 py-10 "
            "sm:flex-row sm:items-center sm:justify-between",
        ),
        class_name="mt-auto border-t border-(--line) bg-(--sunken)/60 "
        "[main:has([data-loading])~&]:hidden",
        **props,
    )


def footer_link(text: Text, href: Text) -> rx.Component:
    """Return a link in the footer, to a page of this site or of another one."""
    return PlainAnchor.create(text, href=href, class_name=_FOOTER_LINK)


def language_switch(label: Text, languages: rx.Var, current: Text) -> rx.Component:
    """Return links to the same page in each language, by the language's own name.

    `languages` is a list of mappings with `code` and `name`. The links are answered by the server,
    so they work without JavaScript.
    """

    def link(language: rx.Var) -> rx.Component:
        code = language["code"]
        return rx.el.li(
            PlainAnchor.create(
                language["name"],
                href=f"/language/{code}",
                rel="nofollow",
                lang=code,
                href_lang=code,
                aria_current=rx.cond(code == current, "true", "false"),
                class_name=_FOOTER_LINK,
            )
        )

    return rx.el.nav(
        rx.el.ul(rx.foreach(languages, link), class_name="flex flex-wrap gap-x-4"),
        aria_label=label,
    )


def main(*children: rx.Component, target: str) -> rx.Component:
    """Return the main part of a page."""
    return rx.el.main(*children, id=target, tab_index=-1, class_name="flex-1 pt-10 pb-24 sm:pt-16")


def page_frame(*children: rx.Component) -> rx.Component:
    """Return a whole page with its footer at the bottom, also when there is little content."""
    return rx.el.div(
        *children,
        class_name="flex min-h-dvh flex-col bg-(--paper) text-(--ink) bg-no-repeat "
        "bg-[radial-gradient(64rem_28rem_at_90%_-6rem,var(--glow),transparent)]",
    )


def floating(*children: rx.Component, **props: object) -> rx.Component:
    """Return the container of messages that belong to no part of the page."""
    return rx.el.div(
        *children,
        # On a phone above the bottom bar, which must stay reachable.
        class_name="fixed inset-x-4 bottom-28 z-40 mx-auto flex max-w-xl flex-col gap-3 "
        "sm:bottom-4",
        **props,
    )


def toast(*children: rx.Component, **props: object) -> rx.Component:
    """Return one floating message."""
    return rx.el.div(*children, class_name="rounded-xl bg-(--surface) shadow-(--shadow)", **props)
