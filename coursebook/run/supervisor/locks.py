"""One run per data folder, and how other commands find it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from coursebook.run.problem import CannotStart


@contextmanager
def sole_run(data: Path, facts: dict[str, str | None]) -> Iterator[None]:
    """Hold the data folder while running. Raises CannotStart when another run has it.

    `facts` (addresses) are left in `run.json` for `coursebook token` and the like. That file is
    also the lock: the kernel's, so a process that was killed leaves none behind.
    """
    path = data / "run.json"
    try:
        lock = FileLock(path, preserve_lock_file=True).acquire(blocking=False)
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
    """Return what the present run left, or nothing when none runs."""
    try:
        found = json.loads((data / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return {name: str(value) for name, value in found.items() if value}
