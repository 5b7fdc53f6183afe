"""A bar at the bottom of a phone's screen, for the main action of the page."""

import reflex as rx


def with_bar(content: rx.Component, bar: rx.Component) -> rx.Component:
    """Return content with a bar that sticks to the lower edge while the content scrolls.

    The bar has its own space after the content, so it covers nothing at the end, and a focused
    element is scrolled clear of it. It does not stick on wide screens, or on very small ones (a
    page at 400 % zoom).
    """
    clear = (
        "[&_a]:scroll-mb-32 [&_button]:scroll-mb-32 [&_summary]:scroll-mb-32 "
        "lg:[&_a]:scroll-mb-0 lg:[&_button]:scroll-mb-0 lg:[&_summary]:scroll-mb-0"
    )
    return rx.el.div(
        rx.el.div(content, class_name=clear),
        rx.el.div(
            bar,
            class_name="sticky bottom-0 z-30 -mx-5 mt-10 border-t border-(--line) bg-(--surface) "
            "px-5 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-(--shadow) "
            "sm:-mx-8 sm:px-8 lg:hidden [@media(max-height:420px)]:static",
            data_testid="booking-bar",
        ),
    )


def wide_only(*children: rx.Component) -> rx.Component:
    """Return the content of the phone's bar, for screens without a bar."""
    return rx.el.div(*children, class_name="hidden lg:contents")


def bar_row(words: rx.Component, action: rx.Component) -> rx.Component:
    """Return the two ends of the bar."""
    return rx.el.div(
        rx.el.div(words, class_name="flex min-w-0 flex-col"),
        rx.el.div(action, class_name="max-w-full"),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-2",
    )
