"""A limit for request bodies: 1 MiB, and 20 seconds to arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_api_request
from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import TooSlow
from coursebook.errors import FieldError, Invalid, TooLarge

MAX_BODY = 1024 * 1024
"""Bytes. Stripe's events are far smaller; all other bodies are a few hundred bytes."""

TIMEOUT_SECONDS = 20.0
"""For a whole body, so that a client that sends it byte by byte cannot hold a connection."""


class _Disconnected(Exception):
    """The client disconnected before its body was complete."""


class BodyLimit:
    """ASGI middleware: read the whole body first, so that no handler sees a partial one."""

    def __init__(
        self, app: ASGIApp, max_size: int = MAX_BODY, seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self._app = app
        self._max_size = max_size
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; other requests than the API's pass unchanged."""
        if not is_api_request(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._body(scope, receive)
        except (TooLarge, TimeoutError) as error:
            refusal = error if isinstance(error, TooLarge) else TooSlow()
            response = problem_response(refusal)
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
        except _Disconnected:
            # Also reported for malformed chunks; that client is still connected.
            broken = Invalid([FieldError("", "The body is incomplete.")])
            await problem_response(broken)(scope, receive, send)
        else:
            await self._app(scope, _replaying(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._max_size:
            raise TooLarge
        chunks, size, is_more = [], 0, True
        while is_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Disconnected
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_size:
                raise TooLarge
            chunks.append(chunk)
            is_more = message.get("more_body", False)
        return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
