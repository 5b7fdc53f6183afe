"""Heartbeats: each serving process touches a file named by its process id.

A hung process (blocked event loop, SIGSTOP) keeps its port and its connections, so it never
appears to end. Its file grows old, and the supervisor replaces the process.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

VARIABLE = "COURSEBOOK_BEATS"
"""The environment variable that names the folder of the files."""
EVERY_SECONDS = 2.0
HUNG_SECONDS = 15.0
"""A process without a heartbeat for this long is replaced. A loaded machine is slower than usual,
but not by this much."""
CHECK_SECONDS = 1.0
ASLEEP_SECONDS = 10.0
"""A supervisor that did not check for this long was itself stopped, so its records are stale."""


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Send heartbeats from this event loop during the block, if a supervisor named a folder."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        yield
        return
    file = Path(folder) / str(os.getpid())
    task = asyncio.create_task(_beat(file), name="beat")
    try:
        yield
    finally:
        task.cancel()
        with suppress(OSError):
            file.unlink()


async def _beat(file: Path) -> None:
    while True:
        _touch(file)
        await asyncio.sleep(EVERY_SECONDS)


def _touch(file: Path) -> None:
    with suppress(OSError):  # a full disk: no file, so the supervisor does not expect one
        file.touch()


class Heartbeats:
    """The heartbeats that the supervisor has observed, by its monotonic clock.

    The time at which a change was observed counts, not the file's time, so a changed clock or a
    suspended machine makes no process look hung.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last_change: dict[int, tuple[int | None, float]] = {}
        self._last_check = float("-inf")

    def begin(self) -> None:
        """Delete the files of the previous run."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def hung(self, now: float, children: Iterable[int]) -> list[int]:
        """Return the processes without a heartbeat for too long; checks once a second.

        `children` are the processes that we started. A descendant that sends no heartbeats, because
        it only starts others or has just begun, counts as hung when a signal has stopped it.
        """
        since = now - self._last_check
        if since < CHECK_SECONDS:
            return []
        self._last_check = now
        if since > ASLEEP_SECONDS:
            self._last_change.clear()
        signs = self._signs()
        signs |= {pid: None for pid in _families(children) if pid not in signs and _is_stopped(pid)}
        for pid in [pid for pid in self._last_change if pid not in signs]:
            del self._last_change[pid]
        hung = []
        for pid, sign in signs.items():
            previous = self._last_change.get(pid)
            if previous is None or previous[0] != sign:
                self._last_change[pid] = (sign, now)
            elif now - previous[1] > HUNG_SECONDS:
                hung.append(pid)
                del self._last_change[pid]
                self._forget(pid)
        return hung

    def _signs(self) -> dict[int, int | None]:
        signs: dict[int, int | None] = {}
        with suppress(OSError):
            for file in self._folder.iterdir():
                with suppress(OSError, ValueError):
                    signs[int(file.name)] = file.stat().st_mtime_ns
        return signs

    def _forget(self, pid: int) -> None:
        with suppress(OSError):
            (self._folder / str(pid)).unlink()


def belongs_to(pid: int, child: int) -> bool:
    """Tell whether process `pid` is `child` or was started by it.

    A file may outlive its process, and the pid may have been reused. Each child leads its own
    session.
    """
    with suppress(OSError):
        return os.getsid(pid) == child
    return False


def _families(children: Iterable[int]) -> Iterator[int]:
    """Yield these processes and all their descendants (proc(5): task/[tid]/children)."""
    waiting = list(children)
    while waiting:
        pid = waiting.pop()
        yield pid
        with suppress(OSError):
            for file in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += (int(word) for word in file.read_text().split())


def _is_stopped(pid: int) -> bool:
    """Tell whether a process was stopped by a signal (proc(5): state T)."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False
