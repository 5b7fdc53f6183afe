"""Repeats public answers about courses that are still true, before any route is searched."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from coursebook.services.catalog.kept_answers import KeptAnswer, etag_of
from coursebook.wiring import services

PATH = "/api/courses"
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing changed since the answer whose ETag `If-None-Match` has."}
}


class KnownAnswers:
    """ASGI middleware: answer a repeated question about courses from `KeptAnswers`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection. The route counts as if it had answered."""
        answer = _find(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = answer.route
        await _response(answer, Headers(scope=scope))(scope, receive, send)


def keep_answer(
    request: Request, body: bytes, since: datetime, course_ids: Collection[str] | None
) -> Response:
    """Return the answer of a request with its ETag, and keep it for those who ask the same.

    `since` is the moment before its data was read; `course_ids` are the courses that it shows,
    None when any course matters.
    """
    watched = None if course_ids is None else frozenset(course_ids)
    answer = KeptAnswer(body, etag_of(body), request.scope["route"], since, watched)
    services().kept_answers.keep(_name(request.scope), answer)
    return _response(answer, request.headers)


def _find(scope: Scope) -> KeptAnswer | None:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PATH):
        return None
    try:
        return services().kept_answers.find(_name(scope))
    except RuntimeError:
        return None  # before startup has finished


def _name(scope: Scope) -> str:
    return f"{scope['path']}?{scope['query_string'].decode('latin-1')}"


def _response(answer: KeptAnswer, headers: Headers) -> Response:
    known_tags = headers.get("if-none-match", "")
    fields = {"ETag": answer.etag, "Cache-Control": "no-cache"}
    if answer.etag in known_tags:
        return Response(status_code=304, headers=fields)
    return Response(answer.body, media_type="application/json", headers=fields)
