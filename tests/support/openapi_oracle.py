"""Checks each answer of the API against its OpenAPI document, and the rules for all answers."""

import re
from datetime import datetime
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

FORMATS = FormatChecker(formats=())
ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@FORMATS.checks("date-time")
def _is_zoned(value: object) -> bool:
    return not isinstance(value, str) or bool(
        ZONED.fullmatch(value) and datetime.fromisoformat(value)
    )


class OpenApiOracle:
    """Raises AssertionError for an answer that the document does not describe."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = {
            re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)): operations
            for path, operations in document["paths"].items()
        }

    async def check(self, response: httpx.Response) -> None:
        """Check one answer. A path that is not in the document may only be refused."""
        await response.aread()
        assert response.headers["x-request-id"], "every answer has a request id"
        if response.status_code >= 400:
            self._check_problem(response)
        operation = self._operation(response.request)
        if operation is None or response.request.method == "HEAD":
            return
        described = operation["responses"].get(str(response.status_code))
        assert described, f"{response.status_code} is not described: {response.text}"
        self._check_body(response, described.get("content", {}))

    def _operation(self, request: httpx.Request) -> dict[str, Any] | None:
        for pattern, operations in self._paths.items():
            if pattern.fullmatch(request.url.path):
                sessions: dict[str, Any] | None = operations.get(request.method.lower())
                return sessions
        return None

    def _check_body(self, response: httpx.Response, content: dict[str, Any]) -> None:
        if response.is_redirect:
            assert (response.content, content) == (b"", {}), "a redirect has no body"
            return
        if response.status_code == 204:
            assert (response.content, content) == (b"", {}), "this status has no body"
            return
        kind = response.headers.get("content-type", "").partition(";")[0]
        assert kind in content, f"{kind} is not described for {response.status_code}"
        if "json" in kind:
            self._check(response.json(), content[kind]["schema"])

    def _check_problem(self, response: httpx.Response) -> None:
        if response.request.method == "HEAD":
            return
        assert response.headers["content-type"] == "application/problem+json", response.text
        body = response.json()
        self._check(body, {"$ref": "#/components/schemas/Problem"})
        assert body["status"] == response.status_code
        assert body["request_id"]
        assert "Traceback" not in response.text

    def _check(self, body: Any, schema: dict[str, Any]) -> None:
        whole = {**schema, "components": self._document["components"]}
        Draft202012Validator(whole, format_checker=FORMATS).validate(body)
