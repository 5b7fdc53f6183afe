"""INSERT that does nothing when the row is there already, on both databases."""

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

    Safe where a savepoint is not: on SQLite those leak rows after an outer rollback.
    """
    statement = _once(session.get_bind().dialect.name, table, tuple(unique))
    return (await session.execute(statement, values)).first() is not None


@cache
def _once(database: str, table: type[SQLModel], unique: tuple[str, ...]) -> sa.Insert:
    """Made once: SQLAlchemy then knows at once how it is compiled."""
    kind: Any = sqlite if database == "sqlite" else postgresql
    rows: sa.Table = table.__table__  # type: ignore[attr-defined]
    insert: sa.Insert = kind.insert(rows).on_conflict_do_nothing(index_elements=unique)
    return insert.returning(*(rows.c[name] for name in unique))
