"""The public keys that verify session tokens."""

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
"""Seconds for one fetch of the key set."""
UNKNOWN_KEY_DELAY = 30.0
"""Minimum seconds between fetches that unknown key ids cause."""
RETRY_DELAY = 2.0
"""Seconds before a failed fetch may be repeated."""
MAX_KEY_SET = 256 * 1024

log = structlog.get_logger(__name__)


class BadKey(ValueError):
    """The configured key is not a public RSA key. The message is one sentence."""


class KeyRing:
    """Return the public key (PEM) for a token's key id.

    With `pem` there is one key and no network. With `jwks_url` the key set is fetched at `start()`
    and again for an unknown key id, at most every 30 s; concurrent callers share one fetch.
    `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        *,
        pem: str = "",
        jwks_url: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fixed_pem = _validated_pem(pem) if pem else ""
        self._url = jwks_url
        self._clock = clock
        self._keys: dict[str, str] = {}
        self._not_before = -1.0
        self._failed = True
        self._fetch_lock = asyncio.Lock()

    async def start(self) -> None:
        """Fetch the key set, so that the first token does not wait. A failure is only logged."""
        if not self._fixed_pem:
            await self._refresh("")

    async def key_for(self, key_id: str) -> str | None:
        """Return the PEM for `key_id`, or None when the issuer has no such key.

        Raises Unavailable when the key is unknown and the last fetch failed.
        """
        if self._fixed_pem:
            return self._fixed_pem
        if key_id not in self._keys:
            await self._refresh(key_id)
        pem = self._keys.get(key_id)
        if pem is None and self._failed:
            raise Unavailable("Sign-in cannot be checked right now. Please try again in a minute.")
        return pem

    async def _refresh(self, key_id: str) -> None:
        async with self._fetch_lock:
            if key_id in self._keys or self._clock() < self._not_before:
                return
            try:
                self._keys = await self._fetch()
                self._failed = False
            except (httpx.HTTPError, TimeoutError, ValueError, RecursionError) as error:
                self._failed = True
                reason = f"{type(error).__name__}: {error}"
                log.warning("sign_in_keys.fetch_failed", url=self._url, reason=reason)
            delay = RETRY_DELAY if self._failed else UNKNOWN_KEY_DELAY
            self._not_before = self._clock() + delay

    async def _fetch(self) -> dict[str, str]:
        # Ignore proxies from the environment for an issuer on this machine.
        url = httpx.URL(self._url)
        local = url.host in {"localhost", "127.0.0.1", "::1"}
        has_tls = url.scheme == "https"  # reading the certificates takes 30 ms
        async with (
            asyncio.timeout(FETCH_TIMEOUT),
            httpx.AsyncClient(timeout=FETCH_TIMEOUT, trust_env=not local, verify=has_tls) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_KEY_SET:
                    raise ValueError("the key set is larger than 256 KiB")
        return _keys_in(json.loads(body))


def _keys_in(key_set: object) -> dict[str, str]:
    """Return key id → PEM for the RSA signing keys of a JSON Web Key Set (RFC 7517)."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    pems: dict[str, str] = {}
    for key in keys if isinstance(keys, list) else []:
        if not isinstance(key, Mapping) or not isinstance(key.get("kid"), str):
            continue
        if key.get("kty") == "RSA" and key.get("use", "sig") == "sig" and (pem := _pem_of(key)):
            pems[key["kid"]] = pem
    if not pems:
        raise ValueError("the answer holds no RSA signing key")
    return pems


def _pem_of(key: Mapping[str, Any]) -> str:
    """Return the key as PEM, or "" for one that cannot be read (other keys may be valid)."""
    try:
        return _encode(jwt.PyJWK({k: v for k, v in key.items() if isinstance(v, str)}, "RS256").key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return ""


def _encode(public: RSAPublicKey) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _validated_pem(pem: str) -> str:
    # In an env var or .env file the line breaks often arrive as the two characters `\n`.
    try:
        public = load_pem_public_key(pem.replace("\\n", "\n").strip().encode())
    except ValueError as error:
        raise BadKey("CLERK_JWT_KEY is not a public key in PEM form.") from error
    if not isinstance(public, RSAPublicKey):
        raise BadKey("CLERK_JWT_KEY is not an RSA key.")
    return _encode(public)
