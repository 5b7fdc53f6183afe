"""`/`: the introduction and the catalog."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.page import Page
from coursebook.ui.presenters.catalog_filters import canonical_query
from coursebook.ui.presenters.structured_data import catalog_head
from coursebook.ui.ssr_recording import with_school_name
from coursebook.ui.states.catalog import CatalogState


def home() -> rx.Component:
    """Return the first page."""
    return layout.page(catalog_view(is_first_page=True))


PAGE = Page(
    route="/",
    build=home,
    title=i18n.CATALOG_TITLE,
    state=CatalogState,
    read_query=canonical_query,
    head=with_school_name(catalog_head),
)
