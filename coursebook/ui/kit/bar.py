"""A bar at the foot of a phone's screen: what matters most stays in reach."""

import reflex as rx


def with_bar(content: rx.Component, bar: rx.Component) -> rx.Component:
    """Return content with a bar that stays at the lower edge while it is being read.

    The bar has its own room after the content, so it covers nothing at the end; what gets the
    focus is scrolled clear of it. Where there is room beside the content, or hardly any room at
    all (a page enlarged four times), it does not stick.
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
    """Return what the bar has on a phone, for where there is no bar."""
    return rx.el.div(*children, class_name="hidden lg:contents")


def bar_row(words: rx.Component, action: rx.Component) -> rx.Component:
    """Return the two ends of the bar."""
    return rx.el.div(
        rx.el.div(words, class_name="flex min-w-0 flex-col"),
        rx.el.div(action, class_name="max-w-full"),
        class_name="flex flex-wrap items-center justify-between gap-x-4 gap-y-2",
    )
