"""Headers that every answer of the API carries, and HEAD for everything that has a GET."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.middleware.scope import is_ours


class PlainHeaders:
    """ASGI middleware: answers are not stored by caches unless they say so, nor sniffed.

    A HEAD is answered as a GET without its body (RFC 9110 §9.3.2).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not the API's passes unchanged."""
        if not is_ours(scope):
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"

        async def send_plainly(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send_plainly)
