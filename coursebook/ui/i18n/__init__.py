"""Every text of the pages, in every language: one catalogue for each, side by side.

In components `words.BOOK_NOW` is a text that the page itself looks up, in the language it is
shown in. In Python, where a visitor's language is known, `words.of(language).FREE` is that
language's text. The texts stand in `en.toml` and its sisters; nothing in here decides anything.
"""

from typing import Any

from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES, Words, folder_of, of, text_of
from coursebook.ui.i18n.language_choice import language_of
from coursebook.ui.i18n.page_texts import page_text

__all__ = ["BRAND", "ENGLISH", "LANGUAGES", "Words", "folder_of", "language_of", "of", "text_of"]

BRAND = "coursebook"
"""The product's name, the same in every language."""


def __getattr__(name: str) -> Any:
    """Return the text of this name for a component (PEP 562). Raises AttributeError."""
    return page_text(name)
