"""Column types and small helpers that behave the same on SQLite and PostgreSQL."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from coursebook.domain.money import CURRENCIES

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that Alembic creates and drops the same ones on both databases."""
SQLModel.metadata.naming_convention = NAMING

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
ID_LETTERS = 20
MAX_IDS = len(ALPHABET) ** ID_LETTERS
ID_LENGTH = 40


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. Takes any zone and returns UTC; SQLite itself would drop the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse times without a zone. SQLite stores the UTC wall clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Restore the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id(kind: str) -> str:
    """Return an opaque id such as `bkg_7f3k…`: 20 characters of 31, not guessable (99 bits)."""
    number, letters = secrets.randbelow(MAX_IDS), ""
    for _ in range(ID_LETTERS):  # one random number for all letters
        number, index = divmod(number, len(ALPHABET))
        letters += ALPHABET[index]
    return f"{kind}_{letters}"


def moment(
    *, nullable: bool = False, index: bool = False, primary_key: bool = False
) -> sa.Column[Any]:
    """Return a new column for a moment. Tables cannot share a column object."""
    return sa.Column(UtcDateTime(), nullable=nullable, index=index, primary_key=primary_key)


def one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """Return a CHECK that the column holds a value of the enum."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def text(
    length: int | None = None, *, nullable: bool = False, server_default: str | None = None
) -> sa.Column[Any]:
    """Return a column for text, unlimited without a `length`."""
    kind = sa.String(length) if length else sa.Text()
    return sa.Column(kind, nullable=nullable, server_default=server_default)


def big_key() -> sa.Column[Any]:
    """Return a 63-bit integer primary key. On SQLite it is the rowid itself."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(number, primary_key=True, autoincrement=False)


def lexemes() -> sa.Column[Any]:
    """Return a column for lexemes separated by spaces: a `tsvector` on PostgreSQL."""
    return sa.Column(sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False)


def json(*, nullable: bool = False) -> sa.Column[Any]:
    """Return a column for JSON. None is NULL, not JSON's null, which NOT NULL would accept."""
    return sa.Column(sa.JSON(none_as_null=True), nullable=nullable)


def json_list() -> sa.Column[Any]:
    """Return a column for a JSON list. Rows older than the column get an empty list."""
    return sa.Column(sa.JSON(none_as_null=True), nullable=False, server_default=sa.text("'[]'"))


def json_object() -> sa.Column[Any]:
    """Return a column for a JSON object. Rows older than the column get an empty one."""
    return sa.Column(sa.JSON(none_as_null=True), nullable=False, server_default=sa.text("'{}'"))


def counted(first: int) -> sa.Column[Any]:
    """Return a column for a counter. Rows older than the column begin with `first`."""
    return sa.Column(sa.Integer(), nullable=False, server_default=sa.text(str(first)))


def lane() -> sa.Column[Any]:
    """Return a column for the lane of a message. Rows older than the column are in the first."""
    return sa.Column(sa.SmallInteger(), nullable=False, server_default=sa.text("0"))


def switch() -> sa.Column[Any]:
    """Return a column for a boolean that is true in rows older than the column."""
    return sa.Column(sa.Boolean(), nullable=False, server_default=sa.true())


def listed_by(*columns: str) -> sa.Index:
    """Return the index of a list of courses: those of one status in this order, then by id."""
    return sa.Index(f"ix_course_status_{'_'.join(columns)}_id", "status", *columns, "id")


IS_ARCHIVED = dict.fromkeys(("sqlite", "postgresql"), sa.text("archived_at IS NOT NULL"))
IS_LONG_COURSE = {
    "sqlite": sa.text("julianday(ends_at) - julianday(starts_at) > 2"),
    "postgresql": sa.text("ends_at - starts_at > interval '2 days'"),
}
"""The condition of a partial index: the few courses that last longer than two days."""


IS_IN_SERIES = dict.fromkeys(("sqlite", "postgresql"), sa.text("series_id IS NOT NULL"))


def partly_listed_by(name: str, *columns: str, of: dict[str, sa.TextClause]) -> sa.Index:
    """Return the index of a list of some courses. `of` is their condition on each database."""
    return sa.Index(
        f"ix_course_{name}_{'_'.join(columns)}_id",
        *columns,
        "id",
        sqlite_where=of["sqlite"],
        postgresql_where=of["postgresql"],
    )


def partial_index(name: str, *columns: str, where: str) -> sa.Index:
    """Return an index of the rows that meet a condition, which both databases understand."""
    condition = sa.text(where)
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


def due_index(table: str, *columns: str, waiting: str) -> sa.Index:
    """Return a partial index of pending rows by these columns, else by due time.

    Finished rows take no space in it.
    """
    still = sa.text(waiting)
    name = f"ix_{table}_due"
    by = columns or ("next_try_at",)
    return sa.Index(name, *by, sqlite_where=still, postgresql_where=still)


def price_check() -> sa.CheckConstraint:
    """Return a CHECK that a price is 0 or above its currency's minimum."""
    legal = " OR ".join(
        f"(currency = '{c.code}' AND (price = 0 OR price >= {c.minimum}))"
        for c in CURRENCIES.values()
    )
    return sa.CheckConstraint(legal, name="price_legal")
