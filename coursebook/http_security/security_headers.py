"""The outermost program: every answer gets its headers, unused addresses are shut."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders

from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import UnknownRoute
from coursebook.http_security.content_policy import NO_SCRIPT, OF_PARTS
from coursebook.http_security.socket_handshake import caller_of, reduced
from coursebook.http_security.socket_protocol import SOCKET, Conversation
from coursebook.log import new_request_id, request_id
from coursebook.log_budget import begin_client

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[Scope, Receive, Send], Awaitable[None]]

NOT_HERE = 1008
"""The code of a socket that is closed for what it says (RFC 6455 §7.4.1: policy violation)."""
NOT_MODIFIED = 304
SHUT = (SOCKET, "/_upload", "/_health", "/_all_routes", "/auth-codespace", "/ping")
"""Addresses that Reflex brings along and nobody here uses, at least not over plain HTTP."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
PARTS = ("text/javascript", "text/css", "font/", "image/")
"""Kinds of files that are parts of pages. Each comes with every first visit: every byte counts."""
OF_DOCUMENTS = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), "
        "usb=()"
    ),
}
HSTS = "max-age=31536000"
"""A year, for this host only: what runs on hosts below it is not ours to decide."""


def headers_for(public_url: str) -> Mapping[str, str]:
    """Return what every answer says at this address."""
    if public_url.startswith("https://"):
        return {**ALWAYS, "Strict-Transport-Security": HSTS}
    return ALWAYS


class SecurityHeaders:
    """ASGI middleware around everything at `public_url`.

    `page_policy` is the policy of the built pages. An answer that brings its own (a page that was
    drawn) keeps it. `trusted_proxies` is how many of ours stand in front.
    """

    def __init__(
        self, program: Program, public_url: str, page_policy: str, trusted_proxies: int = 0
    ) -> None:
        self._program = program
        self._trusted_proxies = trusted_proxies
        self._origin = public_url
        self._headers = headers_for(public_url)
        self._page_policy = page_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] in ("http", "websocket"):
            begin_client(caller_of(scope, self._trusted_proxies))
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._program(scope, receive, send)
            return
        guarded = self._guarded(scope["path"], send)
        if any(_is_at(scope["path"], path) for path in SHUT):
            with request_id(new_request_id()):
                await problem_response(UnknownRoute())(scope, receive, guarded)
            return
        await self._program(scope, receive, guarded)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = None
        if scope["path"].rstrip("/") == SOCKET:
            known = reduced(scope, self._origin, self._trusted_proxies)
        if known is None:
            await send({"type": "websocket.close", "code": NOT_HERE})
            return
        conversation = Conversation()

        async def listening() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            said = conversation.read(message.get("text") or message.get("bytes"))
            if said is None:
                await send({"type": "websocket.close", "code": NOT_HERE})
                return {"type": "websocket.disconnect", "code": NOT_HERE}
            return {"type": "websocket.receive", "text": said}

        await self._program(known, listening, send)

    def _guarded(self, path: str, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message.get("headers", ()))}
                headers = MutableHeaders(raw=message["headers"])
                # A 304 has no type, and what it carries replaces the policy that the page came
                # with (RFC 9111 §3.2): a page asked for again must keep its own.
                self._complete(path, headers, is_news=message["status"] != NOT_MODIFIED)
            await send(message)

        return sending

    def _complete(self, path: str, headers: MutableHeaders, *, is_news: bool) -> None:
        if "vary" in headers:  # Reflex names one thing several times
            named = dict.fromkeys(part.strip() for part in headers["vary"].split(","))
            headers["Vary"] = ", ".join(named)
        for name, value in self._headers.items():
            headers[name] = value
        kind = headers.get("content-type", "")
        is_part = kind.startswith(PARTS)
        for name, value in OF_DOCUMENTS.items() if not is_part else ():
            headers[name] = value
        is_page = kind.startswith("text/html") and not _is_at(path, "/api")
        if is_news:
            other = OF_PARTS if is_part else NO_SCRIPT
            policy = self._page_policy if is_page else other
            headers.setdefault("Content-Security-Policy", policy)


def _is_at(path: str, place: str) -> bool:
    """Tell whether a path is a place or below it."""
    return path == place or path.startswith(f"{place}/")
