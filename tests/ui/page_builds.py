"""The pages, built once for all tests that look at them: building all of them takes 1.5 s."""

from functools import cache

import reflex as rx

from coursebook.ui.page import Page
from coursebook.ui.pages import SITE


@cache
def built(page: Page) -> rx.Component:
    """Return the component of a page. No test changes it."""
    return page.build()


def built_pages() -> dict[Page, rx.Component]:
    """Return the components of all pages."""
    return {page: built(page) for page in SITE.pages}


@cache
def drawn(page: Page) -> str:
    """Return what a page renders, as text."""
    return str(built(page).render())
