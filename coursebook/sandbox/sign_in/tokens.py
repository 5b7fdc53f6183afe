"""Session tokens in Clerk's format (version 2), signed with the sandbox's own key."""

import hashlib
import secrets
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.sign_in.accounts import Person
from coursebook.sandbox.store import Store

LIFETIME = 60
"""Lifetime of a token in seconds, the same as Clerk's."""
SETTING = "token_signing_key"


class TokenMint:
    """Sign tokens with one RSA key; the store keeps it, so a restart signs nobody out."""

    def __init__(self, options: SandboxOptions, store: Store, clock: Clock) -> None:
        """Load the key of an earlier run, or create one."""
        self._issuer = options.public_url
        self._party = options.product_url
        self._clock = clock
        pem = store.setting(SETTING) or _new_key()
        store.set_setting(SETTING, pem)
        key = load_pem_private_key(
            pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
        )  # our own key; checking its primes takes 0.1 s
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the stored token key is not an RSA key")
        self._key = key
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = f"ins_sandbox_{hashlib.sha256(public).hexdigest()[:16]}"

    def key_set(self) -> dict[str, Any]:
        """Return the public half as a JSON Web Key Set."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        key.pop("key_ops", None)
        return {"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}

    def token(
        self, person: Person, session_id: str, *, since: int | None = None, ttl: int = LIFETIME
    ) -> str:
        """Return a token for `ttl` seconds (negative: already expired), by the real clock.

        `since` is the start of the session; the claim `fva` has the minutes since then.
        """
        now = int(self._clock.real_now())
        minutes = (now - (since or now)) // 60
        issued = min(now, now + ttl)  # an expired token is issued at its expiry
        claims = {
            "v": 2,
            "iss": self._issuer,
            "azp": self._party,
            "sub": person.user_id,
            "sid": session_id,
            "sts": "active",
            "fva": [minutes, -1],
            "jti": secrets.token_hex(10),
            "iat": issued,
            "nbf": issued - 10,
            "exp": now + ttl,
            "metadata": person.metadata,
            "email": person.email,
            "name": person.name,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.key_id})


def _new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
