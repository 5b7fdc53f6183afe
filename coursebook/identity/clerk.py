"""Verify Clerk session tokens. The only module that imports Clerk's SDK.

The SDK checks signature, algorithm, times, `azp` and `aud`. It accepts tokens without `exp`, `sub`
or `sid`, of another issuer, or of a pending session (seen with clerk-backend-api 7.0.0), so this
module checks those.
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
from coursebook.identity.token_cache import VerifiedTokens

MAX_TOKEN = 8192
"""Characters. Clerk's tokens stay below 4 KB, because they are also sent as a cookie."""
MAX_ID, MAX_NAME = 120, 200
"""Characters of a user id and of a name, as their columns hold them."""
MAX_AHEAD_SECONDS = 30
"""How far ahead of our clock a token may begin (`nbf`, `iat`). It allows for a clock that is a few
seconds slow."""
MAX_EXPIRED_SECONDS = 5
"""How long an expired token is still accepted. Short, because it also prolongs a stolen token."""
_COMPACT_JWS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True)
class _Bearer:
    """The request that the SDK expects. It has no cookies, because the SDK parses them badly."""

    headers: Mapping[str, str] = field(default_factory=dict)


class Verifier:
    """Verify session tokens and return their principals.

    `issuer` is the exact `iss`, `parties` the pages that tokens may be issued for (`azp`);
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
        self._verified = VerifiedTokens()

    async def principal(self, token: object) -> Principal | None:
        """Return the principal of the token, or None when the token is invalid.

        Raises Unavailable when the key of the token cannot be fetched.
        """
        key_id = _key_id(token)
        if not isinstance(token, str) or key_id is None:
            return None
        pem = await self._keys.key_for(key_id)
        if pem is None:
            return None
        principal = self._verified.principal(token, pem)
        if principal is None:
            claims = self._verify(token, pem)
            principal = self._principal_of(claims) if claims else None
            if principal is not None:
                self._verified.add(token, pem, principal)
        return principal

    def _verify(self, token: str, pem: str) -> dict[str, Any] | None:
        options = AuthenticateRequestOptions(
            jwt_key=pem,
            authorized_parties=self._parties,
            accepts_token=["session_token"],
            clock_skew_in_ms=MAX_AHEAD_SECONDS * 1000,
        )
        try:
            state = authenticate_request(_Bearer({"Authorization": f"Bearer {token}"}), options)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            # Claims of a shape the SDK does not expect, for example `"o": "text"`.
            return None
        return state.payload if state.is_signed_in else None

    def _principal_of(self, claims: dict[str, Any]) -> Principal | None:
        user, session = clean_id(claims.get("sub"), MAX_ID), clean_id(claims.get("sid"), 255)
        expires, issued = claims.get("exp"), claims.get("iat")
        if user is None or session is None:
            return None
        if type(expires) is not int or claims.get("iss") != self._issuer:
            return None
        if expires <= time.time() - MAX_EXPIRED_SECONDS:
            return None  # the SDK applies one clock skew to both ends
        if claims.get("sts", "active") != "active":
            return None
        return Principal(
            user_id=user,
            session_id=session,
            role=self._role(user, claims),
            email=mail_address(claims.get("email")),
            name=clean_line(claims.get("name"), MAX_NAME),
            expires=expires,
            issued=issued if type(issued) is int else 0,
        )

    def _role(self, user: str, claims: dict[str, Any]) -> Role:
        metadata = claims.get("metadata")
        has_role = isinstance(metadata, Mapping) and metadata.get("role") == "operator"
        return "operator" if has_role or user in self._operators else "student"


def _key_id(token: object) -> str | None:
    """Return the token's key id, "" when it has none, None when it is not a token."""
    if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN:
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
    """Return whether the segment is the canonical base64url form of its bytes.

    The last character of a signature has unused bits, so several texts decode to the same valid
    signature. Only one of them is the token that was issued.
    """
    try:
        return base64.urlsafe_b64encode(_decode(segment)).rstrip(b"=").decode() == segment
    except ValueError:
        return False
