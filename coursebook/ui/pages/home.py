"""`/`: what this is, and the catalog."""

import reflex as rx

from coursebook.ui import layout, words
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.components.sharing import sharing
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.session import SessionState


def home() -> rx.Component:
    """Return the first page."""
    return layout.page(catalog_view(is_first_page=True))


def add_to(app: rx.App) -> None:
    """Register the page."""
    title = f"{words.BRAND} · {words.CATALOG_TITLE}"
    app.add_page(
        home,
        route="/",
        title=title,
        description=words.CATALOG_DESCRIPTION,
        image=SessionState.share_image,
        meta=sharing(title, words.CATALOG_DESCRIPTION),
        on_load=CatalogState.page_opened,
    )
