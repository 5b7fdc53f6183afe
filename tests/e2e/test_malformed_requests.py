"""Malformed requests as raw bytes to the real server: 4xx, in our own form."""

import asyncio
import json

import pytest

from coursebook.http_security.socket_protocol import SOCKET
from tests.support.stack import Stack

JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
PATHS = (
    b"/api/bookings/a%0Ab/cancel",
    b"/api/courses/a%0Ab",
    b"/api/%00",
    b"/courses/a%0Ab",
    b"/courses/%00",
    b"/%0a",
    b"//courses",
    b"//courses/",
    b"//evil.example/%2e%2e",
    b"//api/courses",
    b"/%2fcourses",
    b"*",
    SOCKET.encode(),
    b"/_upload",
)


async def ask(
    stack: Stack, method: bytes, path: bytes, *headers: bytes, body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Send bytes; return status, headers and body of the answer."""
    reader, writer = await asyncio.open_connection("localhost", stack.port)
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: close"]
    writer.write(b"".join(line + b"\r\n" for line in [*lines, *headers, b""]) + body)
    try:
        async with asyncio.timeout(40):
            answer = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    response_headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)
    }
    return int(first.split()[1]), response_headers, content


def assert_a_problem(answer: tuple[int, dict[str, str], bytes], *statuses: int) -> None:
    status, headers, body = answer
    assert status in statuses, answer
    assert headers["content-type"] == "application/problem+json", answer
    assert headers["x-content-type-options"] == "nosniff"
    problem = json.loads(body)
    assert problem["status"] == status
    assert problem["request_id"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:30].decode())
async def test_a_strange_path_is_not_found_and_redirects_nowhere(stack: Stack, path: bytes):
    for method in (b"GET", b"POST", b"PUT"):
        answer = await ask(stack, method, path, b"Accept-Language: de")
        assert_a_problem(answer, 401, 404, 405)
        assert "location" not in answer[1]


async def test_an_endless_course_name_is_the_page_of_an_unknown_course(stack: Stack):
    status, headers, body = await ask(stack, b"GET", b"/courses/" + b"x" * 30_000)
    assert (status, headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert len(body) < 100_000


@pytest.mark.parametrize("path", [b"/courses", b"/sitemap.xml", b"/robots.txt", b"/courses/x"])
async def test_a_page_names_its_methods(stack: Stack, path: bytes):
    answer = await ask(stack, b"PUT", path)
    assert_a_problem(answer, 405)
    assert "GET" in answer[1]["allow"]


@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n0\r\n\r\n", b"5\r\n{}xx", b"-1\r\n\r\n"])
async def test_a_body_in_broken_chunks_is_a_refusal(stack: Stack, body: bytes):
    paths = (b"/api/stripe/checkout", b"/api/stripe/webhook", b"/api/courses")
    asked = [ask(stack, b"POST", path, JSON, CHUNKED, body=body) for path in paths]
    for answer in await asyncio.gather(*asked):  # at once: some end with the server's timeout
        assert_a_problem(answer, 408, 422)


async def test_a_signature_of_other_bytes_is_a_bad_one(stack: Stack):
    signature = b"Stripe-Signature: t=1,v1=\xff\xfe"
    answer = await ask(
        stack, b"POST", b"/api/stripe/webhook", signature, b"Content-Length: 2", body=b"{}"
    )
    assert_a_problem(answer, 400)


@pytest.mark.parametrize("name", [b"Accept-Language", b"Cookie", b"Accept", b"X-Forwarded-For"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xc3\xa9;q=\xff", b"x" * 20_000])
async def test_odd_headers_keep_no_page_from_being_drawn(stack: Stack, name: bytes, value: bytes):
    for path in (b"/courses?q=clay", b"/", b"/courses/no-such", b"/api/courses"):
        status, _, _ = await ask(stack, b"GET", path, name + b": " + value)
        assert status in (200, 404), path


@pytest.mark.parametrize("query", [b"q=%ff", b"q=%00", b"q=%ED%A0%80", b"q=" + b"x" * 5000, b"%"])
async def test_odd_queries_keep_no_page_from_being_drawn(stack: Stack, query: bytes):
    for path in (b"/", b"/courses", b"/courses/no-such", b"/bookings", b"/payment/success"):
        status, _, _ = await ask(stack, b"GET", path + b"?" + query)
        assert status in (200, 404), path
