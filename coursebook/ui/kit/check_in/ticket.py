"""The ticket of a booking: its QR code."""

from typing import Any

import reflex as rx

from coursebook.ui.kit.types import Text


def ticket(source: Text, alt: Text, code: Text, *, is_centred: bool = False) -> rx.Component:
    """Return a QR code, large enough to be scanned from a screen, with its code to read out."""
    look = "flex w-fit max-w-full flex-col gap-2 wrap-anywhere"
    return rx.el.figure(
        rx.el.img(
            src=source,
            alt=alt,
            # As attributes: Reflex would make a style of each.
            custom_attrs={"width": "198", "height": "198"},
            class_name="size-50 rounded-lg bg-white [image-rendering:pixelated]",
        ),
        rx.el.figcaption(code, class_name="font-mono text-sm tracking-wide text-(--ink-soft)"),
        class_name=f"{look} mx-auto items-center text-center" if is_centred else look,
    )


def ticket_of_panel(source: Text, alt: Text, code: Text, **props: Any) -> rx.Component:
    """Return a ticket at the top of a panel, with a line below it along which it is torn off."""
    tear = "-mx-6 mt-6 border-t-2 border-dashed border-(--line) sm:-mx-8"
    return rx.el.div(ticket(source, alt, code, is_centred=True), rx.el.hr(class_name=tear), **props)
