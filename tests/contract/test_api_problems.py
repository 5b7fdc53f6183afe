"""Problem documents, request ids, and unexpected errors."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from coursebook.api.app import build_api
from coursebook.log import current_request_id
from tests.support.harness import Harness

MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}


def client(app: object) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://product.test")


@pytest.fixture
async def alone() -> AsyncIterator[httpx.AsyncClient]:
    """The API before its services are open."""
    async with client(build_api()) as api:
        yield api


async def test_a_problem_has_the_members_of_rfc_9457_and_ours(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/api/courses/nothing")
    body = answer.json()
    assert set(body) == MEMBERS
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == 404
    assert body["type"] == "/api/docs#error-course_not_found"
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["detail"].endswith(".")


async def test_errors_are_listed_for_invalid_requests_only(sqlite_harness: Harness):
    body = (await sqlite_harness.get("/api/courses?limit=0")).json()
    assert set(body) == MEMBERS | {"errors"}
    assert set(body["errors"][0]) == {"pointer", "detail"}


async def test_what_was_sent_is_not_repeated_in_a_problem(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/api/courses?limit=<script>secret")
    assert "secret" not in answer.text


async def test_an_address_that_does_not_exist_is_not_found(alone: httpx.AsyncClient):
    for path in ("/api", "/api/", "/api/nothing", "/api/courses/a/b", "/api/courses/", "/api//"):
        answer = await alone.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def test_a_wrong_method_is_told_which_ones_are_right(alone: httpx.AsyncClient):
    for method, path, right in (
        ("POST", "/api/courses", "GET, HEAD"),
        ("DELETE", "/api/courses/x", "GET, HEAD"),
        ("GET", "/api/stripe/checkout", "POST"),
        ("GET", "/api/stripe/webhook", "POST"),
        ("PUT", "/api/bookings/x/cancel", "POST"),
        ("PATCH", "/api/bookings", "GET, HEAD"),
        ("POST", "/api/docs", "GET, HEAD"),
        ("POST", "/api/openapi.json", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("BREW", "/api/health", "GET, HEAD"),
        ("OPTIONS", "/api/manage/bookings/x/note", "PUT"),
        ("OPTIONS", "/api/manage/messages/preview", "POST"),
    ):
        answer = await alone.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), path
        assert answer.headers["allow"] == right


async def test_head_is_get_without_a_body(alone: httpx.AsyncClient):
    whole, head = await alone.get("/api/health"), await alone.head("/api/health")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


async def test_every_answer_names_its_request_and_takes_a_harmless_name(alone: httpx.AsyncClient):
    request_id = (await alone.get("/api/health")).headers["x-request-id"]
    assert re.fullmatch(r"req_[0-9a-f]{16}", request_id)
    assert (await alone.get("/api/health")).headers["x-request-id"] != request_id
    given = {"X-Request-Id": "caller-7f3e.1_a"}
    answer = await alone.get("/api/nothing", headers=given)
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "caller-7f3e.1_a"
    for strange in ("short", "x" * 65, "a b c d e f", "<script>alert", "ab\tcdefgh", "-12345678"):
        answer = await alone.get("/api/health", headers={"X-Request-Id": strange})
        assert answer.headers["x-request-id"].startswith("req_"), strange


async def test_before_the_services_are_open_calls_say_so(alone: httpx.AsyncClient):
    for path in ("/api/courses", "/api/ready", "/api/identity", "/api/courses/x"):
        answer = await alone.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
    assert (await alone.get("/api/health")).json() == {"status": "ok"}


async def test_a_body_of_more_than_one_mebibyte_is_refused_announced_or_not(
    alone: httpx.AsyncClient,
):
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65536

    for path in ("/api/stripe/checkout", "/api/stripe/webhook", "/api/bookings/x/cancel"):
        for content in (b"x" * (1024 * 1024 + 1), drops()):
            answer = await alone.post(path, content=content)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), path


async def test_what_nobody_foresaw_is_logged_with_its_request_and_told_without_detail():
    async def broken(_request: Request) -> Response:
        raise ZeroDivisionError(f"the secret {current_request_id()}")

    app = build_api()
    app.router.routes.insert(0, Route("/api/broken", broken))
    with capture_logs() as lines:
        async with client(app) as api:
            answer = await api.get("/api/broken", headers={"X-Request-Id": "caller-12345"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["request_id"] == "caller-12345"
    assert "secret" not in answer.text
    assert "Zero" not in answer.text
    [line] = [line for line in lines if line["event"] == "api.failed"]
    assert (line["log_level"], line["path"]) == ("error", "/api/broken")


async def test_answers_are_not_kept_by_caches_unless_they_say_so(sqlite_harness: Harness):
    sam = sqlite_harness.student("sam")
    for path in ("/api/courses?q=clay", "/api/bookings", "/api/nothing", "/api/ready"):
        answer = await sqlite_harness.get(path, sam)
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-content-type-options"] == "nosniff"
    courses = await sqlite_harness.get("/api/courses")
    assert courses.headers["cache-control"] == "no-cache"  # kept, but asked about each time
    identity = await sqlite_harness.get("/api/identity")
    assert identity.headers["cache-control"] == "public, max-age=60"
