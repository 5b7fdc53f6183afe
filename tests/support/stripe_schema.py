"""Checks Stripe requests and answers against Stripe's own schema (`tests/data/stripe`).

    errors = check_request("POST", "/v1/checkout/sessions", raw_form_body)
    errors = check_response("checkout.session", json_object)

Give it raw JSON, not what the SDK makes of it. Unknown keys are errors in both directions.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

DATA = Path(__file__).parents[1] / "data" / "stripe"
DOCUMENT: Schema = json.loads((DATA / "openapi-subset.json").read_text())
FORM = "application/x-www-form-urlencoded"


def decode(body: str) -> dict[str, Any]:
    """Return `a[b][0][c]=1` as `{"a": {"b": {"0": {"c": "1"}}}}`; `coerce` makes the lists."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(body, keep_blank_values=True):
        path = [key.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", key)]
        node = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return root


def coerce(value: Any, schema: Schema) -> Any:
    """Convert a form's strings to the types of the schema, where they fit."""
    for option in schema.get("anyOf", []):
        if isinstance(value, dict) == (option.get("type") in ("object", "array")):
            return coerce(value, option)
    if not isinstance(value, dict):
        return _leaf(value, schema.get("type"))
    if schema.get("type") == "array" and all(key.isdigit() for key in value):
        return [coerce(value[key], schema.get("items", {})) for key in sorted(value, key=int)]
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    others = rest if isinstance(rest, dict) else {}
    return {key: coerce(each, known.get(key) or others) for key, each in value.items()}


def _leaf(value: str, kind: object) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def operation(method: str, path: str) -> Schema | None:
    """Return the OpenAPI operation of a path."""
    for template, methods in DOCUMENT["paths"].items():
        pattern = re.sub(r"{\w+}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in methods:
            return dict(methods[method.lower()])
    return None


def request_schema(found: Schema) -> Schema:
    """Return the schema of an operation's parameters."""
    if "requestBody" in found:
        return dict(found["requestBody"]["content"][FORM]["schema"])
    return dict(found["x-query-schema"])


def check_request(method: str, path: str, form: str) -> list[str]:
    """Return the errors of a request; `form` is its body or its query."""
    operation_entry = operation(method, path)
    if operation_entry is None:
        return [f"no such operation in the document: {method} {path}"]
    schema = request_schema(operation_entry)
    return _errors(schema, DOCUMENT["components"], coerce(decode(form), schema))


def check_response(kind: str, value: Any) -> list[str]:
    """Return the errors of an object; the items of lists and events are checked too."""
    if isinstance(value, dict) and value.get("object") == "list":
        wrong = [f"{key} is missing" for key in ("data", "has_more", "url") if key not in value]
        return wrong + [e for each in value.get("data", []) for e in check_response(kind, each)]
    wrong = _errors(_closed_kind(kind), _closed_components(), value)
    if kind == "event" and not wrong:
        inside = value["data"]["object"]
        known = str(inside.get("object")) in DOCUMENT["components"]["schemas"]
        wrong = check_response(inside["object"], inside) if known else ["an event of nothing"]
    return wrong


def kind_of(value: Any) -> str:
    """Return the name of the schema for a JSON answer."""
    if "error" in value:
        return "error"
    if value.get("deleted"):
        return f"deleted_{value['object']}"
    if value.get("object") != "list":
        return str(value["object"])
    return str(value["data"][0]["object"]) if value["data"] else "list"


def _errors(schema: Schema, components: Schema, value: Any) -> list[str]:
    errors = Draft202012Validator({**schema, "components": components}).iter_errors(value)
    return [f"{'/'.join(map(str, e.path)) or '.'}: {e.message[:200]}" for e in errors]


def _closed(schema: Any) -> Any:
    """Return the schema with unknown keys forbidden."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in closed and "object" in closed.get("type", ""):
        closed["additionalProperties"] = False
    return closed


@cache
def _closed_components() -> Schema:
    return dict(_closed(DOCUMENT["components"]))


def _closed_kind(kind: str) -> Schema:
    if kind == "list":
        return {"type": "object", "properties": {"data": {"maxItems": 0}}}
    return dict(_closed_components()["schemas"][kind])


def required_of(kind: str) -> set[str]:
    """Return the required keys of an object."""
    return set(DOCUMENT["components"]["schemas"][kind].get("required", ()))
