"""New rows of one transaction that reach the database together: in one statement on PostgreSQL.

A booking writes four rows of three tables. Each statement of its own costs a round trip while the
course is locked.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import SQLModel

MAX_TOGETHER = 8
"""More rows than this are written table by table: each count of rows is a statement of its own."""
MAX_CACHED = 64

Part = tuple[sa.Table, list[dict[str, Any]]]
_Shape = tuple[tuple[sa.Table, tuple[str, ...], int], ...]


class NewRows:
    """Rows that wait for their INSERT, in the order in which they refer to each other."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._rows: list[SQLModel] = []

    def add(self, row: SQLModel) -> None:
        """Insert a row with the next `flush`. Mapper events of inserts do not run for it."""
        self._rows.append(row)

    async def flush(self, *last: Part) -> None:
        """Insert the rows, and then those of `last`. The session knows the former afterwards."""
        parts = [(row.__table__, [_values(row)]) for row in self._rows]  # type: ignore[attr-defined]
        await _insert([*parts, *(part for part in last if part[1])], self._session)
        for row in self._rows:
            make_transient_to_detached(row)
            self._session.add(row)
        self._rows = []


async def _insert(parts: Sequence[Part], session: AsyncSession) -> None:
    count = sum(len(rows) for _, rows in parts)
    if len(parts) > 1 and count <= MAX_TOGETHER and session.get_bind().dialect.name != "sqlite":
        shape = tuple((table, tuple(rows[0]), len(rows)) for table, rows in parts)
        await session.execute(_together(shape), dict(_named(parts)))
        return
    for table, rows in parts:
        await session.execute(_plain(table), rows)


@lru_cache(maxsize=MAX_CACHED)
def _plain(table: sa.Table) -> sa.Insert:
    """Return an INSERT without RETURNING: the new keys are not needed."""
    return sa.insert(table).inline()


@lru_cache(maxsize=MAX_CACHED)
def _together(shape: _Shape) -> sa.Insert:
    """Return one statement that inserts rows of several tables.

    The foreign keys are checked at its end (postgresql.org/docs/current/queries-with.html).
    """
    *first, last = [_numbered(number, *part) for number, part in enumerate(shape)]
    return last.add_cte(*(insert.cte(f"part_{number}") for number, insert in enumerate(first)))


def _numbered(number: int, table: sa.Table, names: tuple[str, ...], count: int) -> sa.Insert:
    """Return the INSERT of one table's rows. SQLAlchemy compiles VALUES of many rows every time."""
    rows = [
        {name: sa.bindparam(_name(number, row, name), type_=table.c[name].type) for name in names}
        for row in range(count)
    ]
    insert = sa.insert(table).inline()
    if count == 1:
        return insert.values(rows[0])
    return insert.from_select(names, sa.union_all(*(sa.select(*row.values()) for row in rows)))


def _named(parts: Sequence[Part]) -> Iterator[tuple[str, Any]]:
    for number, (_, rows) in enumerate(parts):
        for row, values in enumerate(rows):
            for name, value in values.items():
                yield _name(number, row, name), value


def _name(part: int, row: int, column: str) -> str:
    return f"p{part}_{row}_{column}"


def _values(row: SQLModel) -> dict[str, Any]:
    table: sa.Table = row.__table__  # type: ignore[attr-defined]
    return {column.key: getattr(row, column.key) for column in table.c}
