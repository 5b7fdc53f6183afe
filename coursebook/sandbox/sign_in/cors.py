"""Who may call: pages of the product the sign-in, the sandbox's own pages the board."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LONGEST_BODY = 16 * 1024

Handler = Callable[[Request], Awaitable[Response]]


class Guard:
    """Refuses other sites with 403 and grants the known ones CORS with credentials."""

    def __init__(self, *urls: str) -> None:
        """Keep the origins of the pages that may call."""
        self._sites = {origin_of(url) for url in urls}

    def route(self, path: str, handler: Handler, *methods: str) -> Route:
        """Return a guarded route, which answers CORS preflights too."""

        async def guarded(request: Request) -> Response:
            if self._is_foreign(request):
                return error(403, "origin_invalid", "Only pages of the product may ask this.")
            preflight = request.method == "OPTIONS"
            answer = Response(status_code=204) if preflight else await handler(request)
            self._grant(request.headers.get("origin"), answer)
            return answer

        return Route(path, guarded, methods=[*methods, "OPTIONS"])

    def _is_foreign(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is not None and origin not in self._sites:
            return True
        return request.headers.get("sec-fetch-site") == "cross-site"

    def _grant(self, origin: str | None, answer: Response) -> None:
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Vary"] = "Origin"
        if origin:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Credentials"] = "true"
            answer.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            answer.headers["Access-Control-Allow-Headers"] = "content-type"


def is_own_form(request: Request) -> bool:
    """Whether a form comes from a page of this very address, or from a program that is no browser.

    Browsers say with every POST where it comes from. The product is another origin on the same
    host, and is refused like everybody else.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def error(status: int, code: str, message: str) -> JSONResponse:
    """Return a refusal in Clerk's form."""
    body = {"code": code, "message": message, "long_message": message, "meta": {}}
    return JSONResponse({"errors": [body]}, status_code=status)


async def fields_of(request: Request) -> dict[str, Any]:
    """Return the JSON or form fields of a small body; nothing when it is neither."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_BODY:
            return {}
    try:
        text = body.decode()
        if "json" not in request.headers.get("content-type", ""):
            return dict(parse_qsl(text))
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def origin_of(url: str) -> str:
    """Return the origin that browsers name when a page of this address asks."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
