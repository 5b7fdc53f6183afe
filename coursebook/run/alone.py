"""SQLite serves one process: a second one on the same file is refused.

`coursebook run` starts only one. This is for granian started by hand with `--workers 2`, whose
workers would each have a state of the pages, limits and a worker of their own.
"""

import fcntl
import time
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from coursebook.run.problem import CannotStart
from coursebook.settings import Settings

PATIENCE_SECONDS = 3.0
"""The process before may still be ending when the next one starts."""
_held: list[IO[str]] = []


def stay_alone(settings: Settings, seconds: float = PATIENCE_SECONDS) -> None:
    """Keep the database to this process for as long as it lives; PostgreSQL serves any number.

    Raises CannotStart when another process still has it after `seconds`.
    """
    address = make_url(settings.async_database_url)
    if address.get_backend_name() != "sqlite":
        return
    database = Path(str(address.database)).resolve()  # one lock for every name that leads to it
    database.parent.mkdir(parents=True, exist_ok=True)
    file = database.with_name(f"{database.name}.serving").open("a")
    deadline = time.monotonic() + seconds
    while not _is_locked(file):
        if time.monotonic() > deadline:
            file.close()
            raise CannotStart(
                f"DATABASE_URL: another process serves the SQLite database {database}, and "
                "SQLite supports only one. Start one worker, or use PostgreSQL and Redis."
            )
        time.sleep(0.05)
    _held.append(file)


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
