"""Tokens that were found good a moment ago need not be checked again: a page sends one often."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from coursebook.identity.principal import Principal

MOST = 2000
"""Tokens that are remembered; the one that was not seen for longest goes first."""


class Verified:
    """Who good tokens belong to, until they end. Kept is a hash, never a token.

    `clock` gives seconds since 1970, as tokens do.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._known: OrderedDict[bytes, Principal] = OrderedDict()

    def who(self, token: str, pem: str) -> Principal | None:
        """Return whose token it is when it was good under this key and has not ended since."""
        mark = _mark(token, pem)
        found = self._known.get(mark)
        if found is None:
            return None
        if found.expires <= self._clock():
            del self._known[mark]
            return None
        self._known.move_to_end(mark)
        return found

    def remember(self, token: str, pem: str, who: Principal) -> None:
        """Note that a token is good."""
        self._known[_mark(token, pem)] = who
        if len(self._known) > MOST:
            self._known.popitem(last=False)


def _mark(token: str, pem: str) -> bytes:
    return hashlib.sha256(f"{pem}\n{token}".encode()).digest()
