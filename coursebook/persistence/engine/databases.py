"""The database connections: one engine to read, one to write, tuned for each kind of database.

Two engines, so that a payment can be recorded while every reading connection is busy.
"""

import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from coursebook.persistence.engine.aiosqlite_cleanup import roll_back_soon
from coursebook.persistence.engine.file_lock import FileLock, lock_shared
from coursebook.persistence.engine.pgbouncer import connection_with_settings, unnamed_statements
from coursebook.persistence.schema.folded_text import add_to_sqlite
from coursebook.settings import CLIENT_ONLY, MAX_CONNECTIONS

SQLITE_READERS = 8
SQLITE_BUSY_SECONDS = 10
WRITE_POOL_TIMEOUT = 30
"""Seconds that a write waits for a connection: many people may book one course at once."""
POSTGRES_TIMEOUT = 10
APPLICATION_NAME = "coursebook"
POOL_SIZE = 10
"""Connections that stay open while idle, for each of the two engines."""
POSTGRES_SETTINGS = {
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",  # compiling costs more than it saves on queries of a few rows
    "random_page_cost": "1.1",  # as on an SSD; by default a search reads all courses
}


DSN_OPTIONS = (
    "krbsrvname",
    "options",
    "passfile",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "target_session_attrs",
)
"""Options of libpq that asyncpg accepts in a DSN only, not as arguments."""


async def _nothing_to_finish(_work: object) -> None:
    """Leave a transaction as it is."""


@dataclass(frozen=True)
class Database:
    """The two engines. Use `async with database.write_session() as session, session.begin():`.

    On SQLite a writing transaction begins with BEGIN IMMEDIATE, so there is one writer at a time.
    A reading session cannot write: the database itself refuses it. `announce` gets the changed
    topics after each commit; it must not wait or fail. `finish` gets the unit of work of each
    writing transaction before its commit.
    """

    reading: AsyncEngine
    writing: AsyncEngine
    read_session: async_sessionmaker[AsyncSession]
    write_session: async_sessionmaker[AsyncSession]
    announce: Callable[[Collection[str]], None] = field(default=lambda _topics: None, repr=False)
    finish: Callable[[Any], Awaitable[None]] = field(default=_nothing_to_finish, repr=False)
    lock: FileLock | None = field(default=None, repr=False)
    """Keeps `restore` away from an SQLite file while it is open (file_lock.py)."""

    @property
    def is_sqlite(self) -> bool:
        """True for the embedded database, which has no row locks."""
        return self.writing.dialect.name == "sqlite"

    async def close(self) -> None:
        """Close every connection."""
        await self.reading.dispose()
        await self.writing.dispose()
        if self.lock is not None:
            self.lock.close()


def open_database(
    url: str, *, connections: int = MAX_CONNECTIONS, has_pooler: bool = False
) -> Database:
    """Create the engines for `sqlite…:///file` or `postgresql…://…`. Opens no connection yet.

    `connections` is the limit for PostgreSQL. `has_pooler`: PgBouncer is in between.
    Raises ValueError for another kind of database, or SQLite without a file, and DatabaseInUse
    while an SQLite file is being restored.
    """
    address, lock = async_url(url), None
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        lock = lock_shared(path)
        prepare_sqlite_file(path)
        reading, writing = _sqlite(address, is_writing=False), _sqlite(address, is_writing=True)
    else:
        write_limit = max(1, connections * 3 // 7)
        writing = _postgres(address, write_limit, is_writing=True, has_pooler=has_pooler)
        read_limit = max(1, connections - write_limit)
        reading = _postgres(address, read_limit, is_writing=False, has_pooler=has_pooler)
    return Database(reading, writing, _sessions(reading), _sessions(writing), lock=lock)


def async_url(url: str) -> URL:
    """Return the address with the asynchronous driver, whichever driver it names.

    Hosting providers hand out libpq's `sslmode=`; asyncpg takes the same values as `ssl=`.
    asyncpg reads certificate files and `options` only from a DSN, so they move into `dsn=`.
    """
    address = make_url(url.replace("postgres://", "postgresql://", 1))
    backend = address.get_backend_name()
    if backend == "sqlite":
        if not address.database or ":memory:" in address.database:
            raise ValueError("SQLite needs a file: sqlite:///path/to/coursebook.db")
        return address.set(drivername="sqlite+aiosqlite")
    if backend != "postgresql":
        raise ValueError("DATABASE_URL must begin with postgresql:// or sqlite:///")
    mode = address.query.get("sslmode")
    if mode is not None:
        address = address.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    dsn_options = {name: value for name, value in address.query.items() if name in DSN_OPTIONS}
    if dsn_options:
        dsn = f"postgresql://?{urlencode(dsn_options, doseq=True)}"
        address = address.difference_update_query(list(dsn_options)).update_query_dict({"dsn": dsn})
    address = address.difference_update_query(list(CLIENT_ONLY))
    return address.set(drivername="postgresql+asyncpg")


def prepare_sqlite_file(path: Path) -> None:
    """Create the file, readable by its owner only, and switch it to WAL, which is persistent.

    The switch does not wait for locks as other statements do, so retry for a while.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    deadline = time.monotonic() + SQLITE_BUSY_SECONDS
    while not _switched_to_wal(path):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is locked by another program.")
        time.sleep(0.05)


def _switched_to_wal(path: Path) -> bool:
    connection = sqlite3.connect(path, timeout=SQLITE_BUSY_SECONDS)
    try:
        return bool(connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",))
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    finally:
        connection.close()


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def _sqlite(address: URL, *, is_writing: bool) -> AsyncEngine:
    """Create a pool of one writing connection, so that writers queue in order, or of readers.

    With isolation_level None the driver never begins a transaction itself, on every Python
    version. Our explicit BEGIN makes savepoints and DDL part of the transaction.
    """
    engine = create_async_engine(
        address,
        pool_size=1 if is_writing else SQLITE_READERS,
        max_overflow=0,
        pool_timeout=WRITE_POOL_TIMEOUT,
        connect_args={"isolation_level": None, "timeout": SQLITE_BUSY_SECONDS},
    )
    begin = "BEGIN IMMEDIATE" if is_writing else "BEGIN"
    pragmas = _pragmas(is_writing=is_writing)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        add_to_sqlite(connection)

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    @sa.event.listens_for(engine.sync_engine, "invalidate")
    def _on_invalidate(connection: DBAPIConnection, _record: object, _error: object) -> None:
        roll_back_soon(connection)

    return engine


def _pragmas(*, is_writing: bool) -> tuple[str, ...]:
    """Return the pragmas of a new connection. FULL: a committed payment survives a power cut.

    No mmap: a file that is replaced or truncated would kill the process with a signal.
    """
    return (
        f"busy_timeout={SQLITE_BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
        "journal_mode=WAL",
        f"synchronous={'FULL' if is_writing else 'NORMAL'}",
        "cache_size=-16000",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
        f"query_only={'OFF' if is_writing else 'ON'}",
    )


def _postgres(
    address: URL, max_connections: int, *, is_writing: bool, has_pooler: bool
) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_size=min(max_connections, POOL_SIZE),
        max_overflow=max(0, max_connections - POOL_SIZE),
        pool_timeout=WRITE_POOL_TIMEOUT if is_writing else POSTGRES_TIMEOUT,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "timeout": POSTGRES_TIMEOUT,
            "command_timeout": 20,
            **_server_settings(is_writing=is_writing, has_pooler=has_pooler),
        },
    )

    # SQLAlchemy's own ping sends BEGIN, an empty statement and ROLLBACK before each transaction.
    engine.dialect.do_ping = _begin_as_ping  # type: ignore[assignment,method-assign]
    return engine


def _server_settings(*, is_writing: bool, has_pooler: bool) -> dict[str, Any]:
    """Return the connection arguments that pass POSTGRES_SETTINGS and the access mode."""
    name = {"application_name": APPLICATION_NAME}
    if has_pooler:
        connection_class = connection_with_settings(POSTGRES_SETTINGS, is_writing=is_writing)
        return {
            "server_settings": name,
            "connection_class": connection_class,
            **unnamed_statements(),
        }
    access = {
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off" if is_writing else "on",
    }
    return {"server_settings": name | access | POSTGRES_SETTINGS}


async def settings_arrive(database: Database) -> bool:
    """Return whether our settings reach the server: a pooler may drop them."""
    async with database.read_session() as session:
        settings = await session.execute(
            sa.text(
                "SELECT current_setting('lock_timeout'), current_setting('transaction_read_only')"
            )
        )
        return tuple(settings.one()) == (POSTGRES_SETTINGS["lock_timeout"], "on")


def _begin_as_ping(connection: Any) -> bool:  # noqa: ANN401 - the type belongs to the dialect
    """Begin the transaction as a liveness check, because a dead connection cannot begin one.

    This saves a round trip: the dialect would begin at the first statement, and begins only once.
    """
    try:
        connection.run_async(lambda _driver: connection._start_transaction())  # noqa: SLF001
    except Exception:  # noqa: BLE001 - after any error the connection is unusable
        return False
    return True
