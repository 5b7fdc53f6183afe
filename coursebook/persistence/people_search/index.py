"""The search index of people: written with each user, and with whoever takes part in a booking.

SQLite uses the FTS5 table `person_fts`, which triggers keep equal to `person_search`; PostgreSQL
uses a GIN index. Decision 0013 says why both hold the same lexemes.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from coursebook.domain.booking import NUMBER_LETTERS
from coursebook.domain.search import person_lexemes
from coursebook.persistence.course_search.index import key_at
from coursebook.persistence.schema.search_tables import PersonSearch
from coursebook.persistence.schema.tables import Booking, User

OF_USER, OF_PARTICIPANT = ("name", "email"), ("participant_name", "participant_email")
"""The columns that the index uses."""
SPREAD_BITS = 5
"""The first keys tried for one moment; each further try has four times as many."""
MAX_SPREAD_BITS = 24


def index_user(connection: sa.Connection, user: User) -> None:
    """Write a person to the index, replacing the earlier row."""
    _delete(connection, "user_id", user.id)
    index_new_user(connection, user)


def index_new_user(connection: sa.Connection, user: User) -> None:
    """Write a person without a row to the index."""
    _insert(connection, "user_id", user.id, user.created_at, person_lexemes(user.name, user.email))


def index_participant(connection: sa.Connection, booking: Booking) -> None:
    """Write who takes part in a booking to the index; nothing when it is the payer."""
    lexemes = person_lexemes(booking.participant_name, booking.participant_email)
    _delete(connection, "booking_id", booking.id)
    _insert(connection, "booking_id", booking.id, booking.created_at, lexemes)


def _delete(connection: sa.Connection, owner: str, owner_id: str) -> None:
    column = getattr(PersonSearch, owner)
    connection.execute(sa.delete(PersonSearch).where(col(column) == owner_id))


def _insert(
    connection: sa.Connection, owner: str, owner_id: str, at: datetime, lexemes: str
) -> None:
    if not lexemes:
        return
    statement = _insert_once(connection.dialect.name)
    for key in keys_of(key_at(at), owner_id):
        values = {"key": key, owner: owner_id, "lexemes": lexemes}
        if connection.execute(statement, values).rowcount:
            break


@cache
def _insert_once(database: str) -> sa.Insert:
    """Return the statement. It is cached so that SQLAlchemy finds its compiled form."""
    dialect: Any = sqlite if database == "sqlite" else postgresql
    statement: sa.Insert = dialect.insert(PersonSearch.__table__)  # type: ignore[attr-defined]
    return statement.on_conflict_do_nothing(index_elements=["key"])  # type: ignore[attr-defined, no-any-return]


def number_end_of(booking_id: str) -> str:
    """Return the end of a booking's id, by which people look for it."""
    return booking_id[-NUMBER_LETTERS:].lower()


def keys_of(first: int, owner_id: str) -> Iterator[int]:
    """Yield keys to try, from a widening range: others may have come at the same moment."""
    for number in count():
        spread = 1 << min(SPREAD_BITS + 2 * number, MAX_SPREAD_BITS)
        yield first + crc32(f"{owner_id} {number}".encode()) % spread


@sa.event.listens_for(User, "after_insert")
def _user_added(_mapper: object, connection: sa.Connection, user: User) -> None:
    index_new_user(connection, user)


@sa.event.listens_for(User, "after_update")
def _user_changed(_mapper: object, connection: sa.Connection, user: User) -> None:
    if _has_changed(user, OF_USER):
        index_user(connection, user)


@sa.event.listens_for(Booking, "before_insert")
def _number_booking(_mapper: object, _connection: sa.Connection, booking: Booking) -> None:
    booking.number_end = number_end_of(booking.id)


@sa.event.listens_for(Booking, "after_insert")
def _booking_added(_mapper: object, connection: sa.Connection, booking: Booking) -> None:
    if booking.participant_name or booking.participant_email:
        index_participant(connection, booking)


@sa.event.listens_for(Booking, "after_update")
def _booking_changed(_mapper: object, connection: sa.Connection, booking: Booking) -> None:
    if _has_changed(booking, OF_PARTICIPANT):
        index_participant(connection, booking)


def _has_changed(row: User | Booking, columns: tuple[str, ...]) -> bool:
    attributes = sa.inspect(row).attrs
    return any(attributes[name].history.has_changes() for name in columns)
