"""The address that a page says it is at: taken only when Reflex can make a router of it."""

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

LONGEST_ADDRESS = 2000
"""Characters of a path, and of everything in a query. Reflex keeps each about ten times."""
MOST_PARAMETERS = 40

Place = dict[str, Any]


def sound_address(place: object, origins: Sequence[str] = ("",)) -> Place | None:
    """Return the address to pass on to Reflex, or None when no page of ours can be there.

    Reflex merges what it is given into the state of the tab and parses it while it handles the
    event, where a failure would be too late. `origins` is what it will put before the path.
    """
    if place is None:
        return {}
    if not isinstance(place, dict) or not place.keys() <= {PATH, FULL_PATH, QUERY}:
        return None
    sound: Place = {}
    for part in (PATH, FULL_PATH):
        path = place.get(part)
        if path is None:
            continue
        if not _is_path(path):
            return None
        sound[part] = path
    query = _query(place.get(QUERY))
    if query is None:
        return None
    sound[QUERY] = query
    return sound if all(_is_parsed(sound, origin) for origin in origins) else None


def _is_path(path: object) -> bool:
    if not isinstance(path, str) or len(path) > LONGEST_ADDRESS:
        return False
    return path.startswith("/") and path[1:2] not in ("/", "\\")


def _query(given: object) -> dict[str, str] | None:
    """Return the parameters with a value; the page writes null for those without."""
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST_PARAMETERS:
        return None
    wanted = {name: value for name, value in given.items() if name != SPLAT}
    kept = {name: value for name, value in wanted.items() if value is not None}
    if not all(isinstance(value, str) for value in kept.values()):
        return None
    size = sum(len(name) + len(value) for name, value in kept.items())
    return kept if size <= LONGEST_ADDRESS else None


def _is_parsed(place: Place, origin: str) -> bool:
    return can_be_parsed({**place, HEADERS: {"origin": origin}})
