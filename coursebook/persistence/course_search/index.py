"""The search index: writing courses to it, and conditions for words.

SQLite uses the FTS5 table `course_fts`, which triggers keep equal to `course_search`; PostgreSQL
uses a GIN index. Both hold the same lexemes (`domain/search.py`), so they find the same.
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
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
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
"""For each required word, its accepted alternatives."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIE_BITS = 5
"""Bits for courses with the same start. Microseconds up to the year 9999 take 58 bits of 63."""
MAX_SPREAD_BITS = 24
"""Courses with one start spread over the keys of at most half a second (2**24 / 32 us)."""
HEAD = ("summary", "category", "level", "instructor", "place_name", "place_address")
INDEXED_COLUMNS = ("id", "title", *HEAD, "description", "is_online", "starts_at", "timezone")
"""The columns of a course that the search index uses."""
course_fts = sa.table("course_fts", sa.column("rowid", sa.BigInteger))
FTS_KEY = sa.literal_column("+course_fts.rowid", sa.BigInteger)
"""The unary `+` stops SQLite from probing the FTS table once per row (28 s instead of 30 ms with
10,000 courses), so it queries the FTS table first."""


def key_at(moment: datetime) -> int:
    """Return the first key of courses that begin at this moment."""
    return ((moment - EPOCH) // timedelta(microseconds=1)) << TIE_BITS


def day_in_zone(moment: datetime, zone: str) -> date:
    """Return the local day of a moment, or the UTC day when the zone is unknown."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (KeyError, ValueError, OverflowError):
        return moment.astimezone(UTC).date()


def index_course(connection: sa.Connection, course: Mapping[str, Any]) -> None:
    """Write a course to the search index, replacing its earlier row."""
    connection.execute(sa.delete(CourseSearch).where(col(CourseSearch.course_id) == course["id"]))
    head = _public_head(course)
    row = {
        "course_id": course["id"],
        "starts_on": day_in_zone(course["starts_at"], course["timezone"]),
        "lexemes": lexemes_of(course["title"], head, course["description"]),
    }
    insert = _insert(connection, CourseSearch, ["key"])
    for key in _keys(key_at(course["starts_at"]), course["id"]):
        if connection.execute(insert.values(key=key, **row)).rowcount:
            break
    _add_spellings(connection, {*words_of(course["title"]), *words_of(head)})


def _public_head(course: Mapping[str, Any]) -> str:
    """Return the public text of the card. The room of an online course must not be searchable."""
    name, address = public_place(
        is_online=course["is_online"], name=course["place_name"], address=course["place_address"]
    )
    public = {**course, "place_name": name, "place_address": address}
    return " ".join(public[column] for column in HEAD)


def _keys(first: int, course_id: str) -> Iterator[int]:
    """Yield keys to try, from a widening range: other courses may have the same start."""
    for number in count():
        spread = 1 << min(TIE_BITS + 2 * number, MAX_SPREAD_BITS)
        yield first + crc32(f"{course_id} {number}".encode()) % spread


def _add_spellings(connection: sa.Connection, words: set[str]) -> None:
    """Store the spellings of new words, sorted so that processes lock rows in one order."""
    max_length = PREFIXES.stop - 1
    prefixes = [(word[:max_length], word) for word in sorted(words) if can_be_mistyped(word)]
    pair = sa.tuple_(col(SearchSpelling.spelling), col(SearchSpelling.word))
    known_words = set(
        connection.scalars(sa.select(col(SearchSpelling.word)).where(pair.in_(prefixes)))
    )
    new = {word for _, word in prefixes} - known_words
    pairs = sorted((spelling, word) for word in new for spelling in spellings_of(word))
    if pairs:
        rows = [{"spelling": spelling, "word": word} for spelling, word in pairs]
        connection.execute(_insert(connection, SearchSpelling, ["spelling", "word"]), rows)


def _insert(connection: sa.Connection, table: type[SQLModel], unique: list[str]) -> Insert:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement: Insert = dialect.insert(table).on_conflict_do_nothing(index_elements=unique)
    return statement


@sa.event.listens_for(Course, "after_insert")
def _after_insert(_mapper: object, connection: sa.Connection, course: Course) -> None:
    index_course(connection, {name: getattr(course, name) for name in INDEXED_COLUMNS})


@sa.event.listens_for(Course, "after_update")
def _after_update(_mapper: object, connection: sa.Connection, course: Course) -> None:
    state = sa.inspect(course)
    if any(state.attrs[name].history.has_changes() for name in INDEXED_COLUMNS):
        index_course(connection, {name: getattr(course, name) for name in INDEXED_COLUMNS})


def match(terms: Terms, level: int, *, is_sqlite: bool, beyond: bool = False) -> str:
    """Return the search expression of the terms at `level`. `beyond` excludes closer matches."""
    whole = _all_of(terms, level, is_sqlite=is_sqlite)
    if not beyond or level == IN_TITLE:
        return whole
    closer = _all_of(terms, level - 1, is_sqlite=is_sqlite)
    return f"({whole}) NOT ({closer})" if is_sqlite else f"({whole}) & !({closer})"


def matching_course_ids(terms: Terms, level: int, *, is_sqlite: bool) -> sa.Select[str]:
    """Return the query for the ids of courses that have the terms."""
    ids = sa.select(col(CourseSearch.course_id))
    if not is_sqlite:
        return ids.where(has(match(terms, level, is_sqlite=False), is_sqlite=False))
    return ids.join(course_fts, col(CourseSearch.key) == FTS_KEY).where(
        has(match(terms, level, is_sqlite=True), is_sqlite=True)
    )


def has(matching: str, *, is_sqlite: bool) -> sa.ColumnElement[bool]:
    """Return the SQL condition of an expression from `match`."""
    if is_sqlite:
        return sa.literal_column("course_fts").bool_op("MATCH")(matching)
    return col(CourseSearch.lexemes).bool_op("@@")(sa.cast(sa.literal(matching), TSQUERY))


def row_has(
    lexemes: Any,  # noqa: ANN401 - the column, also of an alias
    terms: Terms,
    level: int,
    *,
    is_sqlite: bool,
) -> sa.ColumnElement[bool]:
    """Return the condition that the lexemes of one row have the terms, without the index."""
    if not is_sqlite:
        matching = match(terms, level, is_sqlite=False)
        return sa.cast(lexemes, TSVECTOR).bool_op("@@")(sa.cast(sa.literal(matching), TSQUERY))
    text = sa.literal(" ") + lexemes + " "
    return sa.and_(
        *(
            sa.or_(*(sa.func.instr(text, _in_text(f"{level}{word}")) > 0 for word in words))
            for words in terms
        )
    )


def _in_text(lexeme: str) -> str:
    """Return a lexeme as it stands in the text of all lexemes; a word may go on, a number not."""
    return f" {lexeme} " if lexeme.isdigit() else f" {lexeme}"


def _all_of(terms: Terms, level: int, *, is_sqlite: bool) -> str:
    one_of, both = (" OR ", " AND ") if is_sqlite else (" | ", " & ")
    return both.join(
        f"({one_of.join(lexeme_term(f'{level}{word}', is_sqlite=is_sqlite) for word in words)})"
        for words in terms
    )


def lexeme_term(lexeme: str, *, is_sqlite: bool) -> str:
    """Return one word or prefix, quoted. Lexemes are letters and digits, so nothing is escaped."""
    begins = not lexeme.isdigit()
    if is_sqlite:
        return f'"{lexeme}" *' if begins else f'"{lexeme}"'
    return f"'{lexeme}':*" if begins else f"'{lexeme}'"
