"""Who uses an SQLite file: everybody who opens it shares one lock, `restore` needs it alone.

The lock is the kernel's (flock), on a file beside the database that is never replaced, so a process
that was killed leaves none behind. Not `filelock`, which the other locks use: its kernel lock is
exclusive only, and its lock for readers and a writer is a second SQLite database.
"""

import fcntl
import os
import time
import weakref
from pathlib import Path
from typing import Self

PATIENCE_SECONDS = 3.0


class DatabaseInUse(OSError):
    """The lock could not be had; the message is one sentence."""


class FileLock:
    """A lock that is held until it is closed, or its owner is gone."""

    def __init__(self, number: int) -> None:
        self._end = weakref.finalize(self, os.close, number)

    def close(self) -> None:
        """Let go. A second time is harmless."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()


def share(database: Path, seconds: float = PATIENCE_SECONDS) -> FileLock:
    """Keep `restore` away until the lock is closed.

    Raises DatabaseInUse while the database is being replaced.
    """
    lock = _taken(database, fcntl.LOCK_SH, seconds)
    if lock is None:
        raise DatabaseInUse(f"{database} is being restored: try again in a moment.")
    return lock


def alone(database: Path, seconds: float = 0.0) -> FileLock:
    """Keep everybody else away. Raises DatabaseInUse when anybody has the database open."""
    lock = _taken(database, fcntl.LOCK_EX, seconds)
    if lock is None:
        raise DatabaseInUse(
            f"{database} is in use: stop coursebook, and every other program that has it open, "
            "first."
        )
    return lock


def _taken(database: Path, kind: int, seconds: float) -> FileLock | None:
    real = database.resolve()  # the same lock for every name that leads to the database
    real.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(real.with_name(f"{real.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(number, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= give_up:
                os.close(number)
                return None
            time.sleep(0.05)
        else:
            return FileLock(number)
