"""The attack run: everything hostile through every query, header and body of the API, and the ids
of others. Its other half, by the OpenAPI document: `test_api_attack_fields.py`.

The client of these tests checks each answer: described in the OpenAPI document, a problem when it
is a refusal, without a stack trace.
"""

import asyncio
import json
import re
from typing import Any

import pytest

from coursebook.api.middleware.body_limit import BodyLimit
from tests.support.api_document import api_paths
from tests.support.attacks import PAYLOADS, assert_silent, rows
from tests.support.harness import OPERATOR, Harness, Started

EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


def queries() -> list[tuple[str, str]]:
    """Return every address with every query that the API takes."""
    paths = api_paths()
    return [
        (path, parameter["name"])
        for path, operations in paths.items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["in"] == "query"
    ]


async def test_no_query_of_the_api_is_a_way_in(harness: Harness):
    sam = harness.student("sam")
    course = await harness.course()
    await harness.checkout(sam, course)
    before = await rows(harness)
    asked = queries()
    assert len(asked) >= 12
    for path, name in asked:
        address = re.sub(r"\{\w+\}", "nothing", path.replace("{course_id}", course.id))
        for payload in PAYLOADS:
            answer = await harness.get(address, sam, params={name: payload})
            assert answer.status_code in (200, 403, 422), (path, name, payload, answer.text)
            assert_silent(answer, payload)
    assert await rows(harness) == before


BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b""),
    ("application/json", b"{"),
    ("application/json", b"[" * 100_000),
    ("application/json", b'{"a":' * 50_000),
    ("application/json", b'{"course_id": 1e999999}'),
    ("application/json", b'{"course_id": ' + b"9" * 10_000 + b"}"),
    ("application/json", b'{"course_id": NaN}'),
    ("application/json", b'{"course_id": "\\ud800"}'),
    ("application/json", b'{"course_id": "x", "price": 1, "user_id": "olga"}'),
    ("application/json", b'{"course_id": {"$ne": null}}'),
    ("application/json", b'{"__proto__": {"role": "operator"}}'),
    ("application/json", b"\xff\xfe{}"),
    ("application/json; charset=utf-7", b"+AHsAIgBhACIAOgAxAH0-"),
    (
        "application/xml",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
    ),
    ("application/x-www-form-urlencoded", b"course_id=crs_x"),
    ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    ("text/plain", b'{"course_id": "crs_x"}'),
    ("", b'{"course_id": "crs_x"}'),
)


@pytest.mark.parametrize(("kind", "body"), BODIES, ids=lambda v: repr(v)[:24])
async def test_a_hostile_body_is_refused_as_a_problem(
    sqlite_harness: Harness, kind: str, body: bytes
):
    answer = await sqlite_harness.post(
        "/api/stripe/checkout",
        sqlite_harness.student("sam"),
        content=body,
        headers={"Content-Type": kind},
    )
    assert answer.status_code in (404, 422), answer.text
    assert_silent(answer, repr(body[:40]))


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    for path in ("/api/stripe/checkout", "/api/stripe/webhook", "/api/bookings/x/cancel"):
        answer = await sqlite_harness.post(path, sam, content=b"x" * (1024 * 1024 + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_body_that_does_not_arrive_is_given_up():
    sent: list[Any] = []

    async def program(*_call: Any) -> None:
        raise AssertionError("half a body reached the program")

    async def receive() -> dict[str, Any]:
        if not sent:
            await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "http", "path": "/api/stripe/webhook", "method": "POST", "headers": []}
    slow = BodyLimit(program, max_size=100, seconds=0.1)  # a byte each 10 ms
    await slow(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "too_slow"


def on_a_booking() -> list[tuple[str, str]]:
    """Return every call of the API that names a booking."""
    paths = api_paths()
    found = [(method, path) for path, ways in paths.items() for method in ways]
    return [(method.upper(), path) for method, path in found if "/bookings/{" in path]


async def test_the_ids_of_others_open_nothing(sqlite_harness: Harness):
    harness = sqlite_harness
    sally, sam = harness.student("sally"), harness.student("sam")
    paid = await harness.confirmed(sally, await harness.course())
    waiting = await harness.checkout(sally, await harness.course())
    before = await rows(harness)
    calls = on_a_booking()
    assert len(calls) >= 3
    for method, path in calls:
        for booking in (paid, waiting):
            for given in ids_of(booking):
                address = path.replace("{id}", given).replace("{booking_id}", given)
                address = address.replace("{payment_id}", "hnd_of_nobody")
                assert "{" not in address, path
                stranger = await harness.call(method, address)
                other = await harness.call(method, address, sam)
                refusals = (403, 422) if "/manage/" in path else (404,)
                assert stranger.status_code == 401, address
                assert other.status_code in refusals, address
                assert "Course" not in stranger.text + other.text
    listed = await harness.get("/api/bookings", sam)
    assert listed.json()["items"] == []
    after = await rows(harness)
    assert after | {"user_account": []} == before | {"user_account": []}
    for booking in (paid, waiting):
        seen = await harness.get(f"/api/bookings/{booking.booking_id}", OPERATOR)
        assert seen.status_code == 200


def ids_of(booking: Started) -> list[str]:
    assert booking.session_id
    return [booking.booking_id, booking.booking_id.upper(), booking.session_id]


async def test_no_post_counts_that_another_site_makes_a_browser_send(sqlite_harness: Harness):
    harness = sqlite_harness
    sam = harness.student("sam")
    booking = await harness.checkout(sam, await harness.course())
    token = await harness.token(sam)
    cookies = {"Cookie": f"__session={token}; __client={token}; token={token}"}
    before = await rows(harness)
    paths = api_paths()
    posts = [path for path, ways in paths.items() if "post" in ways and "webhook" not in path]
    assert len(posts) >= 3
    for path in posts:
        address = path.replace("{id}", booking.booking_id)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
            headers = {**EVIL, **cookies, "Content-Type": kind}
            answer = await harness.post(address, headers=headers, content=b'{"course_id": "x"}')
            assert answer.status_code == 401, (path, answer.text)
            assert "access-control-allow-origin" not in answer.headers
    assert await rows(harness) == before


@pytest.mark.parametrize(
    "header",
    [
        {"X-Request-Id": "a%0d%0aSet-Cookie: taken=1"},
        {"X-Request-Id": "<script>alert(1)</script>"},
        {"X-Request-Id": "x" * 500},
        {"X-Forwarded-For": "6.6.6.6, <script>"},
        {"X-Forwarded-Host": "evil.example"},
        {"Host": "evil.example"},
        {"Idempotency-Key": "' OR 1=1 --"},
        {"Idempotency-Key": "x" * 300},
        {"Accept-Language": "<script>,;q=x" * 20},
        {"Cookie": 'weird[]=1; x={"a":1}; __session=;;;'},
        {"Authorization": "Bearer " + "A" * 9000},
        {"Authorization": "Basic b2xnYTpvbGdh"},
        {"Authorization": "bearer\tnull"},
    ],
    ids=" ".join,
)
async def test_no_header_is_a_way_in(sqlite_harness: Harness, header: dict[str, str]):
    body = {"course_id": "crs_x"}
    open_to_all = await sqlite_harness.get("/api/courses", headers=header)
    closed = await sqlite_harness.post("/api/stripe/checkout", headers=header, json=body)
    assert open_to_all.status_code == 200
    assert closed.status_code in (401, 422)
    for answer in (open_to_all, closed):
        assert_silent(answer, str(header))
        assert answer.headers["x-request-id"].replace("_", "").replace("-", "").isalnum()
        assert "evil.example" not in answer.text


async def test_no_address_of_the_api_redirects_anywhere(sqlite_harness: Harness):
    for path in (
        "/api//evil.example",
        "/api/courses//evil.example/",
        "/api/courses/?next=//e",
        "/api/",
    ):
        answer = await sqlite_harness.get(path)
        assert "location" not in answer.headers
        assert answer.status_code in (200, 404), path
