"""The fields that a school adds to its courses, in the bodies of the API."""

from typing import Any

from coursebook.domain.course_fields import CourseField, values_of
from coursebook.extensions.loader import course_fields


def declared_values(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the declared fields among the stored ones."""
    return values_of(course_fields(), stored)


def describe_values(schema: dict[str, Any]) -> None:
    """Complete the schema of the values with the declared fields."""
    fields = course_fields()
    schema["properties"] = {declared.name: _schema_of(declared) for declared in fields}
    schema["required"] = [declared.name for declared in fields]
    schema["additionalProperties"] = False


def _schema_of(declared: CourseField) -> dict[str, Any]:
    schemas: dict[str, dict[str, Any]] = {
        "text": {"type": ["string", "null"], "maxLength": declared.max_length},
        "choice": {"type": ["string", "null"], "enum": [*declared.choices, None]},
        "integer": {
            "type": ["integer", "null"],
            "minimum": declared.minimum,
            "maximum": declared.maximum,
        },
        "boolean": {"type": ["boolean", "null"]},
        "date": {"type": ["string", "null"], "format": "date"},
    }
    schema = schemas[declared.kind]
    if declared.default is not None:  # then there is always a value
        schema["type"] = schema["type"][0]
        schema["enum"] = [*declared.choices] if declared.kind == "choice" else None
    return {name: value for name, value in schema.items() if value is not None}
