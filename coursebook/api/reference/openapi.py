"""The OpenAPI document: FastAPI's own, completed with our problem documents."""

from typing import Any

from fastapi import FastAPI

from coursebook.api.schemas.models import Problem

_ABOUT = """\
Browse courses, book a place, pay through Stripe Checkout, retry, cancel.

- **Authentication.** Signed-in calls send `Authorization: Bearer <Clerk session token>`. In the
  sandbox the command `token sam@example.test` prints one, valid for 60 seconds.
- **Money** is `{"amount": 4500, "currency": "eur"}`: integer minor units.
- **Times** are RFC 3339 with their zone. **Ids** are opaque strings.
- **Lists** answer `{"items": […], "next_cursor": …}`; send `next_cursor` as `cursor`.
- **Errors** are RFC 9457 problems: decide by `code`, show `detail`, report `request_id`.
- **Retries.** A repeated POST with the same `Idempotency-Key` returns the first response.
"""

INFO: dict[str, Any] = {
    "version": "1.0.0",
    "summary": "Course booking and payment",
    "description": _ABOUT,
    "license_info": {"name": "MIT", "identifier": "MIT"},
}
TAGS: list[dict[str, Any]] = [
    {"name": "Courses", "description": "The catalog, for anyone."},
    {"name": "Bookings", "description": "The signed-in person's bookings."},
    {"name": "Checkout", "description": "Holding a place and paying for it."},
    {"name": "Courses of one's own", "description": "For people who manage the school."},
    {"name": "Bookings of others", "description": "For people who manage the school."},
    {"name": "Check-in", "description": "Who came to a meeting; for people at the door."},
    {"name": "Reports", "description": "Sums and the ledger; for people who see the money."},
    {"name": "Messages", "description": "What the school writes to the people of a course."},
    {"name": "Money inbox", "description": "Money questions that need a decision; for operators."},
    {"name": "Team and settings", "description": "Who may do what, and the school; for owners."},
    {"name": "Webhook", "description": "Events from Stripe."},
    {"name": "Operations", "description": "For operations."},
]
_BOUNDS = {"ge": "minimum", "le": "maximum"}
"""What pydantic calls the bounds of an optional number that is read by a function of ours."""
_OF_FASTAPI = ("HTTPValidationError", "ValidationError")


def install_openapi(app: FastAPI) -> None:
    """Make `app` return the completed document, built once."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _finish(original())
        return original()

    app.openapi = openapi  # type: ignore[method-assign]  # as in FastAPI's documentation


def _finish(document: dict[str, Any]) -> None:
    """Add the problem schemas, drop FastAPI's 422 responses, mark public operations."""
    schemas = document["components"]["schemas"]
    for name in _OF_FASTAPI:
        schemas.pop(name, None)
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schema.pop("$defs") | {"Problem": schema}
    _name_bounds(document)
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = {
                status: response
                for status, response in operation["responses"].items()
                if "HTTPValidationError" not in str(response)
            }
            operation.setdefault("security", [])
            _describe_success(operation, schemas)


def _name_bounds(part: Any) -> None:  # noqa: ANN401 - any part of a document
    """Call the bounds of all numbers as JSON Schema does."""
    if isinstance(part, list):
        for item in part:
            _name_bounds(item)
    elif isinstance(part, dict):
        for name, standard in _BOUNDS.items():
            if isinstance(part.get(name), int):
                part[standard] = part.pop(name)
        for value in part.values():
            _name_bounds(value)


def _describe_success(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Replace "Successful Response" with the description of the response's schema."""
    for response in operation["responses"].values():
        if "content" not in response and response["description"] == "Successful Response":
            response["description"] = "Done; there is no body."
        elif response["description"] == "Successful Response":
            answer = next(iter(response["content"].values()))["schema"]
            name = answer.get("$ref", "").rpartition("/")[2]
            response["description"] = schemas.get(name, {}).get("description", "Plain text.")
