"""The values of a course in the shape of the API, read in one place for the API and the form.

Names that are missing stay as they are; None removes a value. All mistakes are reported at once,
with pointers into the values. Lengths and the like are the rules of `domain/course.py`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from coursebook.domain.course import CourseDraft
from coursebook.domain.course_edits.reminder import WRONG_LEAD
from coursebook.domain.course_fields import CourseField, FieldValue, WrongValue, read_value
from coursebook.domain.external_text import is_storable
from coursebook.domain.terms import MAX_HOURS, MAX_STEPS, Terms, TermStep
from coursebook.errors import FieldError, Invalid

ELSEWHERE = ("place_name", "place_address", "join_url", "currency")
TEXTS = tuple(
    one.name for one in fields(CourseDraft) if one.type is str and one.name not in ELSEWHERE
)
"""The texts that are columns under the same name."""
POINTERS = {
    "is_online": "/location/kind",
    "place_name": "/location/name",
    "place_address": "/location/address",
    "join_url": "/location/join_url",
    "currency": "/price/currency",
    "starts_at": "/meetings/0/starts_at",
    "ends_at": "/meetings/0/ends_at",
}
"""The pointers of columns that the values have elsewhere."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class MeetingValue:
    """A meeting as it was entered. `id` names a stored one; a start or an end may be missing."""

    starts_at: datetime | None
    ends_at: datetime | None
    id: str | None = None


@dataclass(frozen=True)
class CourseValues:
    """What to store. `columns` maps columns of a course to their value, or to None for no value.

    `meetings` is None when they stay as they are. `starts_at` and `ends_at` among the columns are
    those of a course with one meeting.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, FieldValue | None] = field(default_factory=dict)
    meetings: tuple[MeetingValue, ...] | None = None


class _Wrong(ValueError):
    """One value cannot be read. The message is one sentence."""

    def __init__(self, sentence: str, pointer: str = "") -> None:
        self.pointer = pointer
        super().__init__(sentence)


def read_values(values: Mapping[str, object], declared: Sequence[CourseField] = ()) -> CourseValues:
    """Read the values of a course. `declared` are the fields of the school. Raises Invalid."""
    errors: list[FieldError] = []
    columns: dict[str, Any] = {}
    for name, value in values.items():
        reader = _READERS.get(name)
        if reader is None:
            if name not in ("meetings", "extra"):
                errors.append(FieldError(f"/{_escaped(name)}", "Unknown field."))
            continue
        try:
            columns |= reader(name, value)
        except _Wrong as error:
            errors.append(FieldError(f"/{name}{error.pointer}", str(error)))
    extra = dict(_extra(values.get("extra"), declared, errors))
    meetings = tuple(_meetings(values["meetings"], errors)) if "meetings" in values else None
    if meetings is not None and {"starts_at", "ends_at"} & {*columns}:
        errors.append(FieldError("/starts_at", "Send either the meetings, or one start and end."))
    if errors:
        raise Invalid(errors)
    return CourseValues(columns, extra, meetings)


def in_values(
    errors: Iterable[FieldError], declared: Sequence[CourseField] = ()
) -> tuple[FieldError, ...]:
    """Return errors about columns and fields of the school with pointers into the values."""
    pointers = {f"/{column}": pointer for column, pointer in POINTERS.items()}
    pointers |= {f"/{one.name}": f"/extra/{one.name}" for one in declared}
    return tuple(replace(e, pointer=pointers.get(e.pointer, e.pointer)) for e in errors)


def _text(name: str, value: object) -> dict[str, Any]:
    return {name: _string(value)}


def _string(value: object, pointer: str = "") -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong("This must be text.", pointer)
    if not is_storable(value):
        raise _Wrong("This has a character that cannot be stored.", pointer)
    return value.strip() or None


def _capacity(name: str, value: object) -> dict[str, Any]:
    if value is not None and type(value) is not int:
        raise _Wrong("The number of places must be a whole number.")
    return {name: value}


def _minutes(name: str, value: object) -> dict[str, Any]:
    if value is not None and type(value) is not int:
        raise _Wrong(WRONG_LEAD)
    return {name: value}


def _price(_name: str, value: object) -> dict[str, Any]:
    if value is None:
        return {"price": None, "currency": None}
    if not isinstance(value, Mapping) or {*value} != {"amount", "currency"}:
        raise _Wrong("A price has an amount and a currency.")
    amount, currency = value["amount"], _string(value["currency"], "/currency")
    if amount is None:
        return {"price": None, "currency": None}
    if type(amount) is not int:
        raise _Wrong("The amount must be a whole number of minor units.", "/amount")
    return {"price": amount, "currency": (currency or "").lower()}


def _location(_name: str, value: object) -> dict[str, Any]:
    if value is None:
        return {"is_online": False, "place_name": None, "place_address": None, "join_url": None}
    if not isinstance(value, Mapping):
        raise _Wrong("A place has a kind, a name and an address.")
    columns: dict[str, Any] = {}
    for key, given in value.items():
        if key == "kind":
            if given not in ("online", "place"):
                raise _Wrong("The kind must be online or place.", "/kind")
            columns["is_online"] = given == "online"
        elif key in ("name", "address"):
            columns[f"place_{key}"] = _string(given, f"/{key}")
        elif key == "join_url":
            columns[key] = _string(given, f"/{key}")
        else:
            raise _Wrong("Unknown field.", f"/{_escaped(str(key))}")
    return columns


def _terms(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_STEPS:
        raise _Wrong(f"Terms are a list of at most {MAX_STEPS} steps.")
    steps = [_step(number, step) for number, step in enumerate(value)]
    try:
        return {name: Terms(tuple(steps)).to_json()}
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _step(number: int, value: object) -> TermStep:
    keys = ("hours_before", "percent")
    if not isinstance(value, Mapping) or {*value} != {*keys}:
        raise _Wrong("A step has hours_before and percent.", f"/{number}")
    for key in keys:
        if type(value[key]) is not int or abs(value[key]) > MAX_HOURS:
            raise _Wrong("This must be a whole number.", f"/{number}/{key}")
    return TermStep(value["hours_before"], value["percent"])


def _switch(name: str, value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, bool):
        raise _Wrong("This is true or false.")
    return {name: value}


def _moment(name: str, value: object) -> dict[str, Any]:
    return {name: read_moment(value)}


def read_moment(value: object, pointer: str = "") -> datetime | None:
    """Return a moment in UTC, from RFC 3339 or an aware datetime."""
    sentence = "This must be a time with its zone, such as 2027-03-14T10:00:00Z."
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            value = datetime.fromisoformat(value.upper())
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _Wrong(sentence, pointer)


def _meetings(value: object, errors: list[FieldError]) -> Iterator[MeetingValue]:
    if value is None:
        return
    if not isinstance(value, Sequence) or isinstance(value, str):
        errors.append(FieldError("/meetings", "Meetings are a list."))
        return
    for number, meeting in enumerate(value):
        try:
            yield _meeting(meeting)
        except _Wrong as error:
            errors.append(FieldError(f"/meetings/{number}{error.pointer}", str(error)))


def _meeting(value: object) -> MeetingValue:
    if not isinstance(value, Mapping):
        raise _Wrong("A meeting has a start and an end.")
    for key in value:
        if key not in ("id", "starts_at", "ends_at"):
            raise _Wrong("Unknown field.", f"/{_escaped(str(key))}")
    return MeetingValue(
        read_moment(value.get("starts_at"), "/starts_at"),
        read_moment(value.get("ends_at"), "/ends_at"),
        _string(value.get("id"), "/id"),
    )


def _extra(
    value: object, declared: Sequence[CourseField], errors: list[FieldError]
) -> Iterator[tuple[str, FieldValue | None]]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        errors.append(FieldError("/extra", "The school's own fields are an object."))
        return
    by_name = {one.name: one for one in declared}
    for name, given in value.items():
        pointer = f"/extra/{_escaped(str(name))}"
        if name not in by_name:
            errors.append(FieldError(pointer, "Unknown field."))
            continue
        try:
            yield name, None if given is None else read_value(by_name[name], given)
        except WrongValue as error:
            errors.append(FieldError(pointer, str(error)))


def _escaped(name: str) -> str:
    """Return a name as part of a JSON Pointer, short enough to be shown."""
    return name[:100].replace("~", "~0").replace("/", "~1")


_READERS: dict[str, Callable[[str, object], dict[str, Any]]] = {
    **dict.fromkeys(TEXTS, _text),
    "capacity": _capacity,
    "price": _price,
    "location": _location,
    "terms": _terms,
    "starts_at": _moment,
    "ends_at": _moment,
    "booking_closes_at": _moment,
    "reminder_minutes": _minutes,
    "has_waiting_list": _switch,
    "offer_minutes": _minutes,
}
