"""Every route, with everything that can be wrong about the request itself: 4xx, in our form.

In process, without a server, so that bytes arrive which no client library would send. What the
server sees to (its own parsing, broken chunks) is in `tests/e2e/test_malformed_requests.py`.
"""

import json
import re
from typing import Any

import pytest

from coursebook.api.app import build_api
from tests.support.api_document import api_paths
from tests.support.harness import Harness, a_harness
from tests.support.sandbox import SandboxProcess
from tests.support.tokens import Forge

APP = build_api()
OTHERS = (
    "/api",
    "/api/",
    "/api/nope",
    "/api/docs",
    "/api/openapi.json",
    "/metrics",
    "/sitemap.xml",
)
DOCUMENTED = api_paths()
PATHS = sorted({*DOCUMENTED, *OTHERS})
OPERATIONS = [
    (path, method.upper()) for path in PATHS for method in DOCUMENTED.get(path, ("get", "post"))
]
"""Every path with the methods that read headers and bodies; others are refused before that."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE", "FOO", "get")
NAMES = ("a\nb", "\x00", "a/b", "\xff", "\ud800", "..", "x" * 9000, " ", "%0a", "💥")
HEADERS = (
    (b"authorization", b"Bearer \xff\xfe"),
    (b"authorization", b"\xff"),
    (b"authorization", b"Bearer "),
    (b"authorization", b"Bearer a.b.c\x00"),
    (b"idempotency-key", b"\xff\xfe"),
    (b"idempotency-key", b"x" * 9000),
    (b"stripe-signature", b"t=1,v1=\xff\xfe"),
    (b"x-request-id", b"\xff\n"),
    (b"x-forwarded-for", b"\xff, ::1, x"),
    (b"accept", b"\xff"),
    (b"accept-language", b"\xff" * 2000),
    (b"cookie", b"\xff=\xfe"),
    (b"content-type", b"application/json; charset=\xff"),
    (b"content-type", b"text/plain"),
    (b"content-type", b"multipart/form-data"),
    (b"content-encoding", b"gzip"),
    (b"content-length", b"\xff"),
    (b"content-length", b"-1"),
    (b"content-length", "٣".encode()),
    (b"content-length", b"9" * 400),
    (b"host", b"\xff"),
    (b"origin", b"\xff"),
)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b"\x1f\x8b\x00\x00",
    b"NaN",
    b'{"course_id":"\\ud800"}',
    b'{"course_id":"\\u0000"}',
    b'{"course_id":' + b"1" * 5000 + b"}",
    b'{"course_id":NaN}',
    b'{"course_id":["x"]}',
    b'{"course_id":"' + b"x" * 20_000 + b'"}',
    b'{"course_id":"a","course_id":7}',
    b'{"\\ud800":1}',
    b"[" * 20_000,
    '{"course_id":"💥"}'.encode("utf-16"),
)
QUERIES = (
    b"q=%ff",
    b"q=%00",
    b"q=%ED%A0%80",
    b"cursor=%F0",
    b"limit=%0a",
    b"\xff",
    b"&=&;",
    b"a" * 9000,
)


async def ask(
    method: str,
    path: str,
    headers: list[tuple[bytes, bytes]],
    body: bytes = b"",
    query: bytes = b"",
    *,
    is_whole: bool = True,
) -> tuple[int, str, bytes]:
    """Ask the API without any server; return status, kind and body of the answer."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": query,
        "headers": headers,
        "client": ("203.0.113.7", 1),
        "server": ("localhost", 80),
        "scheme": "http",
        "root_path": "",
    }
    sent: list[Any] = []
    to_come = [{"type": "http.request", "body": body, "more_body": not is_whole}]

    async def receive() -> Any:
        return to_come.pop() if to_come else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await APP(scope, receive, send)
    response_headers = {
        name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]
    }
    content = b"".join(part.get("body", b"") for part in sent[1:])
    return sent[0]["status"], response_headers.get("content-type", ""), content


def assert_in_our_form(what: object, answer: tuple[int, str, bytes], method: str = "") -> None:
    status, kind, body = answer
    assert status < 500 or status == 503, (what, answer)
    if status >= 400:
        assert kind == "application/problem+json", (what, answer)
        assert method == "HEAD" or json.loads(body)["status"] == status, (what, answer)


@pytest.mark.parametrize("method", METHODS)
async def test_every_route_with_every_method_and_strange_names(
    sqlite_harness: Harness, method: str
):
    for path in PATHS:
        names = NAMES if "{" in path else ("",)
        for name in names:
            request_path = re.sub(r"\{[^}]*\}", lambda _, name=name: name, path)
            assert_in_our_form((method, request_path), await ask(method, request_path, []), method)
    for request_path in (
        "//api/courses",
        "//courses",
        "/api/\n",
        "/api/bookings/a\nb/cancel",
        "/\x00",
        "*",
    ):
        status, kind, _ = await ask(method, request_path, [])
        belongs_to_a_route = request_path == "/api/bookings/a\nb/cancel"
        assert status in ((401, 405) if belongs_to_a_route else (404,)), request_path
        assert kind == "application/problem+json", request_path


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header)[:40])
async def test_every_route_with_every_bad_header(
    sqlite_harness: Harness, header: tuple[bytes, bytes]
):
    token = await sqlite_harness.token(sqlite_harness.student("sam"))
    good = [(b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json")]
    for path, method in OPERATIONS:
        request_path = path.replace("{", "").replace("}", "")
        for headers in ([header], [*good, header], [header, *good], [header, header]):
            answer = await ask(method, request_path, headers, b'{"course_id": "x"}')
            assert_in_our_form((method, request_path, headers), answer)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body)[:30])
async def test_every_route_with_every_bad_body(sqlite_harness: Harness, body: bytes):
    token = await sqlite_harness.token(sqlite_harness.student("sam"))
    signed_in = (b"authorization", f"Bearer {token}".encode())
    for path, method in OPERATIONS:
        request_path = path.replace("{", "").replace("}", "")
        for kind in (b"application/json", b"text/plain", b""):
            headers = [signed_in, (b"content-type", kind)]
            answer = await ask(method, request_path, headers, body)
            assert_in_our_form((method, request_path, body), answer)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: repr(query)[:30])
async def test_every_route_with_every_bad_query(sqlite_harness: Harness, query: bytes):
    token = await sqlite_harness.token(sqlite_harness.student("sam"))
    for path in PATHS:
        request_path = path.replace("{", "").replace("}", "")
        headers = [(b"authorization", f"Bearer {token}".encode())]
        assert_in_our_form(
            (request_path, query), await ask("GET", request_path, headers, b"", query)
        )


async def test_a_body_that_does_not_arrive_whole_is_a_refusal(sqlite_harness: Harness):
    for path in PATHS:
        if not path.startswith(("/api", "/metrics")):
            continue
        status, kind, _ = await ask("POST", path, [], b"{", is_whole=False)
        refusal = 401 if path == "/api/manage/pictures" else 422  # the caller is asked for first
        assert (status, kind) == (refusal, "application/problem+json"), path


async def test_a_signature_that_is_not_ascii_is_a_bad_one(sqlite_harness: Harness):
    for signature in (b"t=1,v1=\xff\xfe", "t=٣,v1=é".encode(), b"\xff", b"t=\xb2"):
        status, _, body = await ask(
            "POST", "/api/stripe/webhook", [(b"stripe-signature", signature)], b"{}"
        )
        assert (status, json.loads(body)["code"]) == (400, "bad_webhook")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "user_\ud800"},
        {"sub": "\ud800"},
        {"sub": "user_\x00"},
        {"sid": "sess_\udfff"},
        {"sub": "x" * 5000},
        {"sub": ["user_x"]},
    ],
)
async def test_a_token_of_nobody_who_can_be_stored_is_no_token(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, claims: dict[str, Any]
):
    async with a_harness(sandbox_of_the_run, sqlite_url, clerk_jwt_key=Forge().pem) as harness:
        settings = harness.services.settings
        usual = {"iss": settings.token_issuer, "azp": settings.public_url}
        for given, expected in (({}, 200), (claims, 401)):
            token = Forge().token(**{**usual, **given}).encode()
            status, _, _ = await ask(
                "GET", "/api/bookings", [(b"authorization", b"Bearer " + token)]
            )
            assert status == expected
