"""Read courses from a TOML or CSV file that a school wrote.

A TOML file holds one `[[course]]` table for each course; a CSV file holds one row for each, below a
row of column names. Both use the same names: COLUMNS, and the fields of the school. Times are local
to the course's time zone, prices are in major units ("45.00"). Reading never stops at the first
mistake: every row comes back with its own problems.
"""

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapidfuzz import process

from coursebook.domain.course import CourseDraft, slug_of
from coursebook.domain.course_edits.local_time import AmbiguousTime, NoSuchTime, moment_of
from coursebook.domain.course_fields import NO, YES, CourseField, WrongValue, read_value
from coursebook.domain.external_text import is_storable
from coursebook.domain.money import CURRENCIES, exponent_of
from coursebook.domain.terms import STANDARD, Terms, TermStep
from coursebook.errors import FieldError

MAX_BYTES = 10 * 1024 * 1024
MAX_COURSES = 5_000
NO_COLUMN = ("image", "attendee_info", "internal_note")
"""Texts of a draft that a file cannot set: the picture is a file of its own, the others are for the
people who manage the course."""
TEXTS = tuple(
    field.name for field in fields(CourseDraft) if field.type is str and field.name not in NO_COLUMN
)
"""The columns that are stored as they are written."""
HAVE_DEFAULTS = ("slug", "level")
VALUES = ("online", "starts_at", "ends_at", "price", "capacity", "terms")
COLUMNS = (*TEXTS, *VALUES, "picture", "status")
REQUIRED = ("starts_at", "ends_at", "price", "currency", "capacity", "timezone")
DRAFT = "draft"
STATUSES = ("published", DRAFT)
MIN_SIMILARITY = 70
AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,4})?", re.ASCII)
EXAMPLE_TIME = "2027-03-14 10:00"


class CannotRead(Exception):
    """The file as a whole cannot be read. The message is one sentence."""


class _Problem(ValueError):
    """One value cannot be read. The message is one sentence."""


@dataclass(frozen=True)
class CourseRow:
    """One course of a file.

    `place` says where it is in the file ("line 3", "course 2"). `draft` is None when a value
    cannot be read; `problems` then say which. `columns` are those of the draft that the file has;
    the others are defaults of a new course. `picture` is the picture file, or None. `status` is
    None when the file does not say one.
    """

    place: str
    slug: str
    draft: CourseDraft | None
    picture: Path | None = None
    status: str | None = None
    problems: tuple[FieldError, ...] = ()
    columns: frozenset[str] = frozenset()


def read_courses(file: Path, fields: Sequence[CourseField] = ()) -> tuple[CourseRow, ...]:
    """Read a `.toml` or `.csv` file, with the columns of the school's fields. Raises CannotRead."""
    readers = {".toml": _toml_tables, ".csv": _csv_tables}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise CannotRead(f"{file.name}: the name must end in .toml or .csv.")
    tables = list(reader(file.name, _text(file)))
    if not tables:
        raise CannotRead(f"{file.name} has no courses in it.")
    if len(tables) > MAX_COURSES:
        raise CannotRead(f"{file.name} has more than {MAX_COURSES} courses: split it.")
    return _without_repeats(_row(place, table, file.parent, fields) for place, table in tables)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CannotRead(f"{file.name} is larger than {MAX_BYTES // 1024**2} MB: split it.")
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise CannotRead(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotRead(f"{file.name} is not UTF-8: save it with this encoding.") from None


def _toml_tables(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotRead(f"{name}: {error}.") from None
    tables = data.pop("course", [])
    if data or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise CannotRead(f"{name}: write each course as a table that begins with [[course]].")
    for number, table in enumerate(tables, start=1):
        yield f"course {number}", table


def _csv_tables(name: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [column.strip().lower() for column in reader.fieldnames or ()]
        if len(set(columns)) != len(columns):
            raise CannotRead(f"{name}: a column name stands twice in line 1.")
        reader.fieldnames = columns
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row:
                raise CannotRead(f"{name}, {place}: more values than columns; quote commas.")
            values = {key: (value or "").strip() for key, value in row.items()}
            if any(values.values()):
                yield place, values
    except csv.Error as error:
        raise CannotRead(f"{name}, line {reader.line_num}: {error}.") from None


def _without_repeats(rows: Iterator[CourseRow]) -> tuple[CourseRow, ...]:
    """Mark the second and every later course that has the slug of an earlier one."""
    first_place: dict[str, str] = {}
    checked = []
    for row in rows:
        earlier = first_place.setdefault(row.slug, row.place)
        if row.slug and earlier != row.place:
            repeat = FieldError("/slug", f"The address {row.slug} is already used by {earlier}.")
            checked.append(replace(row, problems=(*row.problems, repeat)))
        else:
            checked.append(row)
    return tuple(checked)


def _row(
    place: str, whole: Mapping[str, Any], folder: Path, fields: Sequence[CourseField]
) -> CourseRow:
    """Return one row. An empty text counts as missing, except in a field of the school."""
    table = {name: value for name, value in whole.items() if value != ""}
    extra, extra_problems = _extra(whole, fields)
    problems = [*_unknown_columns(table, fields), *_missing(table), *extra_problems]
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(table)
        except _Problem as error:
            problems.append(FieldError(f"/{name}", str(error)))
    slug = values.get("slug") or slug_of(values.get("title") or "")
    picture = folder / values["picture"] if values.get("picture") else None
    status = values.pop("status", None)
    if problems:
        return CourseRow(place, slug, None, picture, status, tuple(problems))
    values |= {"slug": slug, "is_online": values.pop("online"), "extra": extra}
    values.pop("picture")
    columns = frozenset(_columns_of_draft(whole))
    return CourseRow(place, slug, CourseDraft(**values), picture, status, columns=columns)


def _columns_of_draft(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns of a draft that the row has. An empty text counts: it removes the value."""
    for name, value in table.items():
        if value != "" and name in (*TEXTS, *VALUES):
            yield "is_online" if name == "online" else name
        elif name in TEXTS and name not in HAVE_DEFAULTS:
            yield name


def _extra(
    table: Mapping[str, Any], fields: Sequence[CourseField]
) -> tuple[dict[str, Any], list[FieldError]]:
    """Return the values of the fields that have a column (None: it is empty), and the problems."""
    values, problems = {}, []
    for declared in fields:
        if declared.name in table:
            try:
                values[declared.name] = read_value(declared, table[declared.name])
            except WrongValue as error:
                problems.append(FieldError(f"/{declared.name}", str(error)))
    return values, problems


def _unknown_columns(
    table: Mapping[str, Any], fields: Sequence[CourseField]
) -> Iterator[FieldError]:
    columns = (*COLUMNS, *(declared.name for declared in fields))
    for name in table:
        if name not in columns:
            near = process.extractOne(name, columns, score_cutoff=MIN_SIMILARITY)
            hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(columns)}."
            yield FieldError(f"/{name}", f"The column {name} is unknown.{hint}")


def _missing(table: Mapping[str, Any]) -> Iterator[FieldError]:
    for name in REQUIRED:
        if name not in table:
            yield FieldError(f"/{name}", f"The {name} is missing.")


def _string(table: Mapping[str, Any], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise _Problem(f"The {name} must be text in quotes.")
    if not is_storable(value):
        raise _Problem(f"The {name} has a character that cannot be stored.")
    return value.strip()


def _online(table: Mapping[str, Any]) -> bool:
    value = table.get("online", False)
    word = str(value).lower()
    if word not in (*YES, *NO, ""):
        raise _Problem(f"online must be yes or no, not {value}.")
    return word in YES


def _level(table: Mapping[str, Any]) -> str:
    return _string(table, "level") or "All levels"


def _currency(table: Mapping[str, Any]) -> str:
    return _string(table, "currency").lower()


def _price(table: Mapping[str, Any]) -> int:
    """Return the price in minor units of its currency."""
    value, currency = table.get("price", "0"), _currency(table)
    amount = _decimal(value)
    minor = None if amount is None else amount.scaleb(exponent_of(currency))
    if minor is None or minor != minor.to_integral_value():
        code = currency.upper() if currency in CURRENCIES else "the currency"
        raise _Problem(f"The price must be an amount of {code} such as 45 or 45.00, not {value}.")
    return int(minor)


def _decimal(value: object) -> Decimal | None:
    text = "" if isinstance(value, bool) else str(value).replace(",", ".")
    return Decimal(text) if AMOUNT.fullmatch(text) else None


def _capacity(table: Mapping[str, Any]) -> int:
    value = table.get("capacity", 1)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    raise _Problem(f"The capacity must be a whole number, not {value}.")


def _moment(table: Mapping[str, Any], name: str) -> datetime:
    """Return the moment in UTC. Without an offset the time is local to the course's zone."""
    value = table.get(name, datetime(2000, 1, 1, tzinfo=UTC))
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _Problem(f"Write the {name} like {EXAMPLE_TIME}, not {value}.") from None
    if not isinstance(value, datetime):
        what = "has no time" if isinstance(value, date) else "is not a date"
        raise _Problem(f"The {name} {what}: write it like {EXAMPLE_TIME}.")
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    return _local_moment(value, name, _zone(table))


def _zone(table: Mapping[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(_string(table, "timezone") or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Problem("The time zone must be a name such as Europe/Lisbon.") from None


def _local_moment(local: datetime, name: str, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time. Summer time skips some and repeats others."""
    try:
        return moment_of(local, zone)
    except NoSuchTime:
        raise _Problem(
            f"The {name} {local} does not exist in {zone}: clocks skip it that night."
        ) from None
    except AmbiguousTime as error:
        raise _Problem(
            f"The {name} {local} happens twice in {zone}: add the offset, such as "
            f"{error.first.isoformat(sep=' ', timespec='minutes')}."
        ) from None


def _terms(table: Mapping[str, Any]) -> Terms:
    """Return the terms of `[[336, 100], [48, 50]]` or `336:100, 48:50` (hours: per cent)."""
    value = table.get("terms")
    if value is None:
        return STANDARD
    try:
        if isinstance(value, str):
            parts = [] if value.lower() == "none" else value.split(",")
            value = [part.split(":") for part in parts]
        return Terms(tuple(TermStep(int(hours), int(percent)) for hours, percent in value))
    except (TypeError, ValueError) as error:
        reason = f" {error}" if str(error).endswith(".") else ""
        raise _Problem(
            "Write the terms as hours before the start and per cent given back, such as "
            f"336:100, 48:50, or none.{reason}"
        ) from None


def _status(table: Mapping[str, Any]) -> str | None:
    value = _string(table, "status").lower()
    if value and value not in STATUSES:
        raise _Problem(f"The status must be {' or '.join(STATUSES)}, not {value}.")
    return value or None


def _reader_of(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda table: _string(table, name)


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    **{name: _reader_of(name) for name in (*TEXTS, "picture")},
    "level": _level,
    "currency": _currency,
    "online": _online,
    "price": _price,
    "capacity": _capacity,
    "starts_at": lambda table: _moment(table, "starts_at"),
    "ends_at": lambda table: _moment(table, "ends_at"),
    "terms": _terms,
    "status": _status,
}
