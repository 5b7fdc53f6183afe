"""Helpers for commands that use the database directly, whether or not the product is running."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TypeVar, cast

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from coursebook.errors import CoursebookError
from coursebook.payments.gateway import Gateway
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.maintenance.migrate import (
    NewerTables,
    head_revision,
    knows_revision,
    migration_engine,
    stored_revision,
)
from coursebook.persistence.unit_of_work import reading
from coursebook.run.problem import CannotStart
from coursebook.run.supervisor.locks import lock_for_serving
from coursebook.services.context import Context
from coursebook.settings import Settings
from coursebook.wiring import context_of, database_of

T = TypeVar("T")
SERVING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name IN ('coursebook', 'coursebook live')"
)


def run_with_context(
    settings: Settings, act: Callable[[Context], Coroutine[object, object, T]]
) -> T:
    """Run `act` with a context that has a database but no gateway. Raises CannotStart.

    The command prints its own result, so only warnings are logged.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    async def run() -> T:
        database = database_of(settings)
        try:
            await require_current_schema(database)
            return await act(context_of(settings, database, cast("Gateway", None)))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except CoursebookError as error:
        raise CannotStart(f"The database cannot be used ({error.__cause__}).") from None
    except (OSError, DBAPIError) as error:
        raise CannotStart(f"The database cannot be used ({error}).") from None


async def require_current_schema(database: Database) -> None:
    """Raise CannotStart when the schema is not of this program's version."""
    async with reading(database) as work:
        revision = await stored_revision(work.session)
    if revision is not None and not knows_revision(revision):
        raise CannotStart(str(NewerTables(revision)))
    if revision != head_revision():
        was = revision or "none yet"
        raise CannotStart(
            f"The database schema is out of date ({was}, wanted {head_revision()}): run "
            "`coursebook migrate` first."
        )


def require_stopped(settings: Settings) -> None:
    """Raise CannotStart while the product serves this database."""
    lock_for_serving(settings, seconds=0)  # SQLite: held until this command ends
    if not settings.async_database_url.startswith("sqlite") and asyncio.run(_is_served(settings)):
        raise CannotStart("coursebook is connected to this database: stop it first.")


async def _is_served(settings: Settings) -> bool:
    engine = migration_engine(settings.async_database_url, is_writing=False)
    try:
        async with engine.connect() as connection:
            return bool(await connection.scalar(SERVING))
    except (OSError, DBAPIError) as error:
        raise CannotStart(f"The database cannot be used ({error}).") from None
    finally:
        await engine.dispose()
