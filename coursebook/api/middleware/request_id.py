"""Gives every HTTP request an id that its answer, its log lines and its audit rows share."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.log import request_id, sane_request_id

HEADER = "X-Request-Id"


class RequestIds:
    """ASGI middleware: takes a harmless `X-Request-Id` or makes one, and sends it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; sockets pass unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = sane_request_id(Headers(scope=scope).get(HEADER))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = current
            await send(message)

        with request_id(current):
            await self._app(scope, receive, send_with_id)
