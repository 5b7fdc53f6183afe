"""A request id for every HTTP request, in its response, log lines and audit rows."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.log import request_id, sane_request_id

HEADER = "X-Request-Id"


class RequestIds:
    """ASGI middleware: accept a valid `X-Request-Id` or create one, and return it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; sockets pass unchanged."""
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
