"""Layout: widths, stacks, rows, grids."""

import reflex as rx

WIDTHS = {
    "page": "mx-auto w-full max-w-6xl px-5 sm:px-8",
    "text": "mx-auto w-full max-w-2xl px-5 sm:px-8",
    "console": "mx-auto w-full max-w-[90rem] px-5 sm:px-8",
}
SCROLLED_TO = "[scroll-initial-target:nearest]"
"""The browser scrolls the row around it so that it is in sight: the chosen one of many."""
GAPS = {
    "xs": "gap-1",
    "sm": "gap-2",
    "md": "gap-4",
    "lg": "gap-6",
    "xl": "gap-10",
    "2xl": "gap-14",
}


def column(*children: rx.Component, width: str = "page", **props: object) -> rx.Component:
    """Return a centred column: `page` for lists, `text` for reading and forms."""
    return rx.el.div(*children, class_name=WIDTHS[width], **props)


def stack(*children: rx.Component, gap: str = "md", **props: object) -> rx.Component:
    """Return children in a column."""
    return rx.el.div(*children, class_name=f"flex flex-col {GAPS[gap]}", **props)


def inline(*children: rx.Component, gap: str = "sm", **props: object) -> rx.Component:
    """Return children in a row that wraps."""
    return rx.el.div(*children, class_name=f"flex flex-wrap items-center {GAPS[gap]}", **props)


def spread(*children: rx.Component, **props: object) -> rx.Component:
    """Return children at the two ends of a row."""
    classes = "flex flex-wrap items-center justify-between gap-x-6 gap-y-3"
    return rx.el.div(*children, class_name=classes, **props)


def cards(*children: rx.Component, **props: object) -> rx.Component:
    """Return a grid of cards: one column on a phone, three on a desktop.

    The browser draws those after the third when they come near; until then 32rem stand for their
    height.
    """
    classes = "grid gap-x-6 gap-y-10 sm:grid-cols-2 lg:grid-cols-3 cards"
    return rx.el.div(*children, class_name=classes, **props)


def aside_split(intro: rx.Component, aside: rx.Component, rest: rx.Component) -> rx.Component:
    """Return a wide part and a narrow sticky one.

    On a phone the narrow part is between the beginning and the rest.
    """
    return rx.el.div(
        rx.el.div(intro, class_name="min-w-0 lg:col-start-1"),
        rx.el.div(
            rx.el.div(aside, class_name="lg:sticky lg:top-8"),
            class_name="lg:col-start-2 lg:row-span-2 lg:row-start-1",
        ),
        rx.el.div(rest, class_name="min-w-0 lg:col-start-1"),
        class_name="grid gap-10 lg:grid-cols-[minmax(0,1fr)_22rem] lg:gap-x-16",
    )


def narrow(*children: rx.Component) -> rx.Component:
    """Return children at most as wide as a form."""
    return rx.el.div(*children, class_name="w-full max-w-md")
