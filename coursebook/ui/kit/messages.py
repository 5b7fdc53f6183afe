"""Notices, and the live regions in which screen readers announce them."""

from typing import Literal

import reflex as rx

from coursebook.ui.kit.icons import icon
from coursebook.ui.kit.types import Text

Tone = Literal["good", "info", "warn", "bad"]
NOTICES: dict[str, tuple[str, str]] = {
    "good": ("circle-check", "bg-(--good-soft) text-(--good)"),
    "info": ("info", "bg-(--accent-soft) text-(--accent)"),
    "bad": ("circle-alert", "bg-(--bad-soft) text-(--bad)"),
}
WARNING = ("triangle-alert", "bg-(--warn-soft) text-(--warn)")


def notice(
    text: Text, tone: Tone | rx.Var[str], *more: rx.Component, **props: object
) -> rx.Component:
    """Return a notice. A tone of a state is good, info or bad: `warn` is for fixed notices only.

    Each further tone of a state would travel with every page of students.
    """
    if isinstance(tone, str):
        return _notice(*(WARNING if tone == "warn" else NOTICES[tone]), text, more, **props)
    return rx.match(
        tone,
        *[(name, _notice(*look, text, more, **props)) for name, look in NOTICES.items()],
        _notice(*NOTICES["info"], text, more, **props),
    )


def _notice(
    sign: str, look: str, text: Text, more: tuple[object, ...], **props: object
) -> rx.Component:
    return rx.el.div(
        rx.el.span(icon(sign, size="md"), class_name="mt-0.5"),
        rx.el.div(
            rx.el.p(text, class_name="text-base leading-relaxed text-(--ink)"),
            *more,
            class_name="flex min-w-0 flex-col gap-2",
        ),
        class_name=f"flex gap-3 rounded-xl px-4 py-3 {look}",
        **props,
    )


def needs_script(text: Text) -> rx.Component:
    """Return a message for browsers without JavaScript, instead of a page that never loads."""
    return rx.el.noscript(notice(text, "info", data_testid="needs-script"))


def with_script(*children: rx.Component) -> rx.Component:
    """Return parts that are hidden without JavaScript, because they would not work."""
    return rx.el.div(*children, class_name="contents [@media(scripting:none)]:hidden")


def announcement(text: Text, **props: object) -> rx.Component:
    """Return a visually hidden live region; it takes no space."""
    return rx.el.div(text, role="status", aria_live="polite", class_name="sr-only", **props)


def live_region(*children: rx.Component, **props: object) -> rx.Component:
    """Return a live region; it takes no space while empty."""
    return rx.el.div(
        *children, role="status", aria_live="polite", class_name="empty:absolute", **props
    )
