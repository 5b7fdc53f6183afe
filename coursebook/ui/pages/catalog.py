"""`/courses`: the catalog."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.components.sharing import sharing
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.session import SessionState


def catalog() -> rx.Component:
    """Return the catalog."""
    return layout.page(catalog_view())


def add_to(app: rx.App) -> None:
    """Register the page."""
    title = f"{i18n.CATALOG_TITLE} · {i18n.BRAND}"
    app.add_page(
        catalog,
        route="/courses",
        title=title,
        description=i18n.CATALOG_DESCRIPTION,
        image=SessionState.share_image,
        meta=sharing(title, i18n.CATALOG_DESCRIPTION),
        on_load=CatalogState.page_opened,
    )
