"""Authentication: missing, malformed, forged, expired and foreign tokens."""

import base64
import json
import time
from collections.abc import AsyncIterator

import jwt
import pytest

from tests.support.harness import Harness, a_harness
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess
from tests.support.tokens import Forge

SIGNED_IN = (
    ("GET", "/api/bookings"),
    ("GET", "/api/bookings/bkg_x"),
    ("POST", "/api/bookings/bkg_x/retry"),
    ("GET", "/api/bookings/bkg_x/calendar.ics"),
    ("POST", "/api/bookings/bkg_x/cancel"),
    ("POST", "/api/stripe/checkout"),
    ("GET", "/api/manage/inbox"),
    ("GET", "/api/manage/inbox/inb_x"),
    ("POST", "/api/manage/inbox/inb_x/act"),
    ("POST", "/api/manage/inbox/inb_x/resolve"),
)


@pytest.fixture
async def forge_harness(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
) -> AsyncIterator[Harness]:
    """A product that trusts a key of the tests, so that a test can choose every claim."""
    async with a_harness(sandbox_of_the_run, sqlite_url, clerk_jwt_key=Forge().pem) as harness:
        yield harness


async def status(harness: Harness, authorization: str | bytes) -> int:
    headers = {"Authorization": authorization}
    answer = await harness.get("/api/bookings", headers=headers)
    if answer.status_code == 401:
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"
    return answer.status_code


async def test_every_signed_in_call_asks_for_a_token(sqlite_harness: Harness):
    for method, path in SIGNED_IN:
        answer = await sqlite_harness.call(method, path, json={"course_id": "x"})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_the_catalog_asks_nobody(sqlite_harness: Harness):
    headers = {"Authorization": "Bearer nonsense"}
    assert (await sqlite_harness.get("/api/courses", headers=headers)).status_code == 200


async def test_a_header_that_is_no_bearer_token_lets_nobody_in(sqlite_harness: Harness):
    good = await sqlite_harness.token(sqlite_harness.student("sam"))
    assert await status(sqlite_harness, f"Bearer {good}") == 200
    assert await status(sqlite_harness, f"bearer {good}") == 200
    bad: list[str | bytes] = ["", "Bearer", good, f"Basic {good}", f"Token {good}"]
    bad += [f"Bearer {good} x", f"Bearer {good}.x", f"Bearer {good[:-2]}", "Bearer \xe9".encode()]
    bad += ["Bearer " + "a" * 9000, "Bearer ..", "Bearer a.b.c", 'Bearer "' + good + '"']
    for header in bad:
        assert await status(sqlite_harness, header) == 401, header


async def test_a_cookie_or_a_parameter_lets_nobody_in(sqlite_harness: Harness):
    good = await sqlite_harness.token(sqlite_harness.student("sam"))
    headers = {"Cookie": f"__session={good}"}
    answer = await sqlite_harness.get(f"/api/bookings?token={good}", headers=headers)
    assert answer.status_code == 401


async def test_a_good_token_of_our_key_lets_in(forge_harness: Harness):
    assert await status(forge_harness, f"Bearer {good_token(forge_harness)}") == 200


def good_token(harness: Harness, forge: Forge | None = None, **changed: object) -> str:
    settings, without = harness.services.settings, changed.pop("without", ())
    claims = {"iss": settings.token_issuer, "azp": settings.public_url} | changed
    return (forge or Forge()).token(without=without, **claims)  # type: ignore[arg-type]


async def test_claims_that_do_not_fit_let_nobody_in(forge_harness: Harness):
    now = int(time.time())
    for changed in (
        {"azp": "https://evil.example"},
        {"azp": None},
        {"without": ("azp",)},
        {"iss": "https://evil.example"},
        {"without": ("iss",)},
        {"iat": now - 120, "nbf": now - 130, "exp": now - 60},
        {"without": ("exp",)},
        {"exp": "tomorrow"},
        {"nbf": now + 600},
        {"without": ("sub",)},
        {"sub": ""},
        {"without": ("sid",)},
        {"sts": "pending"},
    ):
        token = good_token(forge_harness, **changed)
        assert await status(forge_harness, f"Bearer {token}") == 401, changed


async def test_a_token_signed_by_another_key_lets_nobody_in(forge_harness: Harness):
    stranger = Forge("ins_other")
    same_name = Forge("ins_other", headers={"kid": "ins_one"})
    for forge in (stranger, same_name):
        token = good_token(forge_harness, forge)
        assert await status(forge_harness, f"Bearer {token}") == 401


async def test_an_unsigned_or_downgraded_token_lets_nobody_in(forge_harness: Harness):
    head, body, signature = good_token(forge_harness).split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"ins_one"}').decode().rstrip("=")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    shared = jwt.PyJWS().encode(json.dumps(claims).encode(), b"x" * 64, "HS256", {"kid": "ins_one"})
    promoted = {**claims, "metadata": {"role": "operator"}}
    swapped = base64.urlsafe_b64encode(json.dumps(promoted).encode()).decode().rstrip("=")
    for token in (
        f"{unsigned}.{body}.",
        f"{unsigned}.{body}.{signature}",
        shared,
        f"{head}.{swapped}.{signature}",
    ):
        assert await status(forge_harness, f"Bearer {token}") == 401


async def test_an_expired_token_of_the_sandbox_lets_nobody_in(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    old = (await sqlite_harness.control("token", email=sam.email, ttl=-30))["token"]
    assert await status(sqlite_harness, f"Bearer {old}") == 401


async def test_a_token_made_for_another_page_lets_nobody_in(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    elsewhere = {"public_url": "http://localhost:1"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **elsewhere) as harness:
        token = await harness.token(harness.student("sam"))
        assert await status(harness, f"Bearer {token}") == 401


async def test_when_the_keys_cannot_be_fetched_it_is_our_fault_not_the_callers(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    gone = {"coursebook_sandbox_url": f"http://localhost:{free_port()}"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **gone) as harness:
        token = await harness.token(harness.student("sam"))
        answer = await harness.get("/api/bookings", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await harness.get("/api/courses")).status_code == 200
