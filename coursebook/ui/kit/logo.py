"""The logo of the product: a book with a ribbon."""

import reflex as rx


def mark(look: str, *, size: int) -> rx.Component:
    """Return the logo, `size` pixels high, in the classes of `look`. It has no accessible name."""
    return rx.el.svg(
        rx.el.svg.path(d="M5 4.5A2.5 2.5 0 0 1 7.5 2H19v17H7.5A2.5 2.5 0 0 0 5 21.500z"),
        rx.el.svg.path(d="M5 21.500A2.5 2.5 0 0 1 7.5 19H19v3H7.500"),
        rx.el.svg.path(d="M10 2v8l2.500-2 2.500 2V2", class_name="fill-current"),
        view_box="0 0 24 24",
        width=str(size),
        height=str(size),
        class_name=f"fill-none stroke-current stroke-[1.75] {look}",
        # As attributes: Reflex would generate a style for them.
        custom_attrs={"aria-hidden": "true", "strokeLinejoin": "round"},
    )
