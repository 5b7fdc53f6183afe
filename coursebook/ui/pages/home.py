"""`/`: the introduction and the catalog."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.components.sharing import sharing
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.session import SessionState


def home() -> rx.Component:
    """Return the first page."""
    return layout.page(catalog_view(is_first_page=True))


def add_to(app: rx.App) -> None:
    """Register the page."""
    title = f"{i18n.BRAND} · {i18n.CATALOG_TITLE}"
    app.add_page(
        home,
        route="/",
        title=title,
        description=i18n.CATALOG_DESCRIPTION,
        image=SessionState.share_image,
        meta=sharing(title, i18n.CATALOG_DESCRIPTION),
        on_load=CatalogState.page_opened,
    )
