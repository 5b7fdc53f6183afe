"""The webhook over HTTP: 200 stored, 400 not from Stripe, 503 could not be stored."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from coursebook.persistence.schema.tables import WebhookEvent
from coursebook.persistence.unit_of_work import reading
from tests.support.harness import Harness, a_harness
from tests.support.postgres import PostgresCluster
from tests.support.sandbox import WEBHOOK_SECRET, SandboxProcess
from tests.support.tcp_proxy import TcpProxy, proxy_to

PATH = "/api/stripe/webhook"


def event(event_id: str = "evt_1", **changed: Any) -> dict[str, Any]:
    body = {
        "id": event_id,
        "object": "event",
        "api_version": "2026-10-28.dahlia",
        "created": int(time.time()),
        "data": {"object": {"id": "cus_1", "object": "customer", "metadata": {}}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "customer.created",
    }
    return body | changed


def signature(raw: bytes, secret: str = WEBHOOK_SECRET, at: float | None = None) -> str:
    """Sign as Stripe does (docs.stripe.com/webhooks#verify-manually)."""
    moment = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


async def deliver(
    harness: Harness, raw: bytes, signed: str | None, **headers: str
) -> httpx.Response:
    request_headers = {"Content-Type": "application/json", **headers}
    if signed is not None:
        request_headers["Stripe-Signature"] = signed
    return await harness.post(PATH, content=raw, headers=request_headers)


async def stored(harness: Harness, event_id: str) -> WebhookEvent | None:
    await harness.services.webhooks.drain()
    async with reading(harness.services.context.database) as work:
        return await work.events.find(event_id)


async def test_an_event_is_stored_before_it_is_answered_and_a_second_copy_changes_nothing(
    harness: Harness,
):
    raw = json.dumps(event()).encode()
    for _ in range(2):
        answer = await deliver(harness, raw, signature(raw))
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    stored_event = await stored(harness, "evt_1")
    assert stored_event is not None
    assert stored_event.type == "customer.created"
    assert stored_event.handled_at is not None


async def test_a_payment_of_another_application_is_stored_without_effect(harness: Harness):
    foreign = await harness.control("events/foreign")
    await harness.quiet()
    stored_event = await stored(harness, foreign["event"]["id"])
    assert stored_event is not None
    assert stored_event.handled_at is not None


async def test_what_is_not_signed_by_stripe_is_refused(sqlite_harness: Harness):
    raw = json.dumps(event()).encode()
    good = signature(raw)
    for signed in (
        None,
        "",
        "nonsense",
        "t=,v1=",
        "t=1,v1=abc",
        signature(raw, "whsec_of_somebody_else"),
        signature(raw, ""),
        signature(raw, at=time.time() - 3600),
        signature(raw, at=time.time() + 3600),
        signature(raw + b" "),
        good.replace("v1=", "v0="),
        "t=99999999999999999999,v1=" + "0" * 64,
    ):
        answer = await deliver(sqlite_harness, raw, signed)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_webhook"), signed
    assert await stored(sqlite_harness, "evt_1") is None


async def test_a_changed_body_is_refused(sqlite_harness: Harness):
    raw = json.dumps(event()).encode()
    for other in (raw.replace(b"evt_1", b"evt_2"), raw + b"\n", json.dumps(event()).encode()[:-1]):
        assert (await deliver(sqlite_harness, other, signature(raw))).status_code == 400


async def test_what_is_signed_but_no_event_is_refused(sqlite_harness: Harness):
    nameless = event()
    del nameless["id"]
    for raw in (
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"evt_1"',
        b"{}",
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        b'{"object": "event", "id": 7, "type": "x"}',
        json.dumps(nameless).encode(),
        json.dumps(event(id=None)).encode(),
        json.dumps(event(data=None)).encode(),
        json.dumps(event(data={"object": []})).encode(),
        b"[" * 5000,
    ):
        answer = await deliver(sqlite_harness, raw, signature(raw))
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_webhook"), raw[:80]


async def test_strange_texts_inside_an_event_can_be_stored(harness: Harness):
    strange = {"id": "cus_1", "object": "customer", "name": "a\x00b \ud800 🌵", "metadata": {}}
    raw = json.dumps(event(data={"object": strange})).encode()
    assert (await deliver(harness, raw, signature(raw))).status_code == 200
    assert await stored(harness, "evt_1") is not None


async def test_any_content_type_is_taken_since_the_bytes_are_signed(sqlite_harness: Harness):
    for number, kind in enumerate(("text/plain", "application/x-www-form-urlencoded", "x")):
        raw = json.dumps(event(f"evt_{number}")).encode()
        headers = {"Content-Type": kind}
        assert (await deliver(sqlite_harness, raw, signature(raw), **headers)).status_code == 200


async def test_one_mebibyte_is_taken_and_a_byte_more_is_not(sqlite_harness: Harness):
    whole = json.dumps(event()).encode()
    largest = whole + b" " * (1024 * 1024 - len(whole))
    assert (await deliver(sqlite_harness, largest, signature(largest))).status_code == 200
    over = largest + b" "
    answer = await deliver(sqlite_harness, over, signature(over))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_while_a_secret_is_rolled_both_are_good(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    both = {"stripe_webhook_secret": ("whsec_new", WEBHOOK_SECRET)}
    async with a_harness(sandbox_of_the_run, sqlite_url, **both) as harness:
        for number, secret in enumerate(("whsec_new", WEBHOOK_SECRET)):
            raw = json.dumps(event(f"evt_{number}")).encode()
            assert (await deliver(harness, raw, signature(raw, secret))).status_code == 200


@pytest.fixture
async def proxied_harness(
    sandbox_of_the_run: SandboxProcess, postgres: PostgresCluster, postgres_url: str
) -> AsyncIterator[tuple[Harness, TcpProxy]]:
    """A product whose connection to the database can be cut."""
    async with proxy_to(postgres.port) as proxy:
        url = postgres_url.replace(f":{postgres.port}/", f":{proxy.port}/")
        async with a_harness(sandbox_of_the_run, url) as harness:
            yield harness, proxy


async def test_what_cannot_be_stored_is_answered_so_that_stripe_comes_again(
    proxied_harness: tuple[Harness, TcpProxy],
):
    harness, proxy = proxied_harness
    raw = json.dumps(event()).encode()
    assert (await harness.get("/api/courses")).status_code == 200
    await proxy.cut()
    answer = await deliver(harness, raw, signature(raw))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    await proxy.connect()
    assert (await deliver(harness, raw, signature(raw))).status_code == 200
    assert await stored(harness, "evt_1") is not None


async def test_without_a_database_every_call_says_so_in_a_sentence(
    proxied_harness: tuple[Harness, TcpProxy],
):
    harness, proxy = proxied_harness
    await proxy.cut()
    sam = harness.student("sam")
    answers = [
        await harness.get("/api/courses"),
        await harness.get("/api/courses/crs_x"),
        await harness.get("/api/bookings", sam),
        await harness.get("/api/bookings/bkg_x", sam),
        await harness.post("/api/stripe/checkout", sam, json={"course_id": "crs_x"}),
        await harness.post("/api/bookings/bkg_x/retry", sam, headers={"Idempotency-Key": "k"}),
        await harness.post("/api/bookings/bkg_x/cancel", sam),
    ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(503, "unavailable")}
    ready = await harness.get("/api/ready")
    assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "does not answer")
    assert (await harness.get("/api/health")).status_code == 200
