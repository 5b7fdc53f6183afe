"""The OpenAPI document of the API, made once for all tests of a process that read it."""

from functools import cache
from typing import Any

from coursebook.api.app import build_api


@cache
def api_document() -> dict[str, Any]:
    """Return the document of the plain product. Nobody changes it."""
    return build_api().openapi()


def api_paths() -> dict[str, Any]:
    """Return what the document says of each path, and of each method in lower case below it."""
    paths: dict[str, Any] = api_document()["paths"]
    return paths


def operations() -> list[str]:
    """Return every operation, as `GET /api/courses`."""
    return [f"{method.upper()} {path}" for path, ways in api_paths().items() for method in ways]
