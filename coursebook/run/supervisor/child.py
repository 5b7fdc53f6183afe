"""A child process that is restarted when it ends; its process group is killed with it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from coursebook.run.output import say
from coursebook.run.supervisor.warm_python import Forked

MIN_RESTART_DELAY = 0.5
MAX_RESTART_DELAY = 30.0
HEALTHY_AFTER = 60.0
"""Seconds: the delay of the first restart (doubled each time), its limit, and the running time
after which a child counts as healthy and the delay is reset."""


@dataclass(frozen=True)
class ChildSpec:
    """A program to start: display name, command, environment and working folder.

    `is_silent` drops its standard output; its standard error is always shown. With
    `has_own_stderr` its standard error is a pipe that we read and print: Node makes a shared
    standard error non-blocking, and then other processes lose lines.
    """

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    folder: Path
    is_silent: bool = False
    has_own_stderr: bool = False


class Child:
    """A program in its own process group, restarted when it ends unexpectedly."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self._started = 0.0
        self._delay = MIN_RESTART_DELAY
        self._restart_at: float | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None when it is not running."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the program in a new session, so that it gets no Ctrl-C from the terminal."""
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
            stderr_thread = threading.Thread(
                target=_print_lines, args=[self._process.stderr], daemon=True
            )
            stderr_thread.start()
        self._started = time.monotonic()
        self._restart_at = None

    def ended(self) -> int | None:
        """Return the exit code (negative: the signal) when it has ended, else None."""
        return self._process.poll() if self._process else None

    def restart_if_ended(self, now: float) -> None:
        """Restart the program when it has ended, after a growing delay."""
        code = self.ended()
        if code is None:
            return
        if self._restart_at is None:
            self.kill()
            if now - self._started > HEALTHY_AFTER:
                self._delay = MIN_RESTART_DELAY
            self._restart_at = now + self._delay
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            say(f"{self.spec.name} ended unexpectedly ({how}); restarting it in {self._delay:g} s.")
            self._delay = min(self._delay * 2, MAX_RESTART_DELAY)
        elif now >= self._restart_at:
            self.start()

    def restart_as(
        self, spec: ChildSpec, deadline: float, prepared: Callable[[], Forked] | None = None
    ) -> None:
        """End the program by `deadline` (monotonic seconds), and start another in its place.

        `prepared` lets one that was started before take the place. If that ends, `spec` is started.
        """
        self.terminate()
        self.wait_or_kill(deadline)
        self.spec = spec
        self._delay = MIN_RESTART_DELAY
        if prepared is None:
            self.start()
        else:
            self._process, self._started = prepared(), time.monotonic()
            self._restart_at = None

    def replace(self, pid: int) -> None:
        """Kill one process of this child; its parent or `restart_if_ended` starts another."""
        if pid == self.pid:
            self.kill()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM to the program, which ends its own workers."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill the rest of its process group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        self.kill()
        self._process.wait()

    def kill(self) -> None:
        """Kill the process group."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def _print_lines(stderr: IO[bytes]) -> None:
    """Print every line of a child's standard error, until it ends."""
    with stderr:
        for line in stderr:
            say(line.decode(errors="replace").rstrip())
