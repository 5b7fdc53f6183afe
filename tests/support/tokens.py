"""Creates valid and invalid session tokens with its own keys, for tests of authentication."""

import json
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "http://localhost:3001"
PARTY = "http://localhost:3000"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """Return an RSA key; equal names give the same key within a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Forge:
    """Signs tokens with the key called `key_id`."""

    key_id: str = "ins_one"
    headers: dict[str, Any] = field(default_factory=dict)

    @property
    def pem(self) -> str:
        """The public key."""
        public = private_key(self.key_id).public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as an entry of a JSON Web Key Set."""
        public = private_key(self.key_id).public_key()
        key = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        return {**key, "kid": self.key_id, "use": "sig", "alg": "RS256"}

    def token(self, *, without: tuple[str, ...] = (), **changed: Any) -> str:
        """Return a valid token of Clerk's version 2, with claims removed or added."""
        claims = {k: v for k, v in {**good_claims(), **changed}.items() if k not in without}
        headers = {"kid": self.key_id, **self.headers}
        body = json.dumps(claims).encode()  # jwt.encode refuses some of the invalid claims
        return jwt.PyJWS().encode(body, private_key(self.key_id), "RS256", headers)


def good_claims() -> dict[str, Any]:
    """Return claims that are valid for the next minute."""
    now = int(time.time())
    return {
        "v": 2,
        "iss": ISSUER,
        "azp": PARTY,
        "sub": "user_1",
        "sid": "sess_1",
        "sts": "active",
        "fva": [0, -1],
        "jti": "abc",
        "iat": now,
        "nbf": now - 10,
        "exp": now + 60,
        "metadata": {},
        "email": "sam@example.test",
        "name": "Sam Student",
    }
