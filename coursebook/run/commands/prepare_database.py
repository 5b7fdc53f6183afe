"""Prepare the database before a start.

`--seed-if-empty` and `--seed` add the sample courses, `--team` the sample team of the sandbox.
`--start` also checks that the database belongs to PUBLIC_URL, for a product that is about to start.

`preparation.py` is the process that does it.
"""

import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from coursebook.errors import CoursebookError
from coursebook.payments.stripe_gateway import StripeGateway
from coursebook.persistence.engine.databases import Database, settings_arrive
from coursebook.persistence.maintenance.migrate import NewerTables, upgrade_to_head
from coursebook.services.seeding.sample_people import seed_people
from coursebook.services.seeding.sample_team import seed_team
from coursebook.services.seeding.seed import seed, seed_if_empty
from coursebook.settings import Settings, SettingsError, load_settings
from coursebook.wiring import check, check_installation, context_of, database_of

START, TEAM = "--start", "--team"
SEEDERS = {"--seed": seed, "--seed-if-empty": seed_if_empty}


def main(arguments: list[str]) -> int:
    """Migrate and, on request, load the sample courses; return the exit code.

    It is 1, after one sentence, when the database cannot be used.
    """
    try:
        settings = load_settings()
        check(settings)
        asyncio.run(_prepare(settings, arguments))
    except SettingsError as error:
        return _say(str(error))
    except NewerTables as error:
        return _say(str(error))
    except CoursebookError as error:
        return _say(f"DATABASE_URL: the database cannot be used ({error.__cause__}).")
    except (OSError, DBAPIError) as error:
        cause = getattr(error, "orig", None) or error
        return _say(f"DATABASE_URL: the database cannot be used ({_first_line(cause)}).")
    except SQLAlchemyError as error:
        return _say(f"The database cannot be used: {_first_line(error)}")
    return 0


async def _prepare(settings: Settings, arguments: list[str]) -> None:
    await upgrade_to_head(settings.async_database_url)
    database = database_of(settings)
    try:
        await _check_connection(database)
        if START in arguments and settings.has_keys:
            await _check_installation(settings, database)
        for argument in (a for a in arguments if a in SEEDERS):
            added = await SEEDERS[argument](database, datetime.now(UTC))
            print(f"{added} sample courses added.")
        if TEAM in arguments:
            await seed_team(database, datetime.now(UTC))
            await seed_people(database, datetime.now(UTC))
    finally:
        await database.close()


async def _check_connection(database: Database) -> None:
    """Raise SettingsError when a pooler drops our connection settings."""
    if database.is_sqlite:
        return
    try:
        if await settings_arrive(database):
            return
    except DBAPIError as error:
        if "startup parameter" not in str(error.orig):
            raise
    raise SettingsError(
        "DATABASE_URL leads to a pooler (PgBouncer) that drops our lock timeout: set "
        "DATABASE_POOLER=true, or use the address of PostgreSQL itself."
    )


async def _check_installation(settings: Settings, database: Database) -> None:
    gateway = StripeGateway(settings.stripe_secret_key, settings.stripe_webhook_secret)
    try:
        await check_installation(context_of(settings, database, gateway))
    finally:
        await gateway.close()


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
