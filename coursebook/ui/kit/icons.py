"""Icons of the lucide set. They are decorative, so they are hidden from screen readers."""

import reflex as rx

SIZES = {"sm": 16, "md": 20, "lg": 28}


def icon(name: str, *, size: str = "sm") -> rx.Component:
    """Return one icon in the colour of the text around it."""
    return rx.icon(
        name,
        size=SIZES[size],
        class_name="shrink-0",
        aria_hidden="true",
        # As an attribute: Reflex would generate a style for each icon of a page.
        custom_attrs={"strokeWidth": "1.75"},
    )


def with_sign(name: str, text: str | rx.Var[str]) -> rx.Component:
    """Return a text with an icon before it, such as the content of a button."""
    return rx.fragment(icon(name, size="md"), text)
