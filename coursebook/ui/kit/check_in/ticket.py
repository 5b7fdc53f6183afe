"""The ticket of a booking: its QR code."""

import reflex as rx

from coursebook.ui.kit.types import Text


def ticket(source: Text, alt: Text, code: Text) -> rx.Component:
    """Return a QR code, large enough to be scanned from a screen, with its code to read out."""
    return rx.el.figure(
        rx.el.img(
            src=source,
            alt=alt,
            # As attributes: Reflex would make a style of each.
            custom_attrs={"width": "198", "height": "198"},
            class_name="size-50 rounded-lg bg-white [image-rendering:pixelated]",
        ),
        rx.el.figcaption(code, class_name="font-mono text-sm tracking-wide text-(--ink-soft)"),
        class_name="flex w-fit max-w-full flex-col gap-2 wrap-anywhere",
    )
