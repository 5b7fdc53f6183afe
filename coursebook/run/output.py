"""Output never decides about life: a full disk, a closed pipe, a reader that is slow.

`steady_output()` replaces the standard streams of a process of ours. Writing to them raises
nothing and waits for nobody. What a slow reader does not take yet is kept and written when there
is room, by a thread; what cannot be written is counted, and the count is written once it can.
"""

import io
import json
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

MOST_WAITING = 4 * 1024 * 1024
"""Bytes that are kept for a slow reader."""
AT_ONCE = 4096
"""PIPE_BUF: so many bytes go into a pipe in one piece, whoever else writes (pipe(7))."""
PAUSE_SECONDS = 0.02
LAST_SECONDS = 2.0
"""How long a process that ends still tries to get its last lines out."""
STREAMS = (("stdout", 1), ("stderr", 2))


class Output(io.RawIOBase):
    """Writes to a file descriptor. It never raises for what lies outside, and never waits."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._send = _sender(descriptor)
        self._lock = threading.RLock()
        self._waiting = bytearray()
        self._thread: threading.Thread | None = None
        self._lost = 0

    def writable(self) -> bool:
        """Say that one can write."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Tell whether a person reads."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer, as of every raw stream
        """Write now what can be written, keep the rest."""
        with self._lock:
            if len(self._waiting) + len(data) > MOST_WAITING:
                self._lost += len(data)
            else:
                self._waiting += data
                self._send_waiting()
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._send_later, name="output")
                self._thread.start()
        return len(data)

    def _send_waiting(self) -> None:
        try:
            while self._waiting:
                whole = self._waiting.rfind(b"\n", 0, AT_ONCE) + 1  # lines of others come between
                del self._waiting[: self._send(bytes(self._waiting[: whole or AT_ONCE]))]
                if self._lost and not self._waiting:
                    self._waiting += line_of(f"{self._lost} bytes of output were lost before this.")
                    self._lost = 0
        except BlockingIOError:
            return
        except OSError:
            self._lost += len(self._waiting)
            self._waiting.clear()

    def _send_later(self) -> None:
        """Send what waits. When the program has ended, give up after a while."""
        ended = None
        while True:
            time.sleep(PAUSE_SECONDS)
            with self._lock:
                self._send_waiting()
                if not threading.main_thread().is_alive():
                    ended = ended or time.monotonic()
                if not self._waiting or (ended and time.monotonic() - ended > LAST_SECONDS):
                    self._thread = None
                    return


def steady_output(*, as_json: bool = False) -> None:
    """Let nothing that this process prints or logs end it or hold it up.

    `as_json` writes what `say` says as one JSON object for each line.
    """
    _form.as_json = as_json
    for name, descriptor in STREAMS:
        before = getattr(sys, name)
        if isinstance(getattr(before, "buffer", None), Output):
            continue
        with suppress(OSError, ValueError, AttributeError):
            before.flush()
        _fill(descriptor)
        coding = getattr(before, "encoding", None) or "utf-8"
        raw: Any = Output(descriptor)  # as with `python -u`, without a buffer between
        after = io.TextIOWrapper(raw, coding, errors="backslashreplace", line_buffering=True)
        setattr(sys, name, after)


def say(words: str, *, end: str = "\n") -> None:
    """Print a line of ours, in the form that the log has. It never fails."""
    with suppress(OSError, ValueError):
        if _form.as_json:
            sys.stdout.write(line_of(words.strip()).decode())
            sys.stdout.flush()
        else:
            print(words, end=end, flush=True)


def line_of(words: str) -> bytes:
    """Return one line in the form that the log has."""
    if not _form.as_json:
        return f"{words}\n".encode()
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    told = {"event": words, "level": "info", "logger": "coursebook.run", "timestamp": now}
    return f"{json.dumps(told, ensure_ascii=False)}\n".encode()


def speaks_json() -> bool:
    """Tell whether `say` writes JSON."""
    return _form.as_json


class _Form:
    as_json = False


_form = _Form()


def _sender(descriptor: int) -> Callable[[bytes], int]:
    """Return what writes without waiting.

    O_NONBLOCK belongs to the open file, which other processes share, so a pipe or a terminal is
    opened once more. A socket cannot be; there the flag goes with each call.
    """
    with suppress(OSError):
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(mode):
            line = socket.socket(fileno=os.dup(descriptor))
            return lambda data: line.send(data, socket.MSG_DONTWAIT)
        if stat.S_ISFIFO(mode) or os.isatty(descriptor):
            own = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
            return partial(os.write, os.open(f"/proc/self/fd/{descriptor}", own))
    return partial(os.write, descriptor)


def _fill(descriptor: int) -> None:
    """Take the place of a closed stream, or the next file that is opened gets our output."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library's own form
