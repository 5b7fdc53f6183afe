"""Locks of files: one run for each data folder, one serving process for each SQLite database.

They are the kernel's locks, so a process that was killed leaves none behind.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import AcquireReturnProxy, BaseFileLock, FileLock, Timeout
from sqlalchemy.engine import make_url

from coursebook.run.problem import CannotStart
from coursebook.settings import Settings

TIMEOUT_SECONDS = 3.0
"""The previous process may still be shutting down when the next one starts."""
_held: list[BaseFileLock] = []


@contextmanager
def sole_run(data: Path, facts: dict[str, str | None]) -> Iterator[None]:
    """Hold the lock of the data folder. Raises CannotStart when another run holds it.

    `facts` (addresses) are written to `run.json` for `coursebook token` and other commands. That
    file is also the lock.
    """
    path = data / "run.json"
    try:
        lock = acquire_file_lock(path, timeout=0)
    except Timeout:
        other = read_run(data)
        where = f" at {other['public_url']}" if "public_url" in other else ""
        raise CannotStart(
            f"coursebook is already running{where} with the data folder {data}. "
            "Stop it first, or set COURSEBOOK_DATA and PORT for a second one."
        ) from None
    with lock, path.open("w") as file:
        json.dump({**facts, "pid": str(os.getpid())}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def read_run(data: Path) -> dict[str, str]:
    """Return the facts of the current run, or an empty dict when none is running."""
    try:
        facts = json.loads((data / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return {name: str(value) for name, value in facts.items() if value}


def lock_for_serving(settings: Settings, seconds: float = TIMEOUT_SECONDS) -> None:
    """Lock the SQLite database for the lifetime of this process; do nothing on PostgreSQL.

    `coursebook run` starts one process on SQLite. The lock is for granian started by hand with
    `--workers 2`: each worker would have its own page state, limits and background worker.
    Raises CannotStart when another process still holds the lock after `seconds`.
    """
    address = make_url(settings.async_database_url)
    if address.get_backend_name() != "sqlite":
        return
    database = Path(str(address.database)).resolve()  # one lock for every path to this file
    database.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock = acquire_file_lock(
            database.with_name(f"{database.name}.serving"), timeout=seconds
        ).lock
    except Timeout:
        raise CannotStart(
            f"DATABASE_URL: another process serves the SQLite database {database}, and "
            "SQLite supports only one. Start one worker, or use PostgreSQL and Redis."
        ) from None
    _held.append(lock)


def acquire_file_lock(path: Path, *, timeout: float = -1) -> AcquireReturnProxy[BaseFileLock]:
    """Return the held lock of a file; a negative `timeout` (seconds) waits without a limit.

    Raises Timeout, and CannotStart when the file is a symbolic link: the lock's owner writes to the
    file, and must not write to a file chosen by another user.
    """
    # preserve_lock_file: the lock is the kernel's, never the existence of the file.
    lock: BaseFileLock = FileLock(path, thread_local=False, preserve_lock_file=True)
    try:
        return lock.acquire(timeout=timeout)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise CannotStart(
            f"{path} is a symbolic link, and a lock file must be a regular file: delete the link "
            "and try again."
        ) from None
