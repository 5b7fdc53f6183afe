"""The page for unknown addresses."""

import reflex as rx

from coursebook.ui import i18n, kit, layout
from coursebook.ui.page import UNKNOWN_ROUTE, Page


def not_found() -> rx.Component:
    """Return the 404 page."""
    return layout.page(
        kit.stack(
            kit.page_title(i18n.NOT_FOUND_TITLE),
            kit.lead(i18n.NOT_FOUND_TEXT),
            rx.el.div(kit.link_button(i18n.TO_COURSES, "/courses")),
            gap="lg",
            data_testid="not-found",
        ),
        width="text",
    )


PAGE = Page(
    route=UNKNOWN_ROUTE,
    build=not_found,
    title=i18n.NOT_FOUND_TITLE,
    description=i18n.NOT_FOUND_TEXT,
    is_public=False,
)
