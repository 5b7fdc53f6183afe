"""The index of the search: kept up to date with the courses, asked by words.

SQLite asks its FTS5 table `course_fts`, which follows `course_search` by triggers; PostgreSQL
asks a GIN index. Both hold the same lexemes (`domain/search.py`), so they find the same.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import SQLModel, col

from coursebook.domain.online_room import public_place
from coursebook.domain.search import (
    IN_TITLE,
    PREFIXES,
    can_be_mistyped,
    lexemes_of,
    spellings_of,
    words_of,
)
from coursebook.persistence.schema.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.schema.tables import Course

Terms = tuple[tuple[str, ...], ...]
"""For each word that must be there, the words that will do."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIE_BITS = 5
"""Room for courses that begin at once; microseconds up to the year 9999 take 58 bits of 63."""
MOST_SPREAD = 24
"""Many that begin at once take keys further on, of half a second at most (2**24 / 32 us)."""
HEAD = ("summary", "category", "level", "instructor", "place_name", "place_address")
READ = ("id", "title", *HEAD, "description", "is_online", "starts_at", "timezone")
"""The columns of a course that the search reads."""
course_fts = sa.table("course_fts", sa.column("rowid", sa.BigInteger))
FTS_KEY = sa.literal_column("+course_fts.rowid", sa.BigInteger)
"""With the sign SQLite cannot look rows up in the full text one by one, which it thinks to be
cheap: 28 s instead of 30 ms among 10,000 courses. So it asks the full text first."""


def key_at(moment: datetime) -> int:
    """Return the first key of courses that begin at this moment."""
    return ((moment - EPOCH) // timedelta(microseconds=1)) << TIE_BITS


def day_in_zone(moment: datetime, zone: str) -> date:
    """Return the day that it is there; in UTC where nobody knows the zone."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OverflowError):
        return moment.astimezone(UTC).date()


def index_course(connection: sa.Connection, course: Mapping[str, Any]) -> None:
    """Write what the search reads of a course, in place of what it read before."""
    connection.execute(sa.delete(CourseSearch).where(col(CourseSearch.course_id) == course["id"]))
    head = _public_head(course)
    row = {
        "course_id": course["id"],
        "starts_on": day_in_zone(course["starts_at"], course["timezone"]),
        "lexemes": lexemes_of(course["title"], head, course["description"]),
    }
    once = _insert(connection, CourseSearch, ["key"])
    for key in _keys(key_at(course["starts_at"]), course["id"]):
        if connection.execute(once.values(key=key, **row)).rowcount:
            break
    _learn(connection, {*words_of(course["title"]), *words_of(head)})


def _public_head(course: Mapping[str, Any]) -> str:
    """Return what the card says: the room of an online course is found by nobody."""
    name, address = public_place(
        is_online=course["is_online"], name=course["place_name"], address=course["place_address"]
    )
    public = {**course, "place_name": name, "place_address": address}
    return " ".join(public[column] for column in HEAD)


def _keys(first: int, course_id: str) -> Iterator[int]:
    """Return keys to try, in an ever wider range: others may begin at the same moment."""
    for number in count():
        spread = 1 << min(TIE_BITS + 2 * number, MOST_SPREAD)
        yield first + crc32(f"{course_id} {number}".encode()) % spread


def _learn(connection: sa.Connection, words: set[str]) -> None:
    """Keep the spellings of words that no course had before, in one order for all processes."""
    longest = PREFIXES.stop - 1
    asked = [(word[:longest], word) for word in sorted(words) if can_be_mistyped(word)]
    pair = sa.tuple_(col(SearchSpelling.spelling), col(SearchSpelling.word))
    known = set(connection.scalars(sa.select(col(SearchSpelling.word)).where(pair.in_(asked))))
    new = {word for _, word in asked} - known
    pairs = sorted((spelling, word) for word in new for spelling in spellings_of(word))
    if pairs:
        rows = [{"spelling": spelling, "word": word} for spelling, word in pairs]
        connection.execute(_insert(connection, SearchSpelling, ["spelling", "word"]), rows)


def _insert(connection: sa.Connection, table: type[SQLModel], unique: list[str]) -> Insert:
    kind: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    once: Insert = kind.insert(table).on_conflict_do_nothing(index_elements=unique)
    return once


@sa.event.listens_for(Course, "after_insert")
def _added(_mapper: object, connection: sa.Connection, course: Course) -> None:
    index_course(connection, {name: getattr(course, name) for name in READ})


@sa.event.listens_for(Course, "after_update")
def _changed(_mapper: object, connection: sa.Connection, course: Course) -> None:
    look = sa.inspect(course)
    if any(look.attrs[name].history.has_changes() for name in READ):
        index_course(connection, {name: getattr(course, name) for name in READ})


def match(terms: Terms, level: int, *, is_sqlite: bool, beyond: bool = False) -> str:
    """Write the terms for the database: all of them at `level`; with `beyond` none closer."""
    whole = _all_of(terms, level, is_sqlite=is_sqlite)
    if not beyond or level == IN_TITLE:
        return whole
    closer = _all_of(terms, level - 1, is_sqlite=is_sqlite)
    return f"({whole}) NOT ({closer})" if is_sqlite else f"({whole}) & !({closer})"


def found_by(terms: Terms, level: int, *, is_sqlite: bool) -> sa.Select[str]:
    """Return the question for the ids of the courses that have the terms."""
    ids = sa.select(col(CourseSearch.course_id))
    if not is_sqlite:
        return ids.where(has(match(terms, level, is_sqlite=False), is_sqlite=False))
    return ids.join(course_fts, col(CourseSearch.key) == FTS_KEY).where(
        has(match(terms, level, is_sqlite=True), is_sqlite=True)
    )


def has(matching: str, *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Return the condition for what `match` wrote."""
    if is_sqlite:
        return sa.literal_column("course_fts").bool_op("MATCH")(matching)
    return col(CourseSearch.lexemes).bool_op("@@")(sa.cast(sa.literal(matching), TSQUERY))


def _all_of(terms: Terms, level: int, *, is_sqlite: bool) -> str:
    one_of, both = (" OR ", " AND ") if is_sqlite else (" | ", " & ")
    return both.join(
        f"({one_of.join(_one(f'{level}{word}', is_sqlite=is_sqlite) for word in words)})"
        for words in terms
    )


def _one(lexeme: str, *, is_sqlite: bool) -> str:
    """Write one word or its beginning. Letters and digits only: nothing of it can be a sign."""
    begins = not lexeme.isdigit()
    if is_sqlite:
        return f'"{lexeme}" *' if begins else f'"{lexeme}"'
    return f"'{lexeme}':*" if begins else f"'{lexeme}'"
