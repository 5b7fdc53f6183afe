"""Builds the Reflex app."""

import reflex as rx


def index() -> rx.Component:
    """Return a first page."""
    return rx.el.main(rx.el.h1("coursebook"))


app = rx.App()
app.add_page(index, route="/", title="coursebook")
