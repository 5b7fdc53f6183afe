"""A child process that is kept alive, and its whole process group that is ended with it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from coursebook.run.output import say

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
CALM_AFTER = 60.0
"""Seconds: pause before the first restart (doubled each time), its limit, and the running time
after which a child counts as healthy and the pause begins anew."""


@dataclass(frozen=True)
class ChildSpec:
    """What to start: a name for people, the command, its environment and where it runs.

    `is_silent` drops what it prints on standard output; its complaints are always shown. With
    `has_own_stderr` they come through us: Node makes its standard error non-blocking, for everybody
    who shares it, and lines of others are lost.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    folder: Path
    is_silent: bool = False
    has_own_stderr: bool = False


class Child:
    """One program of ours in its own process group, started again when it ends unasked."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = FIRST_PAUSE
        self._due: float | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the program on the leash, away from the terminal's Ctrl-C."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coursebook.run.supervisor.die_with_parent", *self.spec.command],
            cwd=self.spec.folder,
            env=self.spec.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.spec.is_silent else None,
            stderr=subprocess.PIPE if self.spec.has_own_stderr else None,
            start_new_session=True,
        )
        if self._process.stderr:
            said = threading.Thread(target=_pass_on, args=[self._process.stderr], daemon=True)
            said.start()
        self._started = time.monotonic()
        self._due = None

    def ended(self) -> int | None:
        """Return the exit code (negative: the signal) when it has ended, else None."""
        return self._process.poll() if self._process else None

    def tend(self, now: float) -> None:
        """Start it again when it ended: at once noted, after a growing pause done."""
        code = self.ended()
        if code is None:
            return
        if self._due is None:
            self.kill()
            if now - self._started > CALM_AFTER:
                self._pause = FIRST_PAUSE
            self._due = now + self._pause
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            say(f"{self.spec.name} ended unexpectedly ({how}); restarting it in {self._pause:g} s.")
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif now >= self._due:
            self.start()

    def replace(self, pid: int) -> None:
        """End one process of this child; its own starter or `tend` starts another."""
        if pid == self.pid:
            self.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the program itself, which ends its own workers."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def make_sure_it_stopped(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill whatever is left of its group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self.kill()
        self._process.wait()

    def kill(self) -> None:
        """End the whole group at once."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _pass_on(said: IO[bytes]) -> None:
    """Say what a child complains about, until it has ended."""
    with said:
        for line in said:
            say(line.decode(errors="replace").rstrip())
