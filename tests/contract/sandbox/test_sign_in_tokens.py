"""Tokens for scripts, `POST /_test/token`, over real HTTP."""

import httpx
import jwt
import pytest

from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from tests.support.sandbox import SandboxProcess

SAM = "sam@example.test"


@pytest.fixture(scope="module")
def running():
    """Without test controls: tokens are there all the same."""
    with SandboxProcess(test_controls=False) as sandbox:
        yield sandbox


async def who_is(running, token):
    keys = KeyRing(jwks_url=f"{running.url}/.well-known/jwks.json")
    return await Verifier(keys, running.url, [running.product_url]).principal(token)


def asked(running, **values):
    return httpx.post(f"{running.url}/_test/token", json=values, timeout=30)


async def test_an_unknown_address_becomes_a_student_of_that_address(running):
    person = await who_is(running, running.token(" New.Comer@Example.TEST "))
    assert (person.email, person.name) == ("new.comer@example.test", "New Comer")
    assert person.role == "student"


async def test_the_operator_is_one(running):
    assert (await who_is(running, running.token("olga@example.test"))).is_operator


def test_the_same_address_is_always_the_same_person(running):
    tokens = [running.token(SAM) for _ in range(2)]
    claims = [jwt.decode(token, options={"verify_signature": False}) for token in tokens]
    assert claims[0]["sub"] == claims[1]["sub"]
    assert claims[0]["sub"].startswith("user_sandbox_")
    assert claims[0]["sid"] != claims[1]["sid"]


@pytest.mark.parametrize(("ttl", "good"), [(60, True), (86400, True), (-60, False)])
async def test_a_token_lives_as_long_as_asked(running, ttl, good):
    assert (await who_is(running, running.token(SAM, ttl)) is not None) is good


@pytest.mark.parametrize("ttl", [86401, -86401, "60", 1.5, True, None, [60]])
def test_any_other_lifetime_is_refused(running, ttl):
    answer = asked(running, email=SAM, ttl=ttl)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY


@pytest.mark.parametrize("email", ["", "nobody", "a@b", None, 5, "x" * 250 + "@example.test"])
def test_what_is_no_address_gets_no_token(running, email):
    answer = asked(running, email=email)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json()["errors"][0]["code"] == "form_identifier_not_found"
