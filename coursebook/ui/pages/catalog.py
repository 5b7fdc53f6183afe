"""`/courses`: the catalog."""

import reflex as rx

from coursebook.ui import i18n, layout
from coursebook.ui.components.catalog_view import catalog_view
from coursebook.ui.page import Page
from coursebook.ui.presenters.catalog_filters import canonical_query
from coursebook.ui.presenters.structured_data import catalog_head
from coursebook.ui.ssr_recording import with_school_name
from coursebook.ui.states.catalog import CatalogState


def catalog() -> rx.Component:
    """Return the catalog."""
    return layout.page(catalog_view())


PAGE = Page(
    route="/courses",
    build=catalog,
    title=i18n.CATALOG_TITLE,
    state=CatalogState,
    nav=i18n.NAV_COURSES,
    read_query=canonical_query,
    head=with_school_name(catalog_head),
)
