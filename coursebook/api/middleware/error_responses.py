"""Every error as a problem document, from the API, the pages' program, or static files.

The pages' program answers errors in plain text, and redirects a path that begins with two slashes
to the host that the request names.
"""

import re
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coursebook.api.problems.documents import ProblemResponse, problem_body, problem_response
from coursebook.api.problems.http_errors import InternalError, MethodNotAllowed, UnknownRoute
from coursebook.errors import CoursebookError, Invalid
from coursebook.log import current_request_id, new_request_id, request_id

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Our paths have no control characters, and no route matches them."""
NO_CHARACTER = "\ufffd"
API = "/api/"
KEPT_HEADERS = ("allow", "retry-after", "content-range", "www-authenticate")
"""Headers of a plain-text error that its problem document keeps."""
PAGE_METHODS = "GET, HEAD"


class ErrorResponses:
    """ASGI middleware: clean up invalid paths, and turn plain-text errors into problem documents.

    A control character in an API path becomes U+FFFD, so that the matching route answers 404. Any
    other path with a control character, or with two slashes at its start, gets 404 here.

    It is used twice, in the API and around the whole product, since the pages' program answers
    requests that match none of the API's routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Handle one connection; sockets pass unchanged.

        It awaits nothing itself, so it adds no coroutine to every step of the program behind.
        """
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        if _is_invalid_path(scope["path"]):
            return _refuse(scope, receive, send)
        plain = {**scope, "path": _CONTROL.sub(NO_CHARACTER, scope["path"])}
        return self._app(plain, receive, _ProblemSender(plain, receive, send))


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    with request_id(current_request_id() or new_request_id()):
        await problem_response(UnknownRoute())(scope, receive, send)


def _is_invalid_path(path: str) -> bool:
    is_odd = _CONTROL.search(path) is not None
    return path.startswith("//") or (is_odd and not path.startswith(API))


class _ProblemSender:
    """A `send` that replaces a plain-text error with a problem document."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._is_replaced = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_plain_refusal(message):
            self._is_replaced = True
            with request_id(current_request_id() or new_request_id()):
                await _problem(message)(self._scope, self._receive, self._send)
        elif not self._is_replaced:
            await self._send(message)


def _is_plain_refusal(message: Message) -> bool:
    if message["status"] < HTTPStatus.BAD_REQUEST:
        return False
    kind = Headers(raw=message.get("headers", [])).get("content-type", "")
    return not kind or kind.startswith("text/plain")


def _problem(message: Message) -> Response:
    status, headers = message["status"], Headers(raw=message.get("headers", []))
    body: dict[str, Any] = problem_body(_refusal(status)) | {"status": status}
    response = ProblemResponse(body, status)
    for name in KEPT_HEADERS:
        if name in headers:
            response.headers[name] = headers[name]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers.setdefault("Allow", PAGE_METHODS)
    return response


def _refusal(status: int) -> CoursebookError:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalError()
    refusals: dict[int, CoursebookError] = {404: UnknownRoute(), 405: MethodNotAllowed()}
    return refusals.get(status, Invalid([]))
