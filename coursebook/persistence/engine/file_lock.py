"""The lock on an SQLite file: each program that opens it shares the lock, `restore` excludes them.

The lock is the kernel's (flock), on a file beside the database that is never replaced. A killed
process therefore leaves no lock behind. Not `filelock`, which the other locks use: its kernel lock
is exclusive only, and its lock for readers and a writer is a second SQLite database.
"""

import fcntl
import os
import time
import weakref
from pathlib import Path
from typing import Self

TIMEOUT = 3.0


class DatabaseInUse(OSError):
    """The lock is held by another program. The message is one sentence."""


class FileLock:
    """A lock that is held until it is closed or garbage-collected."""

    def __init__(self, descriptor: int) -> None:
        self._close = weakref.finalize(self, os.close, descriptor)

    def close(self) -> None:
        """Release the lock. A second call is harmless."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def lock_shared(database: Path, seconds: float = TIMEOUT) -> FileLock:
    """Keep `restore` away until the lock is closed.

    Raises DatabaseInUse while the database is being replaced.
    """
    lock = _acquire(database, fcntl.LOCK_SH, seconds)
    if lock is None:
        raise DatabaseInUse(f"{database} is being restored: try again in a moment.")
    return lock


def lock_exclusive(database: Path, seconds: float = 0.0) -> FileLock:
    """Lock out every other program. Raises DatabaseInUse when one has the database open."""
    lock = _acquire(database, fcntl.LOCK_EX, seconds)
    if lock is None:
        raise DatabaseInUse(
            f"{database} is in use: stop coursebook, and every other program that has it open, "
            "first."
        )
    return lock


def _acquire(database: Path, mode: int, seconds: float) -> FileLock | None:
    path = database.resolve()  # one lock for every symlink to the database
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.05)
        else:
            return FileLock(descriptor)
