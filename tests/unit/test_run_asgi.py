"""The production ASGI entry: cache headers, redirects and the changes of the build plugin."""

from typing import Any

import pytest

from coursebook.asgi import Message, Receive, Scope, Send, cached
from coursebook.ui.build.same_origin import patched_state_js


@pytest.mark.parametrize(
    ("path", "status", "kind", "own", "expected"),
    [
        ("/assets/a-1f.js", 200, "text/javascript", None, "public, max-age=31536000, immutable"),
        ("/assets/gone.js", 404, "text/plain", None, None),
        ("/assets/gone.js", 404, "text/html", None, "no-cache"),
        ("/courses", 200, "text/html; charset=utf-8", None, "no-cache"),
        ("/api/bookings", 200, "application/json", "no-store", "no-store"),
        ("/api/courses", 200, "application/json", None, None),
    ],
)
async def test_cache_headers_of_each_kind_of_answer(
    path: str, status: int, kind: str, own: str | None, expected: str | None
) -> None:
    headers = [(b"content-type", kind.encode())]
    if own:
        headers.append((b"Cache-Control", own.encode()))
    sent = await _ask(path, {"type": "http.response.start", "status": status, "headers": headers})
    found = [value.decode() for name, value in sent if name.lower() == b"cache-control"]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("http://courses.example.org/courses/", "/courses/"),
        ("http://courses.example.org/payment/success/?a=b", "/payment/success/?a=b"),
        ("http://courses.example.org//elsewhere.example/", None),
        ("https://checkout.example.org/c/pay/1", None),
        ("http://courses.example.org.elsewhere.example/", None),
        ("/sign-in", None),
    ],
)
async def test_an_internal_redirect_is_relative(said: str, expected: str | None) -> None:
    start = {
        "type": "http.response.start",
        "status": 307,
        "headers": [(b"location", said.encode())],
    }
    sent = await _ask("/courses", start, host=b"courses.example.org")
    assert sent == [(b"location", (expected or said).encode())]


async def test_a_socket_passes_through_untouched() -> None:
    seen: list[Any] = []

    async def program(*call: Any) -> None:
        seen.append(call)

    call = ({"type": "websocket"}, None, None)
    await cached(program)(*call)  # type: ignore[arg-type]
    assert seen == [call]


def test_the_page_connects_to_its_own_origin() -> None:
    assert patched_state_js().count("window.location.origin") == 1


async def _ask(path: str, start: Message, host: bytes = b"localhost") -> list[tuple[bytes, bytes]]:
    sent: list[Message] = []

    async def program(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start)

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    scope = {"type": "http", "path": path, "headers": [(b"host", host)]}
    await cached(program)(scope, receive, send)
    return list(sent[0]["headers"])
