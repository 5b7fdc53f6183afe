"""`/`: what this is, and the catalog."""

import reflex as rx

from coursebook.ui import layout, words
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.states.catalog import CatalogState


def home() -> rx.Component:
    """Return the first page."""
    return layout.page(catalog_view(is_first_page=True))


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        home,
        route="/",
        title=f"{words.BRAND} · {words.CATALOG_TITLE}",
        description=words.CATALOG_DESCRIPTION,
        image=layout.IMAGE,
        on_load=CatalogState.page_opened,
    )
