"""Signs of life: each process of ours touches a file of its own, named by its process id.

A process that hangs (a blocked event loop, SIGSTOP) still has its port and its connections, so
its end is never seen. Its file grows old, and the supervisor replaces it.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

VARIABLE = "COURSEBOOK_BEATS"
"""Where `coursebook run` says in which folder the files lie."""
EVERY_SECONDS = 2.0
HUNG_SECONDS = 15.0
"""After so long without a sign a process is replaced. A loaded machine is slow, not silent."""
LOOK_SECONDS = 1.0
ASLEEP_SECONDS = 10.0
"""Who was not looking for so long was stopped itself, and knows nothing about the others."""


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Give signs of life from this event loop while the block lasts, where somebody looks."""
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
    with suppress(OSError):  # a full disk: nobody looks for a file that was never there
        file.touch()


class Beats:
    """What the supervisor has seen. Moments are those of its own monotonic clock.

    What counts is when a file was seen to change: a clock that is set, or a machine that slept,
    makes nobody old.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[int, tuple[int | None, float]] = {}
        self._looked = float("-inf")

    def begin(self) -> None:
        """Forget the files of the run before."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def hung(self, now: float, children: Iterable[int]) -> list[int]:
        """Return which processes gave no sign for too long. Looks once a second.

        `children` are those that we started. A process of theirs that gives no signs, since it only
        starts others or has only just begun, hangs when it was stopped.
        """
        since = now - self._looked
        if since < LOOK_SECONDS:
            return []
        self._looked = now
        if since > ASLEEP_SECONDS:
            self._seen.clear()
        signs = self._signs()
        signs |= {pid: None for pid in _families(children) if pid not in signs and _is_stopped(pid)}
        for pid in [pid for pid in self._seen if pid not in signs]:
            del self._seen[pid]
        hung = []
        for pid, sign in signs.items():
            known = self._seen.get(pid)
            if known is None or known[0] != sign:
                self._seen[pid] = (sign, now)
            elif now - known[1] > HUNG_SECONDS:
                hung.append(pid)
                del self._seen[pid]
                self._forget(pid)
        return hung

    def _signs(self) -> dict[int, int | None]:
        found: dict[int, int | None] = {}
        with suppress(OSError):
            for file in self._folder.iterdir():
                with suppress(OSError, ValueError):
                    found[int(file.name)] = file.stat().st_mtime_ns
        return found

    def _forget(self, pid: int) -> None:
        with suppress(OSError):
            (self._folder / str(pid)).unlink()


def belongs_to(pid: int, child: int) -> bool:
    """Tell whether a process is a child of ours or one that it started.

    A file may outlive its process, and the number may be somebody else's by now. Each child of
    ours leads a session of its own.
    """
    with suppress(OSError):
        return os.getsid(pid) == child
    return False


def _families(children: Iterable[int]) -> Iterator[int]:
    """Yield these processes and all that they have started (proc(5): task/[tid]/children)."""
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
