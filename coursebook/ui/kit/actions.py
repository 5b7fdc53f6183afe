"""Buttons, links that look like buttons, and links in text."""

import reflex as rx

from coursebook.ui.kit.types import Child, Text
from coursebook.ui.reflex_compat.components import PlainAnchor, RouterLink

_SHAPE = (
    "inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-full py-2 "
    "text-base font-semibold transition-colors duration-150 select-none "
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:cursor-wait "
    "aria-disabled:opacity-70"
)
LOOKS = {
    "primary": (
        "px-6 bg-(--accent) text-(--on-accent) shadow-(--shadow) hover:bg-(--accent-strong)"
    ),
    "secondary": (
        "border px-5 border-(--edge) bg-(--surface) text-(--ink) "
        "hover:border-(--accent) hover:text-(--accent)"
    ),
    "quiet": "-mx-2 px-2 text-(--ink-soft) underline-offset-4 hover:text-(--ink) hover:underline",
    "danger": "px-5 bg-(--bad) text-(--paper) hover:opacity-90",
    "person": (
        "w-full border px-5 border-(--edge) bg-(--surface) text-(--ink) "
        "hover:border-(--accent) hover:bg-(--accent-soft)"
    ),
}
_LINK = (
    "rounded-sm font-medium text-(--accent) underline decoration-1 underline-offset-4 "
    "hover:decoration-2"
)
TEXT_LINK = f"inline-block {_LINK}"


def button_class(look: str = "primary", *, wide: bool = False) -> str:
    """Return the classes of a button, for components that bring their own element."""
    return f"{_SHAPE} {LOOKS[look]}{' w-full' if wide else ''}"


def link_like_class() -> str:
    """Return the classes of a button that looks like a link, at the end of a line."""
    return f"{TEXT_LINK} cursor-pointer text-sm leading-6 @xl:ml-auto"


def button(
    *children: object, look: str = "primary", wide: bool = False, **props: object
) -> rx.Component:
    """Return a button, of type "button" unless `type` says otherwise."""
    props.setdefault("type", "button")
    return rx.el.button(*children, class_name=button_class(look, wide=wide), **props)


def link_button(
    text: Child, href: Text, *, look: str = "primary", wide: bool = False, **props: object
) -> rx.Component:
    """Return a link inside the product that looks like a button."""
    return RouterLink.create(text, to=href, class_name=button_class(look, wide=wide), **props)


def text_link(*children: object, href: Text, **props: object) -> rx.Component:
    """Return a link inside the product, outside of running text; it is as tall as its line."""
    return RouterLink.create(*children, to=href, class_name=TEXT_LINK, **props)


def mail_link(*children: object, href: Text) -> rx.Component:
    """Return a link that opens the reader's mail program; `href` is a `mailto:` address."""
    return rx.el.a(*children, href=href, class_name=TEXT_LINK)


def outside_link(*children: object, href: Text, **props: object) -> rx.Component:
    """Return a link to another site; it opens a new tab and sends no referrer."""
    return rx.el.a(
        *children,
        href=href,
        target="_blank",
        rel="noopener noreferrer nofollow",
        class_name=_LINK,
        **props,
    )


def plain_link(
    *children: object, href: Text, class_name: str = "", **props: object
) -> rx.Component:
    """Return a link without styles, for parts of the kit that add their own."""
    return RouterLink.create(*children, to=href, class_name=class_name, **props)


def reload_link(text: str) -> rx.Component:
    """Return a link that reloads the current address; it works without any state."""
    # `rx.el.a` is a link of the router, which does not reload the page.
    return PlainAnchor.create(text, href="", class_name=f"{button_class()} w-fit")
