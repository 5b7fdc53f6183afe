"""Validation of the address that a page reports: Reflex must be able to parse it."""

from collections.abc import Sequence
from typing import Any

from coursebook.ui.reflex_compat.state_tree import (
    FULL_PATH,
    HEADERS,
    PATH,
    QUERY,
    SPLAT,
    can_be_parsed,
)

MAX_ADDRESS_LENGTH = 2000
"""Characters of a path, and of a whole query. Reflex stores each about ten times."""
MAX_PARAMETERS = 40

PageAddress = dict[str, Any]


def valid_address(address: object, origins: Sequence[str] = ("",)) -> PageAddress | None:
    """Return the address to pass on to Reflex, or None when no page can have it.

    Reflex merges the address into the state of the tab and parses it while it handles the event,
    too late to refuse it. `origins` are the prefixes that it may put before the path.
    """
    if address is None:
        return {}
    if not isinstance(address, dict) or not address.keys() <= {PATH, FULL_PATH, QUERY}:
        return None
    valid: PageAddress = {}
    for part in (PATH, FULL_PATH):
        path = address.get(part)
        if path is None:
            continue
        if not _is_path(path):
            return None
        valid[part] = path
    query = _query(address.get(QUERY))
    if query is None:
        return None
    valid[QUERY] = query
    return valid if all(_is_parsed(valid, origin) for origin in origins) else None


def _is_path(path: object) -> bool:
    if not isinstance(path, str) or len(path) > MAX_ADDRESS_LENGTH:
        return False
    return path.startswith("/") and path[1:2] not in ("/", "\\")


def _query(query: object) -> dict[str, str] | None:
    """Return the parameters with a value; the page writes null for those without."""
    if query is None:
        return {}
    if not isinstance(query, dict) or len(query) > MAX_PARAMETERS:
        return None
    own = {name: value for name, value in query.items() if name != SPLAT}
    parameters = {name: value for name, value in own.items() if value is not None}
    if not all(isinstance(value, str) for value in parameters.values()):
        return None
    size = sum(len(name) + len(value) for name, value in parameters.items())
    return parameters if size <= MAX_ADDRESS_LENGTH else None


def _is_parsed(address: PageAddress, origin: str) -> bool:
    return can_be_parsed({**address, HEADERS: {"origin": origin}})
