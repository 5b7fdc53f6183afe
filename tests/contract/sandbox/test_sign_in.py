"""The sandbox's sign-in over HTTP: browser sessions, tokens, keys and origins."""

import os
import stat

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from starlette.applications import Starlette

from coursebook.identity.clerk import Verifier
from coursebook.identity.signing_keys import KeyRing
from coursebook.sandbox.clock import Clock
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.sign_in import routes, tokens
from coursebook.sandbox.store import Store
from tests.support.tokens import private_key

SANDBOX = "http://localhost:3001"
PRODUCT = "http://localhost:3000"


class Browser:
    """A page of the product: sends its Origin and keeps cookies like a browser."""

    def __init__(self, client):
        self.http = client

    async def sign_in(self, who, **headers):
        form = {"identifier": who}
        return await self.http.post("/v1/client/sign_ins", data=form, headers=headers)

    async def client(self):
        return (await self.http.get("/v1/client")).json()["response"]

    async def token(self, session):
        return await self.http.post(f"/v1/client/sessions/{session}/tokens")

    async def sign_out(self):
        return await self.http.post("/v1/client/sessions", params={"_method": "DELETE"})


@pytest.fixture(scope="session")
def signing_key():
    pkcs8 = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private_key("sandbox").private_bytes(*pkcs8).decode()


@pytest.fixture
def store(tmp_path, signing_key):
    opened = Store(tmp_path / "sandbox.db")
    opened.set_setting(tokens.SETTING, signing_key)  # creating one takes a tenth of a second
    yield opened
    opened.close()


def program(folder, store):
    options = SandboxOptions(data_dir=folder, public_url=SANDBOX, product_url=PRODUCT)
    return Starlette(routes=routes.routes(options, store, Clock(store)))


def http(app, **headers):
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=SANDBOX, headers=headers)


@pytest.fixture
async def browser(tmp_path, store):
    async with http(program(tmp_path, store), origin=PRODUCT) as client:
        yield Browser(client)


async def who_is(client, token):
    key = (await client.get("/.well-known/jwks.json")).json()["keys"][0]
    public = jwt.PyJWK(key).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return await Verifier(KeyRing(pem=public.decode()), SANDBOX, [PRODUCT]).principal(token)


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


async def test_the_buttons_know_five_people(browser):
    listed = (await browser.http.get("/v1/people")).json()["people"]
    assert [(p["email"], p["name"], p["role"]) for p in listed] == [
        ("sam@example.test", "Sam Student", "student"),
        ("sally@example.test", "Sally Student", "student"),
        ("olga@example.test", "Olga Operator", "operator"),
        ("tara@example.test", "Tara Teacher", "student"),
        ("ari@example.test", "Ari Accountant", "student"),
    ]


async def test_nobody_is_signed_in_at_first(browser):
    assert await browser.client() is None


@pytest.mark.parametrize("path", ["/v1/client/sign_ins", "/_test/token"])
async def test_json_and_form_are_both_read(browser, path):
    field = "identifier" if "sign_ins" in path else "email"
    assert (await browser.http.post(path, json={field: "sam@example.test"})).status_code == 200
    assert (await browser.http.post(path, data={field: "sam@example.test"})).status_code == 200


async def test_signing_in_makes_a_session_with_a_token(browser):
    answer = (await browser.sign_in("sam@example.test")).json()
    session = answer["client"]["sessions"][0]
    assert answer["response"]["status"] == "complete"
    assert answer["response"]["created_session_id"] == session["id"]
    assert answer["client"]["last_active_session_id"] == session["id"]
    person = await who_is(browser.http, session["last_active_token"]["jwt"])
    assert (person.name, person.email, person.role) == (
        "Sam Student",
        "sam@example.test",
        "student",
    )
    assert person.session_id == session["id"]
    assert session["user"]["id"] == person.user_id


async def test_the_operator_is_one_by_the_token_alone(browser):
    answer = (await browser.sign_in("olga@example.test")).json()
    token = answer["client"]["sessions"][0]["last_active_token"]["jwt"]
    assert (await who_is(browser.http, token)).is_operator


async def test_a_token_has_the_claims_of_clerk_version_2(browser):
    await browser.sign_in("olga@example.test")
    token = (await browser.client())["sessions"][0]["last_active_token"]["jwt"]
    claims = claims_of(token)
    assert set(claims) == {
        *("v", "iss", "azp", "sub", "sid", "sts", "fva", "jti", "iat", "nbf", "exp"),
        *("metadata", "email", "name"),
    }
    assert (claims["v"], claims["iss"], claims["azp"]) == (2, SANDBOX, PRODUCT)
    assert claims["exp"] - claims["iat"] == 60
    assert claims["iat"] - claims["nbf"] == 10
    assert claims["metadata"] == {"role": "operator"}
    assert jwt.get_unverified_header(token)["alg"] == "RS256"


async def test_the_session_survives_and_renews_its_token(browser):
    session = (await browser.sign_in("sally@example.test")).json()["client"]["sessions"][0]["id"]
    first, second = [(await browser.token(session)).json() for _ in range(2)]
    assert first["object"] == "token"
    assert claims_of(first["jwt"])["jti"] != claims_of(second["jwt"])["jti"]
    assert (await who_is(browser.http, second["jwt"])).session_id == session


async def test_signing_out_ends_the_session_for_good(browser):
    session = (await browser.sign_in("sam@example.test")).json()["client"]["sessions"][0]["id"]
    kept = browser.http.cookies.jar
    cookie = next(c for c in kept if c.name == "__client")
    value = cookie.value
    assert (await browser.sign_out()).status_code == 200
    browser.http.cookies.set("__client", value)
    refused = await browser.token(session)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["code"] == "authentication_invalid"
    assert await browser.client() is None
    assert (await browser.sign_out()).status_code == 200


async def test_a_switch_ends_the_session_of_the_one_before(browser):
    first = (await browser.sign_in("sam@example.test")).json()["client"]["sessions"][0]["id"]
    old = browser.http.cookies["__client"]
    await browser.sign_in("sally@example.test")
    assert browser.http.cookies["__client"] != old
    assert (await browser.token(first)).status_code == 401
    assert [s["user"]["first_name"] for s in (await browser.client())["sessions"]] == ["Sally"]


async def test_a_foreign_session_id_gives_no_token(browser, tmp_path, store):
    session = (await browser.sign_in("sam@example.test")).json()["client"]["sessions"][0]["id"]
    async with http(program(tmp_path, store), origin=PRODUCT) as other:
        thief = Browser(other)
        assert (await thief.token(session)).status_code == 401
        await thief.sign_in("sally@example.test")
        assert (await thief.token(session)).status_code == 401


async def test_the_cookie_is_for_the_sign_in_alone(browser):
    cookie = (await browser.sign_in("sam@example.test")).headers["set-cookie"].lower()
    for part in ("__client=", "httponly", "samesite=strict", "path=/v1/client", "max-age=604800"):
        assert part in cookie


@pytest.mark.parametrize("who", ["", "sam", "sam@", "@x.test", "a@b", "a b@c.test", "<a@b.test>"])
async def test_what_is_no_address_is_nobody(browser, who):
    refused = await browser.sign_in(who)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["message"] == "This is not an email address."
    assert await browser.client() is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 5000, b"x" * 100_000])
async def test_a_broken_body_is_refused(browser, body):
    for path in ("/v1/client/sign_ins", "/_test/token"):
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain"):
            headers = {"content-type": kind}
            refused = await browser.http.post(path, content=body, headers=headers)
            assert refused.status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:3000.evil.example"},
        {"origin": "https://localhost:3000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/client"),
        ("GET", "/v1/people"),
        ("POST", "/v1/client/sign_ins"),
        ("POST", "/v1/client/sessions?_method=DELETE"),
        ("POST", "/v1/client/sessions/sess_1/tokens"),
        ("POST", "/_test/token"),
        ("OPTIONS", "/v1/client"),
    ],
)
async def test_other_sites_are_refused(browser, method, path, headers):
    refused = await browser.http.request(method, path, headers=headers)
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers


async def test_the_product_is_granted_its_own_origin_with_credentials(browser):
    asked = await browser.http.options("/v1/client/sign_ins")
    assert asked.status_code == 204
    granted = (asked, await browser.http.get("/v1/client"), await browser.sign_in("nobody"))
    for answer in granted:
        assert answer.headers["access-control-allow-origin"] == PRODUCT
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["vary"] == "Origin"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_program_without_an_origin_may_ask(tmp_path, store):
    async with http(program(tmp_path, store)) as script:
        answer = await script.post("/_test/token", json={"email": "sam@example.test"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_only_sign_out_is_a_method_in_the_query(browser):
    assert (await browser.http.post("/v1/client/sessions")).status_code == 405
    assert (await browser.http.delete("/v1/client/sessions")).status_code == 200


async def test_the_key_set_holds_no_private_part(browser):
    keys = (await browser.http.get("/.well-known/jwks.json")).json()["keys"]
    assert [set(key) for key in keys] == [{"kty", "use", "alg", "kid", "n", "e"}]


async def test_the_key_file_is_for_its_owner_only(browser, tmp_path):
    for name in os.listdir(tmp_path):  # noqa: PTH208  the journal files count too
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


async def test_a_restart_signs_nobody_out(browser, tmp_path, store):
    session = (await browser.sign_in("sam@example.test")).json()["client"]["sessions"][0]["id"]
    old = (await browser.token(session)).json()["jwt"]
    async with http(program(tmp_path, store), origin=PRODUCT) as again:
        again.cookies.set("__client", browser.http.cookies["__client"])
        assert await who_is(again, old)
        assert (await Browser(again).token(session)).status_code == 200


async def test_moving_the_clock_of_the_sandbox_leaves_tokens_alone(browser, tmp_path, store):
    Clock(store).advance(7 * 24 * 3600)
    async with http(program(tmp_path, store), origin=PRODUCT) as later:
        answer = await Browser(later).sign_in("sam@example.test")
        token = answer.json()["client"]["sessions"][0]["last_active_token"]["jwt"]
        assert await who_is(later, token)
