"""Who uses an SQLite file: everybody who opens it shares one lock, `restore` needs it alone.

The lock is the kernel's (flock), on a file beside the database that is never replaced, so a process
that was killed leaves none behind.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PATIENCE_SECONDS = 3.0


class DatabaseInUse(OSError):
    """The lock could not be had; the message is one sentence."""


def share(database: Path, seconds: float = PATIENCE_SECONDS) -> IO[str]:
    """Return an open file that keeps `restore` away until it is closed.

    Raises DatabaseInUse while the database is being replaced.
    """
    file = _lock_file(database).open("a")
    if _take(file, fcntl.LOCK_SH, seconds):
        return file
    file.close()
    raise DatabaseInUse(f"{database} is being restored at this moment: try again in a moment.")


@contextmanager
def alone(database: Path, seconds: float = 0.0) -> Iterator[None]:
    """Keep everybody else away. Raises DatabaseInUse when anybody has the database open."""
    with _lock_file(database).open("a") as file:
        if not _take(file, fcntl.LOCK_EX, seconds):
            raise DatabaseInUse(
                f"{database} is in use: stop coursebook, and every other program that has it open, "
                "first."
            )
        yield


def _lock_file(database: Path) -> Path:
    """Return the lock's file, the same for every name that leads to the database."""
    real = database.resolve()
    real.parent.mkdir(parents=True, exist_ok=True)
    return real.with_name(f"{real.name}.lock")


def _take(file: IO[str], kind: int, seconds: float) -> bool:
    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                return False
            time.sleep(0.05)
        else:
            return True
