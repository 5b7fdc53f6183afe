"""Query parameters, parsed strictly: a number is digits, a time has its zone."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, create_model

from coursebook.domain.course_fields import CourseField, FieldMatch
from coursebook.domain.money import MAX_AMOUNT

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _whole_number(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
        raise ValueError("This must be a whole number.")
    return value


def _integer(value: object) -> object:
    """Take 45.0 for 45: in JSON they are the same number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _true_or_false(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("This must be true or false.")
    return value


def _start_of(value: object) -> object:
    return _moment(value, time.min)


def _end_of(value: object) -> object:
    return _moment(value, time.max)


def _moment(value: object, on_a_day: time) -> object:
    """Read RFC 3339. A `+` that came as a space (not percent-encoded) is accepted."""
    if not isinstance(value, str):
        return value
    text = re.sub(r" (?=\d\d:\d\d$)", "+", value)
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(datetime.fromisoformat(text), on_a_day, UTC)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("This must be a day, or a time with its zone, like 2026-12-01T09:00:00Z.")


def _moment_schema(description: str) -> WithJsonSchema:
    forms = [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
    return WithJsonSchema({"anyOf": forms, "description": description})


Integer = Annotated[int, BeforeValidator(_integer), Field(strict=True)]
"""An integer in a body."""
From = Annotated[datetime | None, BeforeValidator(_start_of), _moment_schema("Starts at or after.")]
To = Annotated[datetime | None, BeforeValidator(_end_of), _moment_schema("Starts at or before.")]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Cursor = Annotated[
    str | None,
    Field(max_length=500, pattern=r"^[^\x00]*$", description="`next_cursor` of the previous page."),
]
Limit = Annotated[
    int,
    Field(ge=1, le=MAX_LIMIT, description="Maximum number of items."),
    BeforeValidator(_whole_number),
]


class PageParameters(BaseModel):
    """The page of a list. Unknown parameters are refused: they may be typing errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class CourseParameters(PageParameters):
    """Filters and order of the list of courses. All filters must match."""

    q: Text = Field(
        default="", max_length=200, description="Words to search for in title, summary and more."
    )
    category: Text = Field(default="", max_length=60, description="Exactly this category.")
    level: Text = Field(default="", max_length=30, description="Exactly this level.")
    starts_from: From = Field(default=None, alias="from")
    starts_to: To = Field(default=None, alias="to")
    price_max: Annotated[int | None, BeforeValidator(_whole_number)] = Field(
        default=None, ge=0, le=MAX_AMOUNT, description="Highest price, in minor units."
    )
    available: Annotated[bool, BeforeValidator(_true_or_false)] = Field(
        default=False, description="`true`: only courses that can be booked now."
    )
    series: Text = Field(
        default="",
        max_length=120,
        description="Only the dates of this series: `series_id` of a course.",
    )
    sort: Literal["starts_at", "price", "title"] = Field(
        default="starts_at", description="The order, lowest first."
    )


def course_parameters(fields: Sequence[CourseField]) -> type[CourseParameters]:
    """Return the parameters with those of the school's fields that are filters."""
    filters: dict[str, Any] = {
        declared.name: (_filter_type(declared), Field(default=None))
        for declared in fields
        if declared.is_filter
    }
    return create_model("CourseParameters", __base__=CourseParameters, **filters)


def matches(parameters: CourseParameters, fields: Sequence[CourseField]) -> tuple[FieldMatch, ...]:
    """Return the conditions of the school's fields that are set."""
    values = ((declared, getattr(parameters, declared.name, None)) for declared in fields)
    return tuple(
        declared.matching(value)
        for declared, value in values
        if declared.is_filter and value is not None
    )


def _filter_type(declared: CourseField) -> Any:  # noqa: ANN401 - a type that is made at run time
    """Return the type of a filter's parameter."""
    about = f"Only courses whose `{declared.name}` is this."
    schema: dict[str, Any]
    if declared.kind == "boolean":
        schema = {"type": "boolean", "description": about}
        return Annotated[bool | None, BeforeValidator(_true_or_false), WithJsonSchema(schema)]
    schema = {"type": "string", "enum": [*declared.choices], "description": about}
    return Annotated[Literal[*declared.choices] | None, WithJsonSchema(schema)]
