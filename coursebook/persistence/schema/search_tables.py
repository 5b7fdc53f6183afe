"""Tables of the course search. Their content is derived from courses and can be rebuilt."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.search import MAX_WORD_LENGTH, PREFIXES
from coursebook.persistence.schema.columns import ID_LENGTH, big_key, lexemes
from coursebook.persistence.schema.tables import Course

FTS = (
    """CREATE VIRTUAL TABLE course_fts USING fts5(
        lexemes, content='course_search', content_rowid='key', detail='none', columnsize=0,
        prefix='2 3 4 5 6 7 8 9 10', tokenize='ascii')""",
    """CREATE TRIGGER course_fts_added AFTER INSERT ON course_search BEGIN
        INSERT INTO course_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
    """CREATE TRIGGER course_fts_removed AFTER DELETE ON course_search BEGIN
        INSERT INTO course_fts(course_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes); END""",
    """CREATE TRIGGER course_fts_changed AFTER UPDATE ON course_search BEGIN
        INSERT INTO course_fts(course_fts, rowid, lexemes)
        VALUES ('delete', old.key, old.lexemes);
        INSERT INTO course_fts(rowid, lexemes) VALUES (new.key, new.lexemes); END""",
)
"""SQLite's full-text table, which triggers keep equal to `course_search`.

The `ascii` tokenizer treats every non-ASCII character as part of a word; our lexemes are words.
"""


class CourseSearch(SQLModel, table=True):
    """The searchable text of a course. `course_search/index.py` writes it with each course.

    `key` grows with the start, so results come in order of time. `starts_on` is the day in the
    course's own zone.
    """

    __tablename__ = "course_search"
    key: int = Field(sa_column=big_key())
    course_id: str = Field(
        foreign_key=f"{Course.__tablename__}.id", unique=True, max_length=ID_LENGTH
    )
    starts_on: date
    lexemes: str = Field(sa_column=lexemes())


class SearchSpelling(SQLModel, table=True):
    """A word of a course under one of its misspellings (`domain/search.py`)."""

    __tablename__ = "search_spelling"

    spelling: str = Field(primary_key=True, max_length=PREFIXES.stop - 1)
    word: str = Field(primary_key=True, max_length=MAX_WORD_LENGTH)


GIN_INDEX = "ix_course_search_lexemes"
for _dialect, _statements in (
    ("sqlite", FTS),
    ("postgresql", (f"CREATE INDEX {GIN_INDEX} ON course_search USING gin (lexemes)",)),
):
    for _statement in _statements:
        _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]
        _table = SQLModel.metadata.tables["course_search"]
        sa.event.listen(_table, "after_create", _ddl.execute_if(dialect=_dialect))


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Return whether the metadata describes it. FTS tables and the GIN index are not in it."""
    return not ((kind == "table" and str(name).startswith("course_fts")) or name == GIN_INDEX)
