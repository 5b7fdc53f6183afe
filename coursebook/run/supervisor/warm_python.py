"""Starts Python programs from a process that has imported their libraries (`warm_process.py`)."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from coursebook.run.paths import ROOT

PROGRAM = ("-m", "coursebook.run.supervisor.warm_process")
LIBRARIES = "libraries.json"
CHECK_SECONDS = 0.2


class Forked:
    """A program that was started so. It has the methods of `subprocess.Popen` that we use."""

    stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.ended = threading.Event()

    def poll(self) -> int | None:
        """Return the exit code (negative: the signal), or None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended. Raises subprocess.TimeoutExpired."""
        if not self.ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return self.returncode or 0


class WarmPython:
    """One warm process. `libraries`: the modules that it imports."""

    def __init__(
        self, libraries: Sequence[str], environment: Mapping[str, str], file: Path
    ) -> None:
        file.write_text(json.dumps(libraries), encoding="utf-8")
        self._ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, *PROGRAM, str(theirs.fileno()), str(file)],
            cwd=ROOT,
            # Reflex names variables by their hashes: the same names make the same files.
            env={**environment, "PYTHONHASHSEED": "0"},
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._running: dict[int, Forked] = {}
        self._started: list[Forked] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._read, name="warm process", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether programs can be started."""
        return self._process.poll() is None

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        folder: Path = ROOT,
    ) -> Forked:
        """Start a module as a program in its own process group. Raises OSError.

        `descriptors` become its standard input, output, error, and one more if there are four.
        """
        program = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
        }
        text = f"{json.dumps(program)}\n".encode()
        with self._changed:
            sent = socket.send_fds(self._ours, [text], list(descriptors))
            self._ours.sendall(text[sent:])
            while not self._started:  # it may still be importing
                if not self.is_alive:
                    raise OSError("The warm process has ended.")
                self._changed.wait(CHECK_SECONDS)
            return self._started.pop()

    def stop(self) -> None:
        """End it, and with it everything that it has started."""
        self._ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def _read(self) -> None:
        with self._ours.makefile("r") as lines, contextlib.suppress(OSError, ValueError):
            for line in lines:
                message = json.loads(line)
                with self._changed:
                    if "started" in message:
                        forked = Forked(message["started"])
                        self._running[forked.pid] = forked
                        self._started.append(forked)
                        self._changed.notify_all()
                    else:
                        self._end(message["ended"], message["code"])
        with self._changed:
            for pid in list(self._running):
                self._end(pid, -signal.SIGTERM)

    def _end(self, pid: int, code: int) -> None:
        forked = self._running.pop(pid)
        forked.returncode = code
        forked.ended.set()


_current: WarmPython | None = None


def start_warm_python(
    libraries: Sequence[str], environment: Mapping[str, str], folder: Path
) -> WarmPython | None:
    """Return the warm process, started if there is none; None where forking is not safe.

    `folder` gets the list of the `libraries` that it imports.
    """
    global _current  # noqa: PLW0603 - one for all programs that are started
    if _current is None or not _current.is_alive:
        can_fork = sys.platform.startswith("linux") and sys.version_info < (3, 14)
        _current = WarmPython(libraries, environment, folder / LIBRARIES) if can_fork else None
    return _current


def retire_warm_python() -> WarmPython | None:
    """Return the warm process for its programs to go on, and start no more from it."""
    global _current
    retired, _current = _current, None
    return retired


def warm_python() -> WarmPython | None:
    """Return the warm process, if there is one."""
    return _current if _current is not None and _current.is_alive else None
