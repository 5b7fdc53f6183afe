"""Turn refusals into responses: RFC 9457 `application/problem+json`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from coursebook.api.problems.http_errors import InternalError, MethodNotAllowed, UnknownRoute
from coursebook.errors import (
    ChangedMeanwhile,
    CoursebookError,
    FieldError,
    Invalid,
    RateLimited,
    Unauthenticated,
)
from coursebook.log import current_request_id, get_logger

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class ProblemResponse(JSONResponse):
    """A problem document as a response."""

    media_type = MEDIA_TYPE


def problem_type(code: str) -> str:
    """Return the `type` of a problem: a link to the description of its code."""
    return f"/api/docs#error-{code}"


def problem_body(refusal: CoursebookError) -> dict[str, Any]:
    """Return the members of a problem; `errors` is present only for invalid fields."""
    body: dict[str, Any] = {
        "type": problem_type(refusal.code),
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "request_id": current_request_id(),
    }
    if isinstance(refusal, Invalid):
        body["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in refusal.errors]
    if isinstance(refusal, ChangedMeanwhile) and refusal.amount is not None:
        body["expect"] = {"amount": refusal.amount, "currency": refusal.currency}
    return body


def problem_response(refusal: CoursebookError, **members: object) -> ProblemResponse:
    """Return the response for a refusal, with the headers of its status.

    `members` are extension members of the problem (RFC 9457 §3.2).
    """
    headers = {}
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, RateLimited):
        headers["Retry-After"] = str(refusal.retry_after)
    return ProblemResponse(problem_body(refusal) | members, refusal.status, headers)


def install_problems(app: FastAPI) -> None:
    """Register the exception handlers that answer with problem documents."""
    app.add_exception_handler(CoursebookError, _refused)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CoursebookError)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning(
            "request.refused", code=error.code, path=request.url.path, cause=repr(error.__cause__)
        )
    return problem_response(error)


async def _not_valid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(Invalid(field_errors(error.errors())))


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem_response(InternalError())
    refusals: dict[int, CoursebookError] = {404: UnknownRoute(), 405: MethodNotAllowed()}
    # FastAPI answers 400 for a body that is not UTF-8 or is nested too deeply.
    unreadable = Invalid([FieldError("", "The body cannot be read as JSON.")])
    response = problem_response(refusals.get(error.status_code, unreadable))
    response.headers.update(error.headers or {})
    return response


def field_errors(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """Return Pydantic's errors as pointers and sentences, without the rejected values."""
    return [FieldError(_pointer(e), _sentence(e)) for e in errors]


def _pointer(error: Mapping[str, Any]) -> str:
    """Return the JSON Pointer of an error: into the body, or `/name`, `/headers/Name`."""
    if error["type"] == "json_invalid":
        return ""
    location, *names = error["loc"]
    parts = ["headers", *names] if location == "header" else names
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped)


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "The body is not JSON."
    if error["type"] == "missing":
        return "This is required." if len(error["loc"]) > 1 else "A JSON body is required."
    if error["type"] == "extra_forbidden":
        return "Unknown field."
    sentence = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{sentence}."
