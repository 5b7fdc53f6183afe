"""Descriptions of refusals and headers for the OpenAPI document."""

from collections.abc import Iterable
from typing import Any

from coursebook.api.problems.documents import MEDIA_TYPE, problem_type
from coursebook.errors import CoursebookError, Invalid, RateLimited, Unauthenticated

PROBLEM = {"$ref": "#/components/schemas/Problem"}
REQUEST_ID = "req_5f0c2b7e9a1d4c83"
REPLAYED: dict[str, Any] = {
    "Idempotent-Replayed": {
        "description": "`true` when this is the stored first answer to the `Idempotency-Key`.",
        "schema": {"type": "string"},
    }
}


def problem_responses(*refusals: type[CoursebookError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of an operation that may raise these refusals."""
    statuses = sorted({r.status for r in refusals})
    return {s: _response([r for r in refusals if r.status == s]) for s in statuses}


def _response(refusals: list[type[CoursebookError]]) -> dict[str, Any]:
    described = " · ".join(f"`{r.code}`" for r in refusals)
    response: dict[str, Any] = {
        "description": described,
        "content": {MEDIA_TYPE: {"schema": PROBLEM, "examples": _examples(refusals)}},
    }
    if any(issubclass(r, RateLimited) for r in refusals):
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait.",
                "schema": {"type": "string", "pattern": "^[0-9]+$"},
            }
        }
    if any(issubclass(r, Unauthenticated) for r in refusals):
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response


def _examples(refusals: Iterable[type[CoursebookError]]) -> dict[str, Any]:
    return {r.code: {"summary": r.title, "value": example_of(r)} for r in refusals}


def example_of(refusal: type[CoursebookError]) -> dict[str, Any]:
    """Return an example of a refusal's problem document."""
    detail = RateLimited(30).detail if refusal is RateLimited else refusal.sentence
    example: dict[str, Any] = {
        "type": problem_type(refusal.code),
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": detail,
        "request_id": REQUEST_ID,
    }
    if refusal is Invalid:
        example["errors"] = [{"pointer": "/limit", "detail": "This must be 1 to 100."}]
    return example
