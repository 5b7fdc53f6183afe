"""Tables of the searches. Their content is derived from courses and people and can be rebuilt."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from coursebook.domain.search import MAX_WORD_LENGTH, PREFIXES
from coursebook.persistence.schema.columns import ID_LENGTH, big_key, lexemes
from coursebook.persistence.schema.tables import Booking, Course, User

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


class PersonSearch(SQLModel, table=True):
    """The searchable text of a person, or of whoever takes part in a booking instead of its payer.

    Either `user_id` or `booking_id` is set. `people_search/index.py` writes it with each of them.
    `key` grows with the time of writing, so that results come the newest first.
    """

    __tablename__ = "person_search"
    key: int = Field(sa_column=big_key())
    user_id: str | None = Field(
        default=None,
        foreign_key=f"{User.__tablename__}.id",
        unique=True,
        max_length=ID_LENGTH,
    )
    booking_id: str | None = Field(
        default=None,
        foreign_key=f"{Booking.__tablename__}.id",
        unique=True,
        max_length=ID_LENGTH,
    )
    lexemes: str = Field(sa_column=lexemes())


class SearchSpelling(SQLModel, table=True):
    """A word of a course under one of its misspellings (`domain/search.py`)."""

    __tablename__ = "search_spelling"

    spelling: str = Field(primary_key=True, max_length=PREFIXES.stop - 1)
    word: str = Field(primary_key=True, max_length=MAX_WORD_LENGTH)


GIN_INDEX, PERSON_GIN_INDEX = "ix_course_search_lexemes", "ix_person_search_lexemes"
PERSON_FTS = tuple(
    statement.replace("course_search", "person_search").replace("course_fts", "person_fts")
    for statement in FTS
)
DDL: dict[str, dict[str, tuple[str, ...]]] = {
    "course_search": {
        "sqlite": FTS,
        "postgresql": (f"CREATE INDEX {GIN_INDEX} ON course_search USING gin (lexemes)",),
    },
    "person_search": {
        "sqlite": PERSON_FTS,
        "postgresql": (f"CREATE INDEX {PERSON_GIN_INDEX} ON person_search USING gin (lexemes)",),
    },
}
"""What the metadata cannot say, by table and database."""
for _table, _dialects in DDL.items():
    for _dialect, _statements in _dialects.items():
        for _statement in _statements:
            _ddl = sa.DDL(_statement)  # type: ignore[no-untyped-call]
            sa.event.listen(
                SQLModel.metadata.tables[_table],
                "after_create",
                _ddl.execute_if(dialect=_dialect),
            )


def is_ours(name: str | None, kind: str, _parents: object = None) -> bool:
    """Return whether the metadata describes it. What `DDL` makes is not in it."""
    is_full_text = kind == "table" and str(name).startswith(("course_fts", "person_fts"))
    return not (is_full_text or name in (GIN_INDEX, PERSON_GIN_INDEX))
