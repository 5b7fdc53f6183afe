"""Fields that a school adds to its courses: declared once, validated by their kind.

Values are kept as JSON: text, choice and date (`2027-03-14`) as strings, integers and booleans as
such. A value that does not fit its declaration, or has none, is never shown and never removed.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

from coursebook.domain.external_text import is_storable
from coursebook.errors import FieldError

Kind = Literal["text", "choice", "integer", "boolean", "date"]
FieldValue = str | int | bool
Values = Mapping[str, FieldValue | None]
"""Values by the names of their fields; None is no value."""

FILTERED: tuple[Kind, ...] = ("choice", "boolean")
"""The kinds that the catalog can filter by: they have few values."""
YES, NO = ("yes", "true", "1", "x"), ("no", "false", "0")
MAX_INTEGER = 10**12
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TEXT_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
CHOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
RESERVED = frozenset(
    {
        *("after", "archived_at", "at", "attendee_info", "available", "booking_closes_at"),
        *("cancel_reason", "cancelled_at", "capacity", "category", "confirmed", "created_at"),
        *("created_by", "currency", "cursor", "description", "ends_at", "extra", "from"),
        *("has_waiting_list", "held", "offer_minutes", "series", "series_id", "waiting"),
        *("id", "image", "instructor", "internal_note", "is_online", "is_open", "join_url"),
        *(
            "level",
            "limit",
            "location",
            "meetings",
            "meetings_count",
            "online",
            "picture",
            "place_address",
            "place_name",
        ),
        *(
            "price",
            "price_max",
            "published_at",
            "q",
            "reminder_minutes",
            "revision",
            "seats_left",
            "show",
            "slug",
        ),
        *("sort", "starts_at", "status", "summary", "terms", "timezone", "title", "to", "unset"),
        *("updated_at", "updated_by", "version", "where"),
    }
)
"""Names that courses, their files, the API or the catalog's address use already."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,12}", re.ASCII)


class FieldDeclarationError(ValueError):
    """The declaration of a field is wrong. The message is one sentence."""


class WrongValue(ValueError):
    """A value does not fit its field. The message is one sentence."""


@dataclass(frozen=True)
class FieldMatch:
    """The condition that a filter sets: the stored value is one of `values`, written as JSON text.

    With `is_other` it is none of them, or there is no value: the filter asks for the default.
    """

    name: str
    values: tuple[str, ...]
    is_other: bool = False


@dataclass(frozen=True, kw_only=True)
class CourseField:
    """A field of every course. Raises FieldDeclarationError for an invalid one.

    `name` is the name in the API, in files and in addresses. `label` and `help` are names of texts
    (`[page…]` of the words); a choice has in `choices` the name of a text for each value, in the
    order in which people choose. `default` is the value of courses that have none. `max_length`
    bounds a text, `minimum` and `maximum` an integer. A field with `is_filter`, a choice or a
    boolean, is a query parameter of the API and a filter of the catalog.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    default: FieldValue | None = None
    is_required: bool = False
    is_on_page: bool = True
    is_on_card: bool = False
    is_filter: bool = False
    max_length: int = 200
    minimum: int = -MAX_INTEGER
    maximum: int = MAX_INTEGER

    def __post_init__(self) -> None:
        """Check the declaration, so that a mistake is found at the start."""
        for problem in self._problems():
            raise FieldDeclarationError(f"The field {self.name!r} {problem}")

    @property
    def text_names(self) -> tuple[str, ...]:
        """The names of all texts that the field needs."""
        return (self.label, *([self.help] if self.help else ()), *self.choices.values())

    def matching(self, value: FieldValue) -> FieldMatch:
        """Return the condition for courses with this value; the field is a choice or a boolean."""
        if value != self.default:
            return FieldMatch(self.name, _texts(value))
        others = self.choices or (True, False)
        texts = (text for other in others if other != value for text in _texts(other))
        return FieldMatch(self.name, tuple(texts), is_other=True)

    def _problems(self) -> Iterator[str]:
        if not NAME.fullmatch(str(self.name)):
            yield "needs a name such as teaching_language."
        if self.name in RESERVED:
            yield "needs another name: courses have that one already."
        if self.kind not in get_args(Kind):
            yield f"has no kind {self.kind!r}; kinds are {', '.join(get_args(Kind))}."
        if self.is_filter and self.kind not in FILTERED:
            yield f"cannot be a filter; kinds of filters are {', '.join(FILTERED)}."
        if (self.kind == "choice") != bool(self.choices):
            yield "must have choices if it is a choice, and only then."
        yield from self._problems_of_names()
        if self.default is not None and not fits(self, self.default):
            yield f"has the default {self.default!r}, which does not fit its kind."

    def _problems_of_names(self) -> Iterator[str]:
        for name in self.text_names:
            if not TEXT_NAME.fullmatch(str(name)):
                yield f"needs names of texts such as TEACHING_LANGUAGE, not {name!r}."
        for value in self.choices:
            if not CHOICE.fullmatch(str(value)):
                yield f"has the choice {value!r}; use letters, digits and hyphens, such as de."


def fits(declared: CourseField, value: object) -> bool:
    """Return whether a stored value, as JSON, is valid for the field."""
    if isinstance(value, bool):
        return declared.kind == "boolean"
    if isinstance(value, int):
        return declared.kind == "integer" and declared.minimum <= value <= declared.maximum
    if not isinstance(value, str):
        return False
    if declared.kind == "text":
        return bool(value.strip()) and is_storable(value) and len(value) <= declared.max_length
    return value in declared.choices or (declared.kind == "date" and _is_day(value))


def value_of(declared: CourseField, stored: Mapping[str, Any]) -> FieldValue | None:
    """Return the value of the field among the stored ones, or its default."""
    value = stored.get(declared.name)
    return value if fits(declared, value) else declared.default


def values_of(fields: Sequence[CourseField], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of all declared fields; None where there is none."""
    return {declared.name: value_of(declared, stored) for declared in fields}


def merged(stored: Mapping[str, Any], changes: Values) -> dict[str, Any]:
    """Return the stored values with the changes; a change to None removes the value.

    Values of fields that are no longer declared stay.
    """
    return {name: value for name, value in {**stored, **changes}.items() if value is not None}


def problems_of(fields: Sequence[CourseField], values: Mapping[str, Any]) -> Iterator[FieldError]:
    """Yield the problems of the values of a course that is to be stored."""
    for declared in fields:
        if declared.is_required and value_of(declared, values) is None:
            yield FieldError(f"/{declared.name}", f"The {declared.name} is missing.")


def read_value(declared: CourseField, value: object) -> FieldValue | None:
    """Return a value as it is stored, from text that a person typed or from TOML.

    None is no value. Raises WrongValue.
    """
    if isinstance(value, str) and not value.strip():
        return None
    read = _READERS[declared.kind](declared, value)
    if read is None or not fits(declared, read):
        raise WrongValue(f"The {declared.name} must be {_wanted(declared)}, not {value}.")
    return read


def _texts(value: FieldValue) -> tuple[str, ...]:
    """Return how the databases write a value of JSON as text; SQLite's booleans are numbers."""
    if isinstance(value, bool):
        return ("true", "1") if value else ("false", "0")
    return (str(value),)


def _text(_declared: CourseField, value: object) -> FieldValue | None:
    return value.strip() if isinstance(value, str) else None


def _choice(declared: CourseField, value: object) -> FieldValue | None:
    typed = str(value).strip().casefold()
    return next((choice for choice in declared.choices if choice.casefold() == typed), None)


def _integer(_declared: CourseField, value: object) -> FieldValue | None:
    if isinstance(value, bool):
        return None
    typed = str(value).strip()
    return int(typed) if _INTEGER.fullmatch(typed) else None


def _boolean(_declared: CourseField, value: object) -> FieldValue | None:
    typed = str(value).strip().lower()
    return typed in YES if typed in (*YES, *NO) else None


def _date(_declared: CourseField, value: object) -> FieldValue | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value.strip() if isinstance(value, str) else None


_READERS: dict[str, Callable[[CourseField, object], FieldValue | None]] = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
}


def _wanted(declared: CourseField) -> str:
    if declared.kind == "choice":
        return f"one of: {', '.join(declared.choices)}"
    if declared.kind == "integer" and declared.minimum == -MAX_INTEGER:
        return "a whole number"
    return {
        "text": f"text of at most {declared.max_length} characters",
        "integer": f"a whole number from {declared.minimum} to {declared.maximum}",
        "boolean": "yes or no",
        "date": "a day such as 2027-03-14",
    }[declared.kind]


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
