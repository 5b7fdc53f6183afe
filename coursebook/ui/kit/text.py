"""Typography: the scale of headings and running text."""

import reflex as rx

DISPLAY = "font-(family-name:--font-display) font-semibold text-(--ink) tracking-tight"
TONES = {
    "ink": "text-(--ink)",
    "soft": "text-(--ink-soft)",
    "accent": "text-(--accent)",
    "bad": "text-(--bad)",
}


def hero_title(text: str | rx.Var[str]) -> rx.Component:
    """Return the largest heading, for the first page."""
    return rx.el.h1(text, class_name=f"{DISPLAY} max-w-[18ch] text-4xl leading-[1.08] sm:text-6xl")


def page_title(text: str | rx.Var[str], **props: object) -> rx.Component:
    """Return the one main heading of a page."""
    return rx.el.h1(text, class_name=f"{DISPLAY} text-3xl leading-tight sm:text-5xl", **props)


def section_title(text: str | rx.Var[str], **props: object) -> rx.Component:
    """Return the heading of a section."""
    return rx.el.h2(text, class_name=f"{DISPLAY} text-2xl leading-snug", **props)


def card_title(*children: rx.Component | str, **props: object) -> rx.Component:
    """Return the heading of a card."""
    return rx.el.h2(*children, class_name=f"{DISPLAY} text-xl leading-snug", **props)


def small_title(text: str | rx.Var[str], **props: object) -> rx.Component:
    """Return a small heading for a few lines of text."""
    return rx.el.h2(text, class_name="text-base font-semibold text-(--ink)", **props)


def lead(*children: rx.Component | str, **props: object) -> rx.Component:
    """Return the sentence under a main heading."""
    classes = "max-w-[46ch] text-lg leading-relaxed text-(--ink-soft) sm:text-xl"
    return rx.el.p(*children, class_name=classes, **props)


def body(*children: rx.Component | str, tone: str = "ink", **props: object) -> rx.Component:
    """Return a paragraph."""
    return rx.el.p(*children, class_name=f"text-base leading-relaxed {TONES[tone]}", **props)


def small(*children: rx.Component | str, tone: str = "soft", **props: object) -> rx.Component:
    """Return a line of small, muted text."""
    return rx.el.p(*children, class_name=f"text-sm leading-relaxed {TONES[tone]}", **props)


def eyebrow(*children: rx.Component | str, **props: object) -> rx.Component:
    """Return the short line above a heading."""
    classes = "text-sm font-medium text-(--accent)"
    return rx.el.p(*children, class_name=classes, **props)


def amount(text: str | rx.Var[str], **props: object) -> rx.Component:
    """Return a price in tabular figures."""
    return rx.el.span(text, class_name="text-base font-semibold tabular-nums text-(--ink)", **props)


def big_amount(text: str | rx.Var[str], **props: object) -> rx.Component:
    """Return the price of a booking box."""
    return rx.el.p(text, class_name=f"{DISPLAY} text-4xl tabular-nums", **props)


def strong(text: str | rx.Var[str]) -> rx.Component:
    """Return a part of a line that is read first, such as a number."""
    return rx.el.span(text, class_name="font-semibold text-(--ink) tabular-nums")


def quiet(text: str | rx.Var[str]) -> rx.Component:
    """Return a part of a line that nobody has to look at."""
    return rx.el.span(text, class_name="text-(--ink-soft)")


def visually_hidden(*children: rx.Component | str, **props: object) -> rx.Component:
    """Return text for screen readers only."""
    return rx.el.span(*children, class_name="sr-only", **props)


def section_title_hidden(text: str, title_id: str) -> rx.Component:
    """Return a heading for screen readers only, to label a part of the page."""
    return rx.el.h2(text, id=title_id, class_name="sr-only")
