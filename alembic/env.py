"""Alembic's environment: the connection, and the tables to compare with."""

import asyncio
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import AutoString

import coursebook.persistence.schema.tables  # noqa: F401 (fills the metadata)
from coursebook.persistence.engine.databases import async_url
from coursebook.persistence.maintenance.migrate import METADATA, is_ours, migration_engine
from coursebook.persistence.schema.columns import UtcDateTime
from coursebook.settings import load_settings


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types into a migration as the SQLAlchemy types that they wrap."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length})" if item.length else "sa.Text()"
    return False


def configure(connection: Connection) -> None:
    """Run the migrations. Batch mode recreates a table, since SQLite can alter little in place."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        include_name=is_ours,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def address() -> str:
    """Return the database URL from `-x url=…`, else from the settings."""
    given = context.get_x_argument(as_dictionary=True).get("url")
    return given or load_settings().async_database_url


async def run_from_command_line() -> None:
    """Open a connection and run the migrations."""
    engine = migration_engine(address())
    try:
        async with engine.begin() as connection:
            await connection.run_sync(configure)
    finally:
        await engine.dispose()


def print_sql() -> None:
    """Print the SQL instead of running it (`alembic upgrade head --sql`)."""
    context.configure(
        url=async_url(address()),
        target_metadata=METADATA,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
elif (handed := context.config.attributes.get("connection")) is not None:
    configure(handed)
else:
    asyncio.run(run_from_command_line())
