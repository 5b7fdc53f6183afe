"""`/courses`: the catalog."""

import reflex as rx

from coursebook.ui import layout, words
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.states.catalog import CatalogState


def catalog() -> rx.Component:
    """Return the catalog."""
    return layout.page(catalog_view())


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        catalog,
        route="/courses",
        title=f"{words.CATALOG_TITLE} · {words.BRAND}",
        description=words.CATALOG_DESCRIPTION,
        image=layout.IMAGE,
        on_load=CatalogState.page_opened,
    )
