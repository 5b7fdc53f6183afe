"""The index of people for a database that has people already: filled once, whatever happens."""

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from coursebook.persistence.maintenance.migrate import (
    config,
    downgrade_to,
    migration_engine,
    upgrade_to_head,
)
from tests.integration.test_database_promise_migration import NOW, empty_url, insert

__all__ = ["empty_url"]
MIGRATION = "0018"


async def _all(url: str, query: str) -> list[Any]:
    engine = migration_engine(url)
    async with engine.begin() as connection:
        rows = (await connection.execute(sa.text(query))).all()
    await engine.dispose()
    return [tuple(row) for row in rows]


def _people(number: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        (
            "user_account",
            {
                "id": f"usr_{n}",
                "subject": f"u{n}",
                "email": f"ann.{n}@example.test",
                "name": "Ann" if n else "",
                "created_at": NOW + timedelta(days=n // 2),
                "seen_at": NOW,
            },
        )
        for n in range(number)
    ]


async def test_people_are_indexed_once_in_the_order_of_their_coming(empty_url: str):
    await upgrade_to_head(empty_url)
    await downgrade_to(empty_url, "0017")
    await insert(empty_url, _people(5))
    await upgrade_to_head(empty_url)
    query = "SELECT user_id, lexemes FROM person_search ORDER BY key"
    rows = await _all(empty_url, query)
    assert [user for user, _ in rows] == [f"usr_{n}" for n in range(5)]
    assert re.sub(r"['\s]+", " ", rows[1][1]).split() == [
        *("1ann", "21", "2ann", "2ann1", "2ann1exampletest", "2example", "2exampletest", "2test"),
    ]
    engine = migration_engine(empty_url)
    script = ScriptDirectory.from_config(config()).get_revision(MIGRATION)
    async with engine.begin() as connection:
        await connection.run_sync(script.module.fill)
    await engine.dispose()
    assert await _all(empty_url, query) == rows
