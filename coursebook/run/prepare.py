"""`python -m coursebook.run.prepare [--seed-if-empty|--seed]`: make the database ready for use.

A process of its own, so that the supervisor stays small. Exits 1 with one sentence when the
database cannot be used.
"""

import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from coursebook.errors import CoursebookError
from coursebook.persistence.engine import open_database
from coursebook.persistence.migrate import upgrade_to_head
from coursebook.services.seed import seed, seed_if_empty
from coursebook.settings import SettingsError, load_settings
from coursebook.wiring import check

SEEDERS = {"--seed": seed, "--seed-if-empty": seed_if_empty}


def main(arguments: list[str]) -> int:
    """Migrate and, when asked, load the sample courses; return the exit code."""
    try:
        settings = load_settings()
        check(settings)
        asyncio.run(_prepare(settings.async_database_url, arguments))
    except SettingsError as problem:
        return _say(str(problem))
    except CoursebookError as problem:
        return _say(f"DATABASE_URL: the database cannot be used ({problem.__cause__}).")
    except (OSError, DBAPIError) as problem:
        cause = getattr(problem, "orig", None) or problem
        return _say(f"DATABASE_URL: the database cannot be used ({_first_line(cause)}).")
    except SQLAlchemyError as problem:
        return _say(f"The database cannot be used: {_first_line(problem)}")
    return 0


async def _prepare(url: str, arguments: list[str]) -> None:
    await upgrade_to_head(url)
    for argument in arguments:
        database = open_database(url)
        try:
            added = await SEEDERS[argument](database, datetime.now(UTC))
        finally:
            await database.close()
        print(f"{added} sample courses added.")


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
