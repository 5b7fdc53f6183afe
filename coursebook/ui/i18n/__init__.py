"""The texts of the pages, in one catalogue for each language.

In components `i18n.BOOK_NOW` is a text that the page looks up in its own language. In Python, where
the visitor's language is known, `i18n.of(language).FREE` is the text in that language. The texts
are in `en.toml` and the other `.toml` files.

The texts of the console stand apart, in `manage`: `i18n.manage.NEW_COURSE` in components,
`i18n.manage_of(language)` in Python. No page of students carries them.
"""

from typing import Any

from coursebook.ui.i18n.catalogs import (
    ENGLISH,
    LANGUAGES,
    Words,
    folder_of,
    manage_of,
    of,
    text_of,
)
from coursebook.ui.i18n.language_choice import language_of
from coursebook.ui.i18n.page_texts import ManageTexts, page_text

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Words",
    "folder_of",
    "language_of",
    "manage",
    "manage_of",
    "of",
    "text_of",
]

manage = ManageTexts()
"""The texts of the console for components."""


def __getattr__(name: str) -> Any:
    """Return the text of this name for a component (PEP 562). Raises AttributeError."""
    return page_text(name)
