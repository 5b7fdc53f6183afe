"""PostgreSQL behind PgBouncer: settings hold in every transaction, or one sentence refuses it.

`tests/support/pgbouncer.py` simulates PgBouncer in transaction mode.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from coursebook.persistence.engine.databases import POSTGRES_SETTINGS, Database, open_database
from coursebook.persistence.maintenance.migrate import (
    head_revision,
    stored_revision,
    upgrade_to_head,
)
from coursebook.persistence.unit_of_work import reading, writing
from tests.support.harness import a_harness
from tests.support.pgbouncer import Pooler, pooler
from tests.support.rows import a_course, a_user
from tests.support.sandbox import SandboxProcess

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 12


@pytest.fixture
async def through(postgres_url: str) -> AsyncIterator[tuple[Database, Pooler]]:
    """A database behind a pooler."""
    async with pooler(postgres_url) as (url, between):
        database = open_database(url, has_pooler=True)
        yield database, between
        await database.close()


async def _heard(session, name: str) -> str:
    return str(await session.scalar(sa.text(f"SELECT current_setting('{name}')")))


async def test_every_transaction_has_its_timeouts(through: tuple[Database, Pooler]):
    database, between = through
    for open_session in (database.read_session, database.write_session):
        for _ in range(3):
            async with open_session() as session:
                for name, value in POSTGRES_SETTINGS.items():
                    assert await _heard(session, name) == value
                assert await _heard(session, "transaction_isolation") == "read committed"
    assert between.transactions >= 6


async def test_a_reading_transaction_cannot_write(through: tuple[Database, Pooler]):
    database, _ = through
    for _ in range(2):
        with pytest.raises(DBAPIError, match="read-only transaction"):
            async with database.read_session() as session:
                await session.execute(sa.text("DELETE FROM course"))
        async with writing(database) as work:
            await work.session.execute(sa.text("DELETE FROM course"))


async def test_many_at_once_write_and_read_back(through: tuple[Database, Pooler]):
    database, _ = through

    async def once(number: int) -> None:
        async with database.write_session() as session, session.begin():
            session.add_all(
                [
                    a_user(id=f"user_{number}", email=f"user_{number}@example.test"),
                    a_course(id=f"crs_{number}"),
                ]
            )
        async with reading(database) as work:
            assert await work.courses.find(f"crs_{number}") is not None

    await asyncio.gather(*(once(number) for number in range(AT_ONCE)))


async def test_migrations_run_through_it(postgres):
    url = postgres.empty_database()
    async with pooler(url) as (through, _):
        await upgrade_to_head(through)
        database = open_database(through, has_pooler=True)
        async with database.read_session() as session:
            assert await stored_revision(session) == head_revision()
        await database.close()
    postgres.drop(url)


async def test_somebody_books_and_pays_through_it(
    sandbox_of_the_run: SandboxProcess, postgres_url: str
):
    async with (
        pooler(postgres_url) as (url, between),
        a_harness(sandbox_of_the_run, url, database_pooler=True) as harness,
    ):
        booking = await harness.confirmed(harness.student("sam"), await harness.course())
        assert await harness.status_of(booking) == "confirmed"
        await harness.worker_round()
        assert between.transactions > 10


@pytest.mark.parametrize("drops", [False, True])
async def test_an_undeclared_pooler_is_refused_with_a_sentence(postgres_url: str, drops: bool):
    async with pooler(postgres_url, drops=drops) as (url, _):
        refused = await _prepared(url)
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "set DATABASE_POOLER=true" in refused.stderr
        assert (await _prepared(url, DATABASE_POOLER="true")).returncode == 0


async def test_without_a_pooler_the_setting_does_no_harm(postgres_url: str):
    assert (await _prepared(postgres_url, DATABASE_POOLER="true")).returncode == 0
    assert (await _prepared(postgres_url)).returncode == 0


async def _prepared(url: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **settings, "DATABASE_URL": url}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "coursebook.run.commands.preparation"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
