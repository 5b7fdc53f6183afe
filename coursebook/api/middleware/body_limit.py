"""Refuses request bodies of more than 1 MiB, announced or not, and those that do not arrive."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_ours
from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import TooSlow
from coursebook.errors import FieldError, Invalid, TooLarge

LARGEST_BODY = 1024 * 1024
"""Bytes. Stripe's events stay far below; everything else we take is a few hundred bytes."""

MOST_SECONDS = 20.0
"""For a whole body. Who sends a byte now and then would hold a place at the counter for ever."""


class _Disconnected(Exception):
    """The client went away before its body was complete."""


class BodyLimit:
    """ASGI middleware: reads the whole body first, so that no handler sees half of one."""

    def __init__(
        self, app: ASGIApp, largest: int = LARGEST_BODY, seconds: float = MOST_SECONDS
    ) -> None:
        self._app = app
        self._largest = largest
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not the API's passes unchanged."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._body(scope, receive)
        except (TooLarge, TimeoutError) as problem:
            refusal = problem if isinstance(problem, TooLarge) else TooSlow()
            response = problem_response(refusal)
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
        except _Disconnected:
            # The server says this of a body in broken chunks too, and then its sender listens.
            broken = Invalid([FieldError("", "The body is incomplete.")])
            await problem_response(broken)(scope, receive, send)
        else:
            await self._app(scope, _replaying(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._largest:
            raise TooLarge
        chunks, size, is_more = [], 0, True
        while is_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Disconnected
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._largest:
                raise TooLarge
            chunks.append(chunk)
            is_more = message.get("more_body", False)
        return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay
