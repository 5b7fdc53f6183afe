"""Database connections: their settings, waiting, isolation and recovery."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from coursebook.errors import Unavailable
from coursebook.persistence.engine.databases import Database, async_url, open_database
from coursebook.persistence.unit_of_work import reading, writing
from tests.support.rows import a_course, a_user


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    opened = open_database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def postgresql(postgres_url: str) -> AsyncIterator[Database]:
    opened = open_database(postgres_url)
    yield opened
    await opened.close()


async def store(database: Database, *rows) -> None:
    async with database.write_session() as session, session.begin():
        session.add_all(rows)


async def count_users(database: Database) -> int:
    async with database.read_session() as session:
        return (await session.execute(sa.text("SELECT count(*) FROM user_account"))).scalar()


async def value(session, question: str):
    return (await session.execute(sa.text(question))).scalar()


def test_every_usual_way_to_write_an_address_is_understood():
    written = {
        "postgres://u:p@h:5/d": "postgresql+asyncpg://u:p@h:5/d",
        "postgresql://h/d": "postgresql+asyncpg://h/d",
        "postgresql+asyncpg://h/d": "postgresql+asyncpg://h/d",
        "postgresql+psycopg://h/d": "postgresql+asyncpg://h/d",
        "postgresql://h/d?sslmode=require": "postgresql+asyncpg://h/d?ssl=require",
        "sqlite:////tmp/a.db": "sqlite+aiosqlite:////tmp/a.db",
        "sqlite+aiosqlite:///a.db": "sqlite+aiosqlite:///a.db",
    }
    for given, expected in written.items():
        assert async_url(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "sqlite+aiosqlite:///:memory:"]
)
def test_an_address_without_storage_is_refused(url):
    with pytest.raises(ValueError, match="sqlite:///"):
        open_database(url)


async def test_sqlite_is_configured_for_durability_and_speed(sqlite):
    expected = {
        "foreign_keys": 1,
        "journal_mode": "wal",
        "busy_timeout": 10_000,
        "temp_store": 2,
        "cache_size": -16_000,
    }
    for session_of, more in (
        (sqlite.write_session, {"synchronous": 2, "query_only": 0}),
        (sqlite.read_session, {"synchronous": 1, "query_only": 1}),
    ):
        async with session_of() as session:
            said = {name: await value(session, f"PRAGMA {name}") for name in expected | more}
        assert said == expected | more


def test_the_file_is_made_with_its_folder_and_for_its_owner_only(tmp_path):
    open_database(f"sqlite:///{tmp_path}/new/deep/coursebook.db")
    mode = (tmp_path / "new/deep/coursebook.db").stat().st_mode
    assert stat.S_IMODE(mode) & 0o077 == 0


async def test_postgresql_gets_its_timeouts(postgresql):
    expected = {
        "lock_timeout": "5s",
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "30s",
        "transaction_isolation": "read committed",
        "jit": "off",
        "application_name": "coursebook",
    }
    for session_of, read_only in (
        (postgresql.write_session, "off"),
        (postgresql.read_session, "on"),
    ):
        async with session_of() as session:
            said = {name: await value(session, f"SHOW {name}") for name in expected}
            assert said == expected
            assert await value(session, "SHOW transaction_read_only") == read_only


async def test_a_reading_session_cannot_write(database):
    with pytest.raises(DBAPIError):
        async with database.read_session() as session, session.begin():
            session.add(a_user())
    assert await count_users(database) == 0


async def test_money_gets_a_connection_while_every_reader_is_busy(database):
    pool = database.reading.pool
    async with AsyncExitStack() as stack:
        for _ in range(pool.size() + pool._max_overflow):
            connection = await stack.enter_async_context(database.reading.connect())
            await connection.execute(sa.text("SELECT 1"))
        await store(database, a_user())
    assert await count_users(database) == 1


async def test_many_writers_wait_equally_long_on_both_databases(database):
    assert database.writing.pool.timeout() == 30  # ten were too few for 400 at one course


async def test_pages_are_served_while_money_is_written(database):
    async with database.write_session() as session, session.begin():
        session.add(a_user())
        await session.flush()
        assert await count_users(database) == 0, "not before it is committed"
    assert await count_users(database) == 1


async def test_an_error_inside_leaves_nothing_behind(database):
    async def fail() -> None:
        async with database.write_session() as session, session.begin():
            session.add(a_user())
            await session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await count_users(database) == 0


async def test_a_savepoint_goes_with_its_transaction(database):
    async with database.write_session() as session:
        async with session.begin_nested():
            session.add(a_user())
        await session.rollback()
    assert await count_users(database) == 0


async def test_after_a_savepoint_that_failed_the_rest_goes_on(database):
    async def try_it(session: AsyncSession) -> None:
        async with session.begin_nested():
            session.add(a_course(capacity=0))
            await session.flush()

    async with database.write_session() as session, session.begin():
        with pytest.raises(IntegrityError):
            await try_it(session)
        session.add(a_user())
    assert await count_users(database) == 1


async def test_tables_made_in_a_transaction_vanish_with_it(database):
    async with database.write_session() as session:
        await session.execute(sa.text("CREATE TABLE passing (a INTEGER)"))
        await session.rollback()
    async with database.read_session() as session:
        with pytest.raises(DBAPIError):
            await session.execute(sa.text("SELECT * FROM passing"))


async def test_a_cancelled_request_gives_its_connection_back_and_stores_nothing(database):
    inside = asyncio.Event()

    async def interrupted() -> None:
        async with database.write_session() as session, session.begin():
            session.add(a_user())
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    for _ in range(20):  # more often than there are connections
        inside.clear()
        task = asyncio.create_task(interrupted())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await store(database, a_user())
    assert await count_users(database) == 1


async def test_a_sqlite_writer_locks_from_the_start(sqlite, sqlite_url):
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    try:
        async with sqlite.write_session() as session, session.begin():
            await session.execute(sa.text("SELECT 1"))  # has written nothing yet
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    finally:
        other.close()


async def test_a_sqlite_reader_sees_one_snapshot(sqlite):
    async with sqlite.read_session() as session, session.begin():
        before = await value(session, "SELECT count(*) FROM user_account")
        await store(sqlite, a_user())
        assert await value(session, "SELECT count(*) FROM user_account") == before
    assert await count_users(sqlite) == 1


async def test_writers_on_sqlite_come_in_the_order_in_which_they_asked(sqlite):
    done: list[int] = []

    async def write(number: int) -> None:
        async with sqlite.write_session() as session, session.begin():
            session.add(a_user())
            await session.flush()
            done.append(number)

    tasks = []
    for number in range(40):
        tasks.append(asyncio.create_task(write(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert done == sorted(done)


async def test_consecutive_transactions_reuse_the_connection(postgresql):
    ask = sa.text("SELECT pg_backend_pid()")
    for transaction in (reading, writing):
        used = set()
        for _ in range(3):
            async with transaction(postgresql) as work:
                used.add(await work.session.scalar(ask))
        assert len(used) == 1


async def test_connections_that_the_server_closed_are_replaced(postgresql):
    await store(postgresql, a_user())
    assert await count_users(postgresql) == 1
    async with postgresql.writing.connect() as connection:
        await connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert await count_users(postgresql) == 1


async def test_a_lock_timeout_is_reported_as_unavailable(postgresql):
    course = a_course()
    await store(postgresql, course)

    async def lock_too() -> None:
        async with writing(postgresql) as second:
            await second.session.execute(sa.text("SET LOCAL lock_timeout = '10ms'"))
            await second.courses.lock(course.id)

    async with writing(postgresql) as first:
        await first.courses.lock(course.id)
        with pytest.raises(Unavailable):
            await lock_too()


async def test_a_statement_timeout_is_reported_as_unavailable(postgresql):
    async def ask() -> None:
        async with reading(postgresql) as work:
            await work.session.execute(sa.text("SET LOCAL statement_timeout = '10ms'"))
            await work.session.execute(sa.text("SELECT pg_sleep(30)"))

    with pytest.raises(Unavailable):
        await ask()


async def test_an_unreachable_server_is_reported_as_unavailable():
    nowhere = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    try:
        with pytest.raises(Unavailable):
            async with reading(nowhere) as work:
                await work.session.execute(sa.text("SELECT 1"))
    finally:
        await nowhere.close()
