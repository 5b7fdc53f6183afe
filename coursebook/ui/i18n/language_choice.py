"""Which language a visitor gets: the one rule, for pages, for states and for caches."""

import re
from collections.abc import Iterator

from coursebook.ui.i18n.catalogs import ENGLISH, LANGUAGES

MAX_HEADER_LENGTH = 1000
"""Browsers send some fifty characters; nobody's wishes are longer than this."""


_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def language_of(accepted: str) -> str:
    """Return the language that fits an Accept-Language header best; English when none does.

    The highest weight wins, then what stands first. Only the language itself counts, not its
    country: `de-AT` is German. Source: RFC 9110 §12.5.4.
    """
    best, most = ENGLISH, 0
    for language, weight in _wishes(accepted[:MAX_HEADER_LENGTH]):
        if weight > most and language in LANGUAGES:
            best, most = language, weight
    return best


def _wishes(accepted: str) -> Iterator[tuple[str, int]]:
    """Yield the languages with their weights, in thousandths; what makes no sense is left out."""
    for part in accepted.lower().split(","):
        tag, _, parameter = part.replace(" ", "").partition(";")
        yield tag.partition("-")[0], _thousandths(parameter)


def _thousandths(parameter: str) -> int:
    """Return `q=0.8` as 800; 1000 without a weight, 0 for what is not one."""
    if not parameter:
        return 1000
    name, _, value = parameter.partition("=")
    whole, _, rest = value.partition(".")
    if name != "q" or not _WEIGHT.fullmatch(value):
        return 0
    return int(whole) * 1000 + int(rest.ljust(3, "0"))
