"""Checks Clerk session tokens; the only module that knows Clerk's SDK.

The SDK checks signature, algorithm, times, `azp` and `aud`. It lets tokens without `exp`, `sub` or
`sid`, of another issuer, or of a pending session pass (seen with clerk-backend-api 7.0.0), so
those are checked here.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clerk_backend_api.security import AuthenticateRequestOptions, authenticate_request

from coursebook.domain.external_text import clean_id, clean_line, mail_address
from coursebook.identity.principal import Principal, Role
from coursebook.identity.signing_keys import KeyRing
from coursebook.identity.token_cache import Verified

LONGEST_TOKEN = 8192
"""Characters. Clerk's own stay below 4 KB, for they also travel as a cookie."""
LONGEST_ID, LONGEST_NAME = 120, 200
"""Characters of a user id and of a name, as their columns hold them."""
AHEAD_SECONDS = 30
"""How far ahead of our clock a token may begin (`nbf`, `iat`), so that a clock that is slow by some
seconds does not shut everybody out."""
OVER_SECONDS = 5
"""How long after its end a token is still good. Short: it is what a stolen one gains."""
_COMPACT_JWS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True)
class _Bearer:
    """The request that the SDK wants. Cookies are never handed over: it parses them badly."""

    headers: Mapping[str, str] = field(default_factory=dict)


class Verifier:
    """Turns a session token into the person it belongs to.

    `issuer` is the exact `iss`, `parties` the pages that tokens may be made for (`azp`);
    `operator_ids` are user ids that are operators even without the role in the token.
    """

    def __init__(
        self,
        keys: KeyRing,
        issuer: str,
        parties: Iterable[str],
        operator_ids: frozenset[str] = frozenset(),
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._parties = list(parties)
        self._operators = operator_ids
        self._verified = Verified()

    async def principal(self, token: object) -> Principal | None:
        """Return who the token belongs to, or None when it is not good for any reason.

        Raises Unavailable when the token cannot be judged because its key cannot be fetched.
        """
        key_id = _key_id(token)
        if not isinstance(token, str) or key_id is None:
            return None
        pem = await self._keys.key_for(key_id)
        if pem is None:
            return None
        who = self._verified.who(token, pem)
        if who is None:
            claims = self._checked(token, pem)
            who = self._person(claims) if claims else None
            if who is not None:
                self._verified.remember(token, pem, who)
        return who

    def _checked(self, token: str, pem: str) -> dict[str, Any] | None:
        options = AuthenticateRequestOptions(
            jwt_key=pem,
            authorized_parties=self._parties,
            accepts_token=["session_token"],
            clock_skew_in_ms=AHEAD_SECONDS * 1000,
        )
        try:
            state = authenticate_request(_Bearer({"Authorization": f"Bearer {token}"}), options)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            # Claims of a shape the SDK does not expect, for example `"o": "text"`.
            return None
        return state.payload if state.is_signed_in else None

    def _person(self, claims: dict[str, Any]) -> Principal | None:
        user, session = clean_id(claims.get("sub"), LONGEST_ID), clean_id(claims.get("sid"), 255)
        expires, issued = claims.get("exp"), claims.get("iat")
        if user is None or session is None:
            return None
        if type(expires) is not int or claims.get("iss") != self._issuer:
            return None
        if expires <= time.time() - OVER_SECONDS:
            return None  # the SDK has one allowance for both ends
        if claims.get("sts", "active") != "active":
            return None
        return Principal(
            user_id=user,
            session_id=session,
            role=self._role(user, claims),
            email=mail_address(claims.get("email")),
            name=clean_line(claims.get("name"), LONGEST_NAME),
            expires=expires,
            issued=issued if type(issued) is int else 0,
        )

    def _role(self, user: str, claims: dict[str, Any]) -> Role:
        metadata = claims.get("metadata")
        named = isinstance(metadata, Mapping) and metadata.get("role") == "operator"
        return "operator" if named or user in self._operators else "student"


def _key_id(token: object) -> str | None:
    """Return the key id that the token names, "" when it names none, None when it is no token."""
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN:
        return None
    if not _COMPACT_JWS.fullmatch(token):
        return None
    head, _, signature = token.split(".")
    if not _is_canonical(signature):
        return None
    try:
        header = json.loads(_decode(head))
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or header.get("alg") != "RS256":
        return None
    key_id = header.get("kid", "")
    return key_id if isinstance(key_id, str) else None


def _decode(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _is_canonical(segment: str) -> bool:
    """Whether the segment is the one way to write its bytes.

    The last character of a signature carries unused bits, so several texts decode to the same
    good signature; only one of them is the token that was issued.
    """
    try:
        return base64.urlsafe_b64encode(_decode(segment)).rstrip(b"=").decode() == segment
    except ValueError:
        return False
