"""Chooses a visitor's language from Accept-Language, for pages, states and caches."""

from coursebook.accept_language import best_language
from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES


def language_of(accepted: str) -> str:
    """Return the best match for an Accept-Language header; English when none matches."""
    return best_language(accepted, LANGUAGES, ENGLISH)
