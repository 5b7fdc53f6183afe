"""INSERT that does nothing when the row is there already, on both databases."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel


async def insert_once(
    session: AsyncSession, table: type[SQLModel], values: dict[str, Any], unique: list[str]
) -> bool:
    """Insert a row unless one has the same `unique` columns. Returns whether it was inserted.

    Safe where a savepoint is not: on SQLite those leak rows after an outer rollback.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    result = await session.execute(
        insert(table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=unique)
        .returning(*(getattr(table, name) for name in unique))
    )
    return result.first() is not None
