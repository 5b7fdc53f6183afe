"""The database connections: one engine to read, one to write, tuned for each kind of database.

Two engines, so that a payment is recorded while every reading connection serves a page.
"""

import sqlite3
import time
from collections.abc import Callable, Collection
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
from coursebook.persistence.engine.file_lock import FileLock, share
from coursebook.persistence.engine.pgbouncer import told_with_each_transaction, unnamed_statements
from coursebook.settings import CLIENT_ONLY, MOST_CONNECTIONS

SQLITE_READERS = 8
SQLITE_BUSY_SECONDS = 10
PATIENCE_SECONDS = 30
"""How long a change waits for its connection: the queue of a crowd at one course is long."""
POSTGRES_SECONDS = 10
POSTGRES_NAME = "coursebook"
POOL_SIZE = 10
"""Connections that stay open when nobody needs them any more, for reading and for writing each."""
POSTGRES_SETTINGS = {
    "lock_timeout": "5s",
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "30s",
    "jit": "off",  # compiling costs more than it gives on queries of a few rows
    "random_page_cost": "1.1",  # as on an SSD: else a search of 100,000 courses reads all of them
}


OF_THE_DSN = (
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
"""Options of libpq that asyncpg reads from an address, but does not take one by one."""


@dataclass(frozen=True)
class Database:
    """The two engines. Use `async with database.write_session() as session, session.begin():`.

    On SQLite a writing transaction begins with BEGIN IMMEDIATE: whoever is inside is alone.
    A reading session cannot write; the database itself refuses it. `announce` is told after each
    commit what was touched; it neither waits nor fails.
    """

    reading: AsyncEngine
    writing: AsyncEngine
    read_session: async_sessionmaker[AsyncSession]
    write_session: async_sessionmaker[AsyncSession]
    announce: Callable[[Collection[str]], None] = field(default=lambda _topics: None, repr=False)
    lock: FileLock | None = field(default=None, repr=False)
    """Keeps `restore` away from an SQLite file for as long as it is open (file_lock.py)."""

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
    url: str, *, connections: int = MOST_CONNECTIONS, has_pooler: bool = False
) -> Database:
    """Make the engines for `sqlite…:///file` or `postgresql…://…`. Opens no connection yet.

    To PostgreSQL it opens at most so many `connections`; `has_pooler`: PgBouncer is in between.
    Raises ValueError for another kind of database, or SQLite without a file, and DatabaseInUse
    while an SQLite file is being restored.
    """
    address, lock = async_url(url), None
    if address.get_backend_name() == "sqlite":
        path = Path(str(address.database))
        lock = share(path)
        prepare_sqlite_file(path)
        reading, writing = _sqlite(address, is_writing=False), _sqlite(address, is_writing=True)
    else:
        most = max(1, connections * 3 // 7)
        writing = _postgres(address, most, is_writing=True, has_pooler=has_pooler)
        most = max(1, connections - most)
        reading = _postgres(address, most, is_writing=False, has_pooler=has_pooler)
    return Database(reading, writing, _sessions(reading), _sessions(writing), lock=lock)


def async_url(url: str) -> URL:
    """Return the address with the asynchronous driver named, whatever its writer named.

    `sslmode=` is libpq's word, which hosts hand out; asyncpg knows the same values as `ssl=`. The
    files of certificates and `options` it reads only from an address of its own (`dsn=`).
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
    in_dsn = {name: value for name, value in address.query.items() if name in OF_THE_DSN}
    if in_dsn:
        dsn = f"postgresql://?{urlencode(in_dsn, doseq=True)}"
        address = address.difference_update_query(list(in_dsn)).update_query_dict({"dsn": dsn})
    address = address.difference_update_query(list(CLIENT_ONLY))
    return address.set(drivername="postgresql+asyncpg")


def prepare_sqlite_file(path: Path) -> None:
    """Make the file, for its owner's eyes only, and switch it to WAL, which the file remembers.

    Switching does not wait for others as other statements do, so we try again for a while.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    give_up = time.monotonic() + SQLITE_BUSY_SECONDS
    while not _switched_to_wal(path):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{path} is locked by another program.")
        time.sleep(0.05)


def _switched_to_wal(path: Path) -> bool:
    connection = sqlite3.connect(path, timeout=SQLITE_BUSY_SECONDS)
    try:
        return bool(connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",))
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    finally:
        connection.close()


def _sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def _sqlite(address: URL, *, is_writing: bool) -> AsyncEngine:
    """One writer, so that writers queue in order inside the process; several readers beside it.

    With isolation_level None the driver never begins a transaction on its own (the same on
    every Python version); our BEGIN then makes savepoints and DDL obey a rollback as well.
    """
    engine = create_async_engine(
        address,
        pool_size=1 if is_writing else SQLITE_READERS,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        connect_args={"isolation_level": None, "timeout": SQLITE_BUSY_SECONDS},
    )
    begin = "BEGIN IMMEDIATE" if is_writing else "BEGIN"
    pragmas = _pragmas(is_writing=is_writing)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: DBAPIConnection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    @sa.event.listens_for(engine.sync_engine, "invalidate")
    def _given_up(connection: DBAPIConnection, _record: object, _why: object) -> None:
        roll_back_soon(connection)

    return engine


def _pragmas(*, is_writing: bool) -> tuple[str, ...]:
    """Return what each new connection is told. FULL: money that was committed survives a power cut.

    No mmap: a file that `restore` replaces or that is cut short would end the process by a signal.
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


def _postgres(address: URL, most: int, *, is_writing: bool, has_pooler: bool) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_size=min(most, POOL_SIZE),
        max_overflow=max(0, most - POOL_SIZE),
        pool_timeout=PATIENCE_SECONDS if is_writing else POSTGRES_SECONDS,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "timeout": POSTGRES_SECONDS,
            "command_timeout": 20,
            **_told(is_writing=is_writing, has_pooler=has_pooler),
        },
    )

    # SQLAlchemy's own ping asks three times (BEGIN, «;», ROLLBACK) before every transaction.
    engine.dialect.do_ping = _begins  # type: ignore[assignment,method-assign]
    return engine


def _told(*, is_writing: bool, has_pooler: bool) -> dict[str, Any]:
    """Return how the server learns POSTGRES_SETTINGS, and whether we write."""
    name = {"application_name": POSTGRES_NAME}
    if has_pooler:
        kind = told_with_each_transaction(POSTGRES_SETTINGS, is_writing=is_writing)
        return {"server_settings": name, "connection_class": kind, **unnamed_statements()}
    rights = {
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off" if is_writing else "on",
    }
    return {"server_settings": name | rights | POSTGRES_SETTINGS}


async def settings_arrive(database: Database) -> bool:
    """Tell whether the server has heard our settings: a pooler may have kept them to itself."""
    async with database.read_session() as session:
        heard = await session.execute(
            sa.text(
                "SELECT current_setting('lock_timeout'), current_setting('transaction_read_only')"
            )
        )
        return tuple(heard.one()) == (POSTGRES_SETTINGS["lock_timeout"], "on")


def _begins(connection: Any) -> bool:  # noqa: ANN401 - what the dialect hands over
    """Begin the transaction that the connection is wanted for: a dead one cannot.

    So asking whether it lives costs no question of its own. The dialect would begin at the first
    statement, and begins only once.
    """
    try:
        connection.run_async(lambda _driver: connection._start_transaction())  # noqa: SLF001
    except Exception:  # noqa: BLE001 - whatever it is, this connection is not to be used
        return False
    return True
