"""Every refusal in one form, whoever answers: the API, the pages' program, or the files.

The program of the pages refuses in plain text, and redirects an address that begins with two
slashes to whatever host the request names.
"""

import re
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
"""No address of ours has a control character, and routes match none of them."""
NO_CHARACTER = "\ufffd"
API = "/api/"
KEPT = ("allow", "retry-after", "content-range", "www-authenticate")
"""Headers of a refusal in plain text that its problem keeps."""
PAGE_METHODS = "GET, HEAD"


class SoundAnswers:
    """ASGI middleware: makes odd paths plain, and turns refusals in plain text into problems.

    A control character in a path of the API becomes U+FFFD, so that the route it belongs to says
    what it does not know. Any other path with one, or with two slashes at its beginning, is no
    address of ours.

    It stands in the API, and once more around everything, since the program around the API answers
    what fits none of its own routes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection; sockets pass unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _is_of_no_route(scope["path"]):
            with request_id(current_request_id() or new_request_id()):
                await problem_response(UnknownRoute())(scope, receive, send)
        else:
            plain = {**scope, "path": _CONTROL.sub(NO_CHARACTER, scope["path"])}
            await self._app(plain, receive, _Plain(plain, receive, send))


def _is_of_no_route(path: str) -> bool:
    is_odd = _CONTROL.search(path) is not None
    return path.startswith("//") or (is_odd and not path.startswith(API))


class _Plain:
    """A `send` that holds back a refusal in plain text and sends a problem instead."""

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
    status, known = message["status"], Headers(raw=message.get("headers", []))
    body: dict[str, Any] = problem_body(_refusal(status)) | {"status": status}
    response = ProblemResponse(body, status)
    for name in KEPT:
        if name in known:
            response.headers[name] = known[name]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers.setdefault("Allow", PAGE_METHODS)
    return response


def _refusal(status: int) -> CoursebookError:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return InternalError()
    known: dict[int, CoursebookError] = {404: UnknownRoute(), 405: MethodNotAllowed()}
    return known.get(status, Invalid([]))
