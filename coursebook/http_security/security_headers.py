"""The outermost ASGI middleware: add security headers, block unused paths, check sockets."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders

from coursebook.api.problems.documents import problem_response
from coursebook.api.problems.http_errors import UnknownRoute
from coursebook.http_security.content_policy import DEFAULT_POLICY, SUBRESOURCE_POLICY
from coursebook.http_security.language_cookie import in_chosen_language
from coursebook.http_security.socket_handshake import client_address_of, reduce_handshake
from coursebook.http_security.socket_protocol import SOCKET, Conversation
from coursebook.log import new_request_id, request_id
from coursebook.log_budget import begin_client

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY_VIOLATION = 1008
"""Close code for a socket with a refused message (RFC 6455 §7.4.1)."""
NOT_MODIFIED = 304
BLOCKED_PATHS = (SOCKET, "/_upload", "/_health", "/_all_routes", "/auth-codespace", "/ping")
"""Paths of Reflex that nothing here uses, at least not over plain HTTP."""
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
SUBRESOURCE_TYPES = ("text/javascript", "text/css", "font/", "image/")
"""Content types of subresources. They get fewer headers, to keep the first visit small."""
PERMISSIONS = "Permissions-Policy"
DOCUMENT_HEADERS = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    PERMISSIONS: (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), "
        "usb=()"
    ),
}
CAMERA = ("camera=()", "camera=(self)")
"""What a page may do with the camera by default, and a page that scans codes."""
HSTS = "max-age=31536000"
"""One year, without subdomains, which may belong to others."""


def headers_for(public_url: str) -> Mapping[str, str]:
    """Return the headers of every response at `public_url`."""
    if public_url.startswith("https://"):
        return {**COMMON_HEADERS, "Strict-Transport-Security": HSTS}
    return COMMON_HEADERS


class SecurityHeaders:
    """ASGI middleware around everything at `public_url`.

    `page_policy` is the policy of the built pages. A response that has its own policy (a rendered
    page) or its own header about frames keeps it. `trusted_proxies` is the number of our proxies in
    front. Only pages below one of `camera_paths` (ending in a slash) may use the camera.
    """

    def __init__(
        self,
        program: Program,
        public_url: str,
        page_policy: str,
        trusted_proxies: int = 0,
        camera_paths: tuple[str, ...] = (),
    ) -> None:
        self._camera_paths = camera_paths
        self._program = program
        self._trusted_proxies = trusted_proxies
        self._origin = public_url
        self._headers = headers_for(public_url)
        self._page_policy = page_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] in ("http", "websocket"):
            begin_client(client_address_of(scope, self._trusted_proxies))
            scope = in_chosen_language(scope)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._program(scope, receive, send)
            return
        send_with_headers = self._with_headers(scope["path"], send)
        if any(_is_at(scope["path"], path) for path in BLOCKED_PATHS):
            with request_id(new_request_id()):
                await problem_response(UnknownRoute())(scope, receive, send_with_headers)
            return
        await self._program(scope, receive, send_with_headers)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        handshake = None
        if scope["path"].rstrip("/") == SOCKET:
            handshake = reduce_handshake(scope, self._origin, self._trusted_proxies)
        if handshake is None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        conversation = Conversation()

        async def listening() -> Message:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            text = conversation.read(message.get("text") or message.get("bytes"))
            if text is None:
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            return {"type": "websocket.receive", "text": text}

        await self._program(handshake, listening, send)

    def _with_headers(self, path: str, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message.get("headers", ()))}
                headers = MutableHeaders(raw=message["headers"])
                # A 304 has no content type, and its headers replace those of the cached page
                # (RFC 9111 §3.2), so it must not carry another policy.
                self._complete(path, headers, has_type=message["status"] != NOT_MODIFIED)
            await send(message)

        return sending

    def _complete(self, path: str, headers: MutableHeaders, *, has_type: bool) -> None:
        if "vary" in headers:  # Reflex repeats names
            names = dict.fromkeys(part.strip() for part in headers["vary"].split(","))
            headers["Vary"] = ", ".join(names)
        for name, value in self._headers.items():
            headers[name] = value
        kind = headers.get("content-type", "")
        is_subresource = kind.startswith(SUBRESOURCE_TYPES)
        for name, value in DOCUMENT_HEADERS.items() if not is_subresource else ():
            headers.setdefault(name, value)
        if not is_subresource and self._has_camera(path):
            headers[PERMISSIONS] = headers[PERMISSIONS].replace(*CAMERA)
        is_page = kind.startswith("text/html") and not _is_at(path, "/api")
        if has_type:
            default = SUBRESOURCE_POLICY if is_subresource else DEFAULT_POLICY
            policy = self._page_policy if is_page else default
            headers.setdefault("Content-Security-Policy", policy)

    def _has_camera(self, path: str) -> bool:
        """Tell whether a path is one level below an address with a camera."""
        return any(
            path.startswith(prefix) and path[len(prefix) :].strip("/").count("/") == 0
            for prefix in self._camera_paths
            if path.rstrip("/") + "/" != prefix
        )


def _is_at(path: str, address: str) -> bool:
    """Tell whether a path is `address` or below it."""
    return path == address or path.startswith(f"{address}/")
