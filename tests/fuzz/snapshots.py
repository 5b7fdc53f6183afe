"""Snapshots of the database after each step, cheap enough for thousands of steps."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from coursebook.persistence.schema.tables import User
from coursebook.persistence.unit_of_work import reading
from tests.support.booking_invariants import Books, read_books
from tests.support.harness import Harness

QUERIES = (
    "SELECT * FROM course ORDER BY id",
    "SELECT * FROM booking ORDER BY created_at",
    "SELECT * FROM payment_attempt ORDER BY number",
    "SELECT * FROM refund ORDER BY created_at",
    "SELECT * FROM dispute ORDER BY created_at",
    "SELECT * FROM money_inbox_entry ORDER BY created_at",
    "SELECT * FROM outbox_message ORDER BY created_at",
    "SELECT * FROM audit_entry ORDER BY id",
    "SELECT * FROM offline_payment ORDER BY created_at",
    "SELECT * FROM attendance ORDER BY booking_id",
    "SELECT * FROM waiting_list_entry ORDER BY joined_at",
)


class SnapshotReader:
    """Reads all rows; on SQLite over its own connection and with its own row type.

    There, times and JSON stay text, which is enough for every check.
    """

    def __init__(self, database_url: str) -> None:
        self._file: sqlite3.Connection | None = None
        if database_url.startswith("sqlite"):
            path = Path(database_url.removeprefix("sqlite:///"))
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.row_factory = _row

    async def books(self, harness: Harness) -> Books:
        """Return all rows as they are now."""
        if self._file is None:
            return await read_books(harness)
        self._file.execute("BEGIN")
        rows: list[Any] = [self._file.execute(query).fetchall() for query in QUERIES]
        self._file.execute("COMMIT")
        return Books(*rows)

    async def emails(self, harness: Harness) -> dict[str, str]:
        """Return every user's address by id."""
        if self._file is not None:
            rows = self._file.execute("SELECT id, email FROM user_account").fetchall()
            return {row.id: row.email for row in rows}
        async with reading(harness.services.context.database) as work:
            return {user.id: user.email for user in await work.session.scalars(sa.select(User))}

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip((c[0] for c in cursor.description), values, strict=True)))
