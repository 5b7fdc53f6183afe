"""A cache of verified session tokens: a page sends the same token often."""

import hashlib
import time
from collections.abc import Callable

from cachetools import TLRUCache

from coursebook.identity.principal import Principal

MAX_TOKENS = 2000
"""When the cache is full, the token that was not seen for longest goes first."""


class VerifiedTokens:
    """Maps verified tokens to their principals until they expire. Keeps a hash, never a token.

    `clock` gives seconds since 1970, as tokens do. The cache takes no lock: every call comes from
    the event loop, and neither method awaits.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._principals: TLRUCache[bytes, Principal, float] = TLRUCache(
            MAX_TOKENS, ttu=lambda _key, principal, _now: principal.expires, timer=clock
        )

    def principal(self, token: str, pem: str) -> Principal | None:
        """Return the principal of a token verified with this key that has not expired since."""
        return self._principals.get(_hash(token, pem))

    def add(self, token: str, pem: str, principal: Principal) -> None:
        """Store a verified token."""
        self._principals[_hash(token, pem)] = principal


def _hash(token: str, pem: str) -> bytes:
    return hashlib.sha256(f"{pem}\n{token}".encode()).digest()
