"""One run per data folder, and how other commands find it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coursebook.run.problem import CannotStart


@contextmanager
def sole_run(data: Path, facts: dict[str, str | None]) -> Iterator[None]:
    """Hold the data folder while running. Raises CannotStart when another run has it.

    `facts` (addresses) are left in `run.json` for `coursebook token` and the like.
    """
    with (data / "run.json").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = read_run(data)
            where = f" at {other['public_url']}" if "public_url" in other else ""
            raise CannotStart(
                f"coursebook is already running{where} with the data folder {data}. "
                "Stop it first, or set COURSEBOOK_DATA and PORT for a second one."
            ) from None
        file.truncate(0)
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
