"""Migrate a database to the newest tables. Processes that start together migrate it once."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from coursebook.persistence.engine.databases import async_url, prepare_sqlite_file
from coursebook.persistence.engine.file_lock import lock_shared
from coursebook.persistence.engine.pgbouncer import unnamed_statements
from coursebook.persistence.schema import search_tables, tables

METADATA = SQLModel.metadata
is_ours = search_tables.is_ours
ADVISORY_LOCK = 0x636F757273650001
"""An arbitrary number that no other lock in this database uses: `course` in ASCII, and a 1."""
TIMEOUT = 120
HERE = Path(tables.__file__).resolve().parents[1]
MIGRATION_FOLDERS = (HERE.parents[1] / "alembic", HERE / "alembic")
"""Folders of the migrations: beside the package in a source tree, inside it when installed."""


class NewerTables(Exception):
    """A newer coursebook migrated the database. The message is one sentence with the remedies."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database has the tables of a newer coursebook ({revision}; this one knows "
            f"{head_revision()}): start the newer version again, or restore the backup made "
            "before the upgrade with `coursebook restore FILE --yes`."
        )


async def upgrade_to_head(url: str) -> None:
    """Run every missing migration in one transaction, under a lock.

    Raises NewerTables.
    """
    await _run(url, command.upgrade, "head")


async def downgrade_to(url: str, revision: str) -> None:
    """Revert migrations down to `revision`. `base` drops all our tables."""
    await _run(url, command.downgrade, revision)


async def current_and_head(url: str) -> tuple[str | None, str]:
    """Return the revision of the database (None: not migrated yet) and our newest one."""
    engine = migration_engine(url, is_writing=False)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision_of), head_revision()
    finally:
        await engine.dispose()


async def stored_revision(session: AsyncSession) -> str | None:
    """Return the revision of the database over an open session."""
    return await (await session.connection()).run_sync(_revision_of)


async def refuse_newer(url: str) -> None:
    """Raise NewerTables when a newer coursebook has migrated the database."""
    current, _head = await current_and_head(url)
    _refuse_newer(current)


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and not knows_revision(revision):
        raise NewerTables(revision)


def head_revision() -> str:
    """Return the newest revision in the migrations folder."""
    head = _scripts(migrations_folder()).get_current_head()
    if head is None:
        raise FileNotFoundError(f"No migrations in {migrations_folder()}.")
    return head


def knows_revision(revision: str) -> bool:
    """Return whether this version has the revision. A newer version may have more."""
    revisions = _scripts(migrations_folder()).walk_revisions()
    return any(script.revision == revision for script in revisions)


@cache
def _scripts(_folder: Path) -> ScriptDirectory:
    """Return the migrations. A process reads them once: it takes 30 ms of a processor."""
    return ScriptDirectory.from_config(config())


def config() -> Config:
    """Return Alembic's configuration, independent of the working directory."""
    alembic_config = Config()
    alembic_config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    alembic_config.set_main_option("path_separator", "os")
    return alembic_config


def migrations_folder() -> Path:
    """Return the folder that holds env.py. Raises FileNotFoundError."""
    for folder in MIGRATION_FOLDERS:
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError(
        f"The migrations are missing: looked in {MIGRATION_FOLDERS[0]} and {MIGRATION_FOLDERS[1]}."
    )


def migration_engine(url: str, *, is_writing: bool = True) -> AsyncEngine:
    """Return an engine for one connection, without the short limits that requests have.

    On SQLite foreign keys are off: a changed table is created again and the old one dropped,
    which would delete the rows that refer to it (sqlite.org/lang_altertable.html, section 7).
    """
    address = async_url(url)
    if address.get_backend_name() == "postgresql":
        server_settings = {"server_settings": {"application_name": "coursebook migrate"}}
        return create_async_engine(
            address, poolclass=NullPool, connect_args=server_settings | unnamed_statements()
        )
    if is_writing:
        prepare_sqlite_file(Path(str(address.database)))
    engine = create_async_engine(
        address,
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": TIMEOUT},
    )

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


async def _run(url: str, run_command: Callable[[Config, str], None], revision: str) -> None:
    with _restore_lock(url):
        engine = migration_engine(url)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_run_locked, run_command, revision)
        finally:
            await engine.dispose()


def _restore_lock(url: str) -> AbstractContextManager[object]:
    """Return a lock that keeps `restore` away from an SQLite file."""
    address = async_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    return lock_shared(Path(str(address.database))) if is_sqlite else nullcontext()


def _run_locked(
    connection: sa.Connection, run_command: Callable[[Config, str], None], revision: str
) -> None:
    """Run one Alembic command. BEGIN IMMEDIATE is the lock on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    _refuse_newer(_revision_of(connection))
    alembic_config = config()
    alembic_config.attributes["connection"] = connection
    run_command(alembic_config, revision)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"The migration would leave rows without their parent: {broken[:5]}")


def _revision_of(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
