"""Brings a database to the newest tables, once, however many processes start at the same time."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
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
from coursebook.persistence.engine.file_lock import share
from coursebook.persistence.engine.pgbouncer import unnamed_statements
from coursebook.persistence.schema import search_tables, tables

METADATA = SQLModel.metadata
is_ours = search_tables.is_ours
ADVISORY_LOCK = 0x636F757273650001
"""Any number that nothing else locks in this database: `course` in ASCII, and a 1."""
PATIENCE_SECONDS = 120
HERE = Path(tables.__file__).resolve().parents[1]
PLACES = (HERE.parents[1] / "alembic", HERE / "alembic")
"""Where the migrations are: beside the package in a source tree, inside it when installed."""


class NewerTables(Exception):
    """The tables are of a newer coursebook; the message is one sentence with the ways out."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database has the tables of a newer coursebook ({revision}; this one knows "
            f"{head_revision()}): start the newer version again, or restore the backup made "
            "before the upgrade with `coursebook restore FILE --yes`."
        )


async def upgrade_to_head(url: str) -> None:
    """Run every migration that is missing, in one transaction, holding a lock meanwhile.

    Raises NewerTables.
    """
    await _run(url, command.upgrade, "head")


async def downgrade_to(url: str, revision: str) -> None:
    """Take migrations back down to `revision`; `base` leaves no table of ours."""
    await _run(url, command.downgrade, revision)


async def current_and_head(url: str) -> tuple[str | None, str]:
    """Return the revision of the database (None: none yet) and the newest one we know."""
    engine = migration_engine(url, is_writing=False)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision_of), head_revision()
    finally:
        await engine.dispose()


async def stored_revision(session: AsyncSession) -> str | None:
    """Return the revision of the database over a connection that is open already."""
    return await (await session.connection()).run_sync(_revision_of)


async def refuse_newer(url: str) -> None:
    """Raise NewerTables for a database that a newer coursebook has migrated."""
    current, _head = await current_and_head(url)
    _refuse_newer(current)


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and not knows_revision(revision):
        raise NewerTables(revision)


def head_revision() -> str:
    """Return the newest revision in the folder of migrations."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise FileNotFoundError(f"No migrations in {migrations_folder()}.")
    return head


def knows_revision(revision: str) -> bool:
    """Tell whether a revision is one of ours; of a newer version it is not."""
    known = ScriptDirectory.from_config(config()).walk_revisions()
    return any(one.revision == revision for one in known)


def config() -> Config:
    """Return Alembic's configuration, independent of the folder we were started in."""
    made = Config()
    made.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def migrations_folder() -> Path:
    """Return the folder that holds env.py. Raises FileNotFoundError when it is not there."""
    for place in PLACES:
        if (place / "env.py").is_file():
            return place
    raise FileNotFoundError(f"The migrations are missing: looked in {PLACES[0]} and {PLACES[1]}.")


def migration_engine(url: str, *, is_writing: bool = True) -> AsyncEngine:
    """Return an engine for one connection, without the short limits that requests have.

    On SQLite foreign keys are off: changing a table means making it anew and dropping the old
    one, which would delete what refers to it (sqlite.org/lang_altertable.html, section 7).
    """
    address = async_url(url)
    if address.get_backend_name() == "postgresql":
        told = {"server_settings": {"application_name": "coursebook migrate"}}
        return create_async_engine(
            address, poolclass=NullPool, connect_args=told | unnamed_statements()
        )
    if is_writing:
        prepare_sqlite_file(Path(str(address.database)))
    engine = create_async_engine(
        address,
        poolclass=NullPool,
        connect_args={"isolation_level": None, "timeout": PATIENCE_SECONDS},
    )

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


async def _run(url: str, what: Callable[[Config, str], None], revision: str) -> None:
    with _shared(url):
        engine = migration_engine(url)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_locked, what, revision)
        finally:
            await engine.dispose()


def _shared(url: str) -> AbstractContextManager[object]:
    """Keep `restore` away from an SQLite file meanwhile."""
    address = async_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    return share(Path(str(address.database))) if is_sqlite else nullcontext()


def _locked(connection: sa.Connection, what: Callable[[Config, str], None], revision: str) -> None:
    """Run one Alembic command. BEGIN IMMEDIATE is the lock on SQLite."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
    _refuse_newer(_revision_of(connection))
    made = config()
    made.attributes["connection"] = connection
    what(made, revision)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"The migration would leave rows without their parent: {broken[:5]}")


def _revision_of(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
