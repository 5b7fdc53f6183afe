"""INSERT … ON CONFLICT, on both databases."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel


async def insert_once(
    session: AsyncSession, table: type[SQLModel], values: dict[str, Any], unique: list[str]
) -> bool:
    """Insert a row unless one has the same `unique` columns. Returns whether it was inserted.

    No savepoint: on SQLite a savepoint leaks rows after an outer rollback.
    """
    statement = _once(session.get_bind().dialect.name, table, tuple(unique))
    return (await session.execute(statement, values)).first() is not None


async def insert_all_once(
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    unique: list[str],
) -> None:
    """Insert many rows at once, but for those with the same `unique` columns as a stored one."""
    if rows:
        statement = _insert(session.get_bind().dialect.name, table, tuple(unique))
        await session.execute(statement, list(rows))


async def insert_new(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[dict[str, Any]], unique: str
) -> set[Any]:
    """Insert many rows at once and return the `unique` values of those that were not stored yet.

    All rows have the same columns. They are inserted in order of `unique`, so that two processes
    with the same rows never wait for each other.
    """
    statement = _once(session.get_bind().dialect.name, table, (unique,))
    ordered = sorted(rows, key=lambda row: row[unique])
    return set((await session.execute(statement, ordered)).scalars())


async def insert_or_update(
    session: AsyncSession, table: type[SQLModel], values: dict[str, Any], unique: list[str]
) -> None:
    """Insert a row, or update the one with the same `unique` columns.

    `Session.merge` reads first, so two processes that find nothing both insert, and one fails.
    """
    statement = _update(session.get_bind().dialect.name, table, tuple(unique), tuple(values))
    await session.execute(statement, values)


@cache
def _update(
    database: str, table: type[SQLModel], unique: tuple[str, ...], names: tuple[str, ...]
) -> sa.Insert:
    dialect: Any = sqlite if database == "sqlite" else postgresql
    insert: Any = dialect.insert(table.__table__)  # type: ignore[attr-defined]
    new = {name: insert.excluded[name] for name in names if name not in unique}
    statement: sa.Insert = insert.on_conflict_do_update(index_elements=unique, set_=new)
    return statement


@cache
def _once(database: str, table: type[SQLModel], unique: tuple[str, ...]) -> sa.Insert:
    """Return the statement. It is cached so that SQLAlchemy finds its compiled form."""
    rows: sa.Table = table.__table__  # type: ignore[attr-defined]
    return _insert(database, table, unique).returning(*(rows.c[name] for name in unique))


@cache
def _insert(database: str, table: type[SQLModel], unique: tuple[str, ...]) -> sa.Insert:
    dialect: Any = sqlite if database == "sqlite" else postgresql
    rows: sa.Table = table.__table__  # type: ignore[attr-defined]
    insert: sa.Insert = dialect.insert(rows).on_conflict_do_nothing(index_elements=unique)
    return insert
