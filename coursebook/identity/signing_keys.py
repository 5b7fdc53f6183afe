"""The public keys that session tokens are signed with."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from coursebook.errors import Unavailable

FETCH_TIMEOUT = 5.0
"""Seconds that one look-up of the key set may take."""
UNKNOWN_KEY_PAUSE = 30.0
"""Seconds between look-ups that tokens with an unknown key id can cause."""
FAILURE_PAUSE = 2.0
"""Seconds until a look-up that failed may be tried again."""
_LARGEST_KEY_SET = 256 * 1024

log = structlog.get_logger(__name__)


class BadKey(ValueError):
    """The configured key is not a public RSA key; the message is one sentence."""


class KeyRing:
    """Finds the public key (PEM) for a token's key id.

    With `pem` there is that one key and no network. With `jwks_url` the key set is fetched at
    `start()` and again when an unknown key id comes, at most every 30 s; those who miss at the
    same time share one fetch. `clock` gives seconds and never runs backwards.
    """

    def __init__(
        self,
        *,
        pem: str = "",
        jwks_url: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._only = _checked_pem(pem) if pem else ""
        self._url = jwks_url
        self._clock = clock
        self._keys: dict[str, str] = {}
        self._not_before = -1.0
        self._failed = True
        self._fetching = asyncio.Lock()

    async def start(self) -> None:
        """Fetch the key set, so that the first token need not wait. A failure only warns."""
        if not self._only:
            await self._refresh("")

    async def key_for(self, key_id: str) -> str | None:
        """Return the PEM for `key_id`, or None when the issuer has no such key.

        Raises Unavailable when the key is unknown and the issuer could not be asked.
        """
        if self._only:
            return self._only
        if key_id not in self._keys:
            await self._refresh(key_id)
        found = self._keys.get(key_id)
        if found is None and self._failed:
            raise Unavailable("Sign-in cannot be checked right now. Please try again in a minute.")
        return found

    async def _refresh(self, wanted: str) -> None:
        async with self._fetching:
            if wanted in self._keys or self._clock() < self._not_before:
                return
            try:
                self._keys = await self._fetch()
                self._failed = False
            except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as problem:
                self._failed = True
                why = f"{type(problem).__name__}: {problem}"
                log.warning("The sign-in keys could not be fetched.", url=self._url, why=why)
            pause = FAILURE_PAUSE if self._failed else UNKNOWN_KEY_PAUSE
            self._not_before = self._clock() + pause

    async def _fetch(self) -> dict[str, str]:
        # A proxy from the environment must not stand between us and an issuer on this machine.
        local = httpx.URL(self._url).host in {"localhost", "127.0.0.1", "::1"}
        async with (
            asyncio.timeout(FETCH_TIMEOUT),
            httpx.AsyncClient(timeout=FETCH_TIMEOUT, trust_env=not local) as client,
            client.stream("GET", self._url) as answer,
        ):
            answer.raise_for_status()
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_KEY_SET:
                    raise ValueError("the key set is larger than 256 KiB")
        return _keys_in(json.loads(body))


def _keys_in(key_set: object) -> dict[str, str]:
    """Return key id → PEM for the RSA signing keys of a JSON Web Key Set (RFC 7517)."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    found: dict[str, str] = {}
    for key in keys if isinstance(keys, list) else []:
        if not isinstance(key, Mapping) or not isinstance(key.get("kid"), str):
            continue
        if key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and (pem := _pem_of(key)):
            found[key["kid"]] = pem
    if not found:
        raise ValueError("the answer holds no RSA signing key")
    return found


def _pem_of(key: Mapping[str, Any]) -> str:
    """Return the key as PEM, or "" for one that cannot be read (its neighbours may be fine)."""
    try:
        return _encode(jwt.PyJWK({k: v for k, v in key.items() if isinstance(v, str)}, "RS256").key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return ""


def _encode(public: RSAPublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _checked_pem(pem: str) -> str:
    # In an env var or .env file the line breaks often arrive as the two characters «\n».
    try:
        public = load_pem_public_key(pem.replace("\\n", "\n").strip().encode())
    except ValueError as problem:
        raise BadKey("CLERK_JWT_KEY is not a public key in PEM form.") from problem
    if not isinstance(public, RSAPublicKey):
        raise BadKey("CLERK_JWT_KEY is not an RSA key.")
    return _encode(public)
