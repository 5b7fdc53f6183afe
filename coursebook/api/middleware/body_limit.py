"""A limit for request bodies: 1 MiB, and 20 seconds to arrive.

Uploads are excepted: their route knows the caller before it reads the body, with its own limits.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_api_request
from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import TooSlow
from coursebook.errors import CoursebookError, FieldError, Invalid, TooLarge

MAX_BODY = 1024 * 1024
"""Bytes. Stripe's events are far smaller; all other bodies are a few hundred bytes."""

TIMEOUT_SECONDS = 20.0
"""For a whole body, so that a client that sends it byte by byte cannot hold a connection."""

UPLOADS = frozenset({"/api/manage/pictures"})
"""The paths whose route calls `read_body` itself."""


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
        if not is_api_request(scope) or scope["path"] in UPLOADS:
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(scope, receive, self._max_size, self._seconds)
        except CoursebookError as error:
            response = problem_response(error)
            if not isinstance(error, Invalid):
                response.headers["Connection"] = "close"
            await response(scope, receive, send)
        else:
            await self._app(scope, _replaying(body, receive), send)


async def read_body(scope: Scope, receive: Receive, max_size: int, seconds: float) -> bytes:
    """Return the whole body. Raises TooLarge, TooSlow, and Invalid for a partial one."""
    try:
        async with asyncio.timeout(seconds):
            return await _body(scope, receive, max_size)
    except TimeoutError:
        raise TooSlow from None
    except _Disconnected:
        # Also reported for malformed chunks; that client is still connected.
        raise Invalid([FieldError("", "The body is incomplete.")]) from None


async def _body(scope: Scope, receive: Receive, max_size: int) -> bytes:
    announced = Headers(scope=scope).get("content-length", "0")
    if announced.isdecimal() and int(announced) > max_size:
        raise TooLarge
    chunks, size, is_more = [], 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_size:
            raise TooLarge
        chunks.append(chunk)
        is_more = message.get("more_body", False)
    return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
