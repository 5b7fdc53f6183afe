"""Origin checks: product pages may call the sign-in, the sandbox's pages the dashboard."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_BODY_BYTES = 16 * 1024

Handler = Callable[[Request], Awaitable[Response]]


class OriginGuard:
    """Refuse other origins with 403; grant the allowed ones CORS with credentials."""

    def __init__(self, *urls: str) -> None:
        """Allow the origins of these URLs."""
        self._origins = {origin_of(url) for url in urls}

    def route(self, path: str, handler: Handler, *methods: str) -> Route:
        """Return a guarded route that also answers CORS preflights."""

        async def guarded(request: Request) -> Response:
            if self._is_foreign(request):
                return error_response(
                    403, "origin_invalid", "Only pages of the product may ask this."
                )
            preflight = request.method == "OPTIONS"
            response = Response(status_code=204) if preflight else await handler(request)
            self._grant(request.headers.get("origin"), response)
            return response

        return Route(path, guarded, methods=[*methods, "OPTIONS"])

    def _is_foreign(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._origins:
            return True
        return request.headers.get("sec-fetch-site") == "cross-site"

    def _grant(self, origin: str | None, response: Response) -> None:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Origin"
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = "content-type"


def is_own_form(request: Request) -> bool:
    """Whether a form comes from a page of this origin, or from a program that is not a browser.

    Browsers send the origin with every POST. The product is another origin on the same host and is
    refused like any other.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """Return an error response in Clerk's format."""
    body = {"code": code, "message": message, "long_message": message, "meta": {}}
    return JSONResponse({"errors": [body]}, status_code=status)


async def fields_of(request: Request) -> dict[str, Any]:
    """Return the fields of a small JSON or form body, or an empty dict."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return {}
    try:
        text = body.decode()
        if "json" not in request.headers.get("content-type", ""):
            return dict(parse_qsl(text))
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def origin_of(url: str) -> str:
    """Return the origin that browsers send for pages of this URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
