"""Chooses a language from an Accept-Language header, for pages, mails and API calls."""

import re
from collections.abc import Collection, Iterator

MAX_HEADER_LENGTH = 1000
"""Browsers send about fifty characters; the rest of a longer header is ignored."""


_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def best_language(accepted: str, available: Collection[str], fallback: str) -> str:
    """Return the best match for an Accept-Language header, `fallback` when none matches.

    The highest weight wins, then the first in order. The country is ignored: `de-AT` is German.
    Source: RFC 9110 §12.5.4.
    """
    best, most = fallback, 0
    for language, weight in _wishes(accepted[:MAX_HEADER_LENGTH]):
        if weight > most and language in available:
            best, most = language, weight
    return best


def _wishes(accepted: str) -> Iterator[tuple[str, int]]:
    """Yield the languages with their weights, in thousandths; invalid parts get weight 0."""
    for part in accepted.lower().split(","):
        tag, _, parameter = part.replace(" ", "").partition(";")
        yield tag.partition("-")[0], _thousandths(parameter)


def _thousandths(parameter: str) -> int:
    """Return `q=0.8` as 800; 1000 without a weight, 0 for an invalid one."""
    if not parameter:
        return 1000
    name, _, value = parameter.partition("=")
    whole, _, rest = value.partition(".")
    if name != "q" or not _WEIGHT.fullmatch(value):
        return 0
    return int(whole) * 1000 + int(rest.ljust(3, "0"))
