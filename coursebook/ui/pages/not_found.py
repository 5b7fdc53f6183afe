"""The page for unknown addresses."""

import reflex as rx

from coursebook.ui import i18n, kit, layout


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


def add_to(app: rx.App) -> None:
    """Register the page."""
    app.add_page(
        not_found,
        route="404",
        title=f"{i18n.NOT_FOUND_TITLE} · {i18n.BRAND}",
        description=i18n.NOT_FOUND_TEXT,
        image=layout.IMAGE,
    )
