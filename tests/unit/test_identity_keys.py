"""A configured public key, in the forms in which people paste it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import BadKey, KeyRing
from tests.support.tokens import ISSUER, PARTY, Forge, private_key

FORGE = Forge()
PKCS1 = private_key("ins_one").public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()


@pytest.mark.parametrize(
    "pem",
    [
        FORGE.pem,
        FORGE.pem.replace("\n", "\\n"),
        FORGE.pem.replace("\n", "\r\n"),
        f"\n  {FORGE.pem}  \n",
        PKCS1,
    ],
    ids=["as it is", "written breaks", "windows", "with spaces around", "pkcs1"],
)
async def test_a_pasted_key_works(pem):
    verifier = Verifier(KeyRing(pem=pem), ISSUER, [PARTY])
    assert await verifier.principal(FORGE.token())


def _private():
    key = private_key("ins_one")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _elliptic():
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize("pem", ["nonsense", "-----BEGIN PUBLIC KEY-----", _private(), _elliptic()])
def test_anything_but_a_public_rsa_key_is_refused_by_name(pem):
    with pytest.raises(BadKey, match="CLERK_JWT_KEY"):
        KeyRing(pem=pem)
