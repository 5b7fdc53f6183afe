"""The page for addresses that lead nowhere."""

import reflex as rx

from coursebook.ui import kit, layout, words


def not_found() -> rx.Component:
    """Return the page for unknown addresses."""
    return layout.page(
        kit.stack(
            kit.page_title(words.NOT_FOUND_TITLE),
            kit.lead(words.NOT_FOUND_TEXT),
            rx.el.div(kit.link_button(words.TO_COURSES, "/courses")),
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
        title=f"{words.NOT_FOUND_TITLE} · {words.BRAND}",
        description=words.NOT_FOUND_TEXT,
        image=layout.IMAGE,
    )
