"""`python -m coursebook.run.prepare [--seed]`: bring the database to its newest form.

A process of its own, so that the supervisor stays small. Prints what it did, exits 1 with one
sentence when the database cannot be reached.
"""

import asyncio
import sys

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from coursebook.persistence.migrate import upgrade_to_head
from coursebook.services.seed import seed_if_empty
from coursebook.settings import SettingsError, load_settings


def main(arguments: list[str]) -> int:
    """Migrate and, when asked, load the sample courses into an empty database."""
    try:
        asyncio.run(_prepare(load_settings().async_database_url, is_seeding="--seed" in arguments))
    except SettingsError as problem:
        return _say(str(problem))
    except (OSError, DBAPIError) as problem:
        cause = getattr(problem, "orig", None) or problem
        return _say(f"DATABASE_URL: the database cannot be used ({_first_line(cause)}).")
    except SQLAlchemyError as problem:
        return _say(f"The database cannot be used: {_first_line(problem)}")
    return 0


async def _prepare(url: str, *, is_seeding: bool) -> None:
    await upgrade_to_head(url)
    if is_seeding:
        await seed_if_empty(url)


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _first_line(problem: BaseException) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
