"""Reads the OpenAPI document into what the page shows."""

import json
import re
from dataclasses import dataclass
from typing import Any

from coursebook.api.problems.http_errors import HTTP_ONLY
from coursebook.api.reference.describe import example_of
from coursebook.errors import CoursebookError

Json = dict[str, Any]
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class FieldRow:
    """One parameter or one member of an answer."""

    name: str
    place: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class ResponseRow:
    """One possible answer, with an example if it has a body."""

    status: str
    description: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One call."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    needs_token: bool
    parameters: tuple[FieldRow, ...]
    curl: str
    responses: tuple[ResponseRow, ...]


@dataclass(frozen=True)
class ErrorRow:
    """One code."""

    code: str
    status: int
    title: str
    detail: str


def every_refusal() -> list[type[CoursebookError]]:
    """Return every refusal that has a code of its own, by status and code."""
    found: dict[str, type[CoursebookError]] = {r.code: r for r in HTTP_ONLY}
    waiting = [CoursebookError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if "code" in vars(kind) and kind.__module__.startswith("coursebook."):
                found.setdefault(kind.code, kind)
    return sorted(found.values(), key=lambda r: (r.status, r.code))


class DocsReader:
    """Reads one document; `base` is the address that the examples call."""

    def __init__(self, document: Json, base: str) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]
        self._base = base

    def page(self) -> Json:
        """Return the variables of the template."""
        tags = [
            tag | {"operations": self._operations(tag["name"])} for tag in self._document["tags"]
        ]
        shapes = {name: self._fields(schema) for name, schema in sorted(self._schemas.items())}
        return {
            "info": self._document["info"],
            "base": self._base,
            "tags": tags,
            "shapes": {name: rows for name, rows in shapes.items() if rows},
            "about": {n: s.get("description", "") for n, s in self._schemas.items()},
            "errors": [
                ErrorRow(r.code, r.status, r.title, example_of(r)["detail"])
                for r in every_refusal()
            ],
        }

    def _operations(self, tag: str) -> list[Operation]:
        return [
            self._operation(method, path, operation)
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
            if tag in operation.get("tags", ())
        ]

    def _operation(self, method: str, path: str, operation: Json) -> Operation:
        return Operation(
            id=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation["summary"],
            description=operation.get("description", ""),
            needs_token=bool(operation.get("security")),
            parameters=tuple(self._parameter(p) for p in operation.get("parameters", ())),
            curl=self._curl(method, path, operation),
            responses=tuple(
                self._response(status, response)
                for status, response in operation["responses"].items()
            ),
        )

    def _parameter(self, parameter: Json) -> FieldRow:
        schema = parameter["schema"]
        said = parameter.get("description") or schema.get("description", "")
        default = schema.get("default")
        if default not in (None, ""):
            said = f"{said} Default: `{json.dumps(default).strip(chr(34))}`.".strip()
        kind = self._kind(schema).removesuffix(" or null")
        required = parameter.get("required", False)
        return FieldRow(parameter["name"], parameter["in"], kind, required, said)

    def _curl(self, method: str, path: str, operation: Json) -> str:
        lines = [f"curl {self._base}{_PLACE.sub(lambda name: f'${name[1].upper()}', path)}"]
        if method != "get":
            lines[0] = lines[0].replace("curl ", f"curl -X {method.upper()} ")
        if operation.get("security"):
            lines.append('-H "Authorization: Bearer $TOKEN"')
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            lines.append("-H 'Content-Type: application/json'")
            lines.append(f"-d '{json.dumps(self._sample(body['schema']))}'")
        return " \\\n  ".join(lines)

    def _response(self, status: str, response: Json) -> ResponseRow:
        for content in response.get("content", {}).values():
            examples = [e["value"] for e in content.get("examples", {}).values()]
            shown = examples or ([self._sample(content["schema"])] if "schema" in content else [])
            text = "\n".join(json.dumps(e, indent=2, ensure_ascii=False) for e in shown if e)
            return ResponseRow(status, response["description"], text)
        return ResponseRow(status, response["description"], "")

    def _fields(self, schema: Json) -> list[FieldRow]:
        required = schema.get("required", ())
        return [
            FieldRow(name, "", self._kind(of), name in required, of.get("description", ""))
            for name, of in schema.get("properties", {}).items()
        ]

    def _resolved(self, schema: Json) -> Json:
        if "$ref" in schema:
            return dict(self._schemas[schema["$ref"].rsplit("/", 1)[-1]])
        return schema

    def _kind(self, schema: Json) -> str:
        """Say the type of a value in a few words."""
        if "$ref" in schema and "enum" not in self._resolved(schema):
            return str(schema["$ref"].rsplit("/", 1)[-1])
        schema = self._resolved(schema)
        if "anyOf" in schema:
            kinds = dict.fromkeys(self._kind(one) for one in schema["anyOf"])
            return " or ".join(kinds)
        if "enum" in schema:
            return " · ".join(str(word) for word in schema["enum"])
        if "const" in schema:
            return json.dumps(schema["const"]).strip('"')
        if schema.get("type") == "array":
            return f"list of {self._kind(schema['items'])}"
        return str(schema.get("format") or schema.get("type", "any"))

    def _sample(self, schema: Json) -> object:
        """Return an invented value of a schema, for the examples."""
        schema = self._resolved(schema)
        for given in ("example", "const", "default"):
            if schema.get(given) is not None:
                return schema[given]
        if schema.get("examples"):
            return schema["examples"][0]
        if schema.get("enum"):
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._sample(schema["anyOf"][0])
        return self._invented(schema)

    def _invented(self, schema: Json) -> object:
        match schema.get("type"):
            case "object":
                return {n: self._sample(s) for n, s in schema.get("properties", {}).items()}
            case "array":
                return [self._sample(schema["items"])]
            case "integer":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        return "2026-12-01T09:00:00Z" if schema.get("format") == "date-time" else "…"
