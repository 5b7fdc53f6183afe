"""The pages, one module for each route."""

import reflex as rx

from coursebook.ui import gallery
from coursebook.ui.pages import (
    bookings,
    catalog,
    course,
    home,
    inbox_entry,
    not_found,
    payment_cancel,
    payment_success,
    sign_in,
)

MODULES = (
    home,
    catalog,
    course,
    bookings,
    payment_success,
    payment_cancel,
    sign_in,
    inbox_entry,
    not_found,
)


def add_pages(app: rx.App) -> None:
    """Add every page to the app."""
    for module in (*MODULES, gallery):
        module.add_to(app)
