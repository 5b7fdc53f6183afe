"""Default headers of API responses, and HEAD for every route that has a GET."""

from collections.abc import Awaitable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_api_request


class DefaultHeaders:
    """ASGI middleware: default to no caching and no content sniffing.

    A HEAD is answered like a GET without a body (RFC 9110 §9.3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle one connection; other requests than the API's pass unchanged.

        It awaits nothing itself, so it adds no coroutine to every step of the program behind.
        """
        if not is_api_request(scope):
            return self._app(scope, receive, send)
        is_head = scope["method"] == "HEAD"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return self._app(
            {**scope, "method": "GET"} if is_head else scope, receive, send_with_headers
        )
