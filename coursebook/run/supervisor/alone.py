"""SQLite serves one process: a second one on the same file is refused.

`coursebook run` starts only one. This is for granian started by hand with `--workers 2`, whose
workers would each have a state of the pages, limits and a worker of their own.
"""

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout
from sqlalchemy.engine import make_url

from coursebook.run.problem import CannotStart
from coursebook.settings import Settings

PATIENCE_SECONDS = 3.0
"""The process before may still be ending when the next one starts."""
_held: list[BaseFileLock] = []


def stay_alone(settings: Settings, seconds: float = PATIENCE_SECONDS) -> None:
    """Keep the database to this process for as long as it lives; PostgreSQL serves any number.

    Raises CannotStart when another process still has it after `seconds`.
    """
    address = make_url(settings.async_database_url)
    if address.get_backend_name() != "sqlite":
        return
    database = Path(str(address.database)).resolve()  # one lock for every name that leads to it
    database.parent.mkdir(parents=True, exist_ok=True)
    # preserve_lock_file: the kernel's lock or none, never a marker file that outlives a crash.
    lock = FileLock(
        database.with_name(f"{database.name}.serving"), thread_local=False, preserve_lock_file=True
    )
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise CannotStart(
            f"DATABASE_URL: another process serves the SQLite database {database}, and "
            "SQLite supports only one. Start one worker, or use PostgreSQL and Redis."
        ) from None
    _held.append(lock)
