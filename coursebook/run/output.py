"""Standard output and error that never block or fail: full disk, closed pipe, slow reader.

`steady_output()` replaces the standard streams of this process. Writing to them never raises and
never blocks. A thread writes what a slow reader has not taken yet. Bytes that cannot be written
are counted, and the count is printed as soon as writing works again.
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

MAX_PENDING = 4 * 1024 * 1024
"""Bytes buffered for a slow reader."""
ATOMIC_WRITE_SIZE = 4096
"""PIPE_BUF: a write of up to this many bytes to a pipe is atomic (pipe(7))."""
PAUSE_SECONDS = 0.02
FLUSH_TIMEOUT = 2.0
"""Seconds that an ending process keeps trying to write its last lines."""
STREAMS = (("stdout", 1), ("stderr", 2))


class Output(io.RawIOBase):
    """A raw stream on a file descriptor that never blocks and never raises OSError."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._send = _sender(descriptor)
        self._lock = threading.RLock()
        self._waiting = bytearray()
        self._thread: threading.Thread | None = None
        self._lost_bytes = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Tell whether the descriptor is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer, as of every raw stream
        """Write what can be written now; buffer the rest."""
        with self._lock:
            if len(self._waiting) + len(data) > MAX_PENDING:
                self._lost_bytes += len(data)
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
                # Whole lines only: other processes may write between two calls.
                whole = self._waiting.rfind(b"\n", 0, ATOMIC_WRITE_SIZE) + 1
                del self._waiting[: self._send(bytes(self._waiting[: whole or ATOMIC_WRITE_SIZE]))]
                if self._lost_bytes and not self._waiting:
                    self._waiting += line_of(
                        f"{self._lost_bytes} bytes of output were lost before this."
                    )
                    self._lost_bytes = 0
        except BlockingIOError:
            return
        except OSError:
            self._lost_bytes += len(self._waiting)
            self._waiting.clear()

    def _send_later(self) -> None:
        """Send the buffer; after the main thread has ended, give up after FLUSH_TIMEOUT."""
        ended = None
        while True:
            time.sleep(PAUSE_SECONDS)
            with self._lock:
                self._send_waiting()
                if not threading.main_thread().is_alive():
                    ended = ended or time.monotonic()
                if not self._waiting or (ended and time.monotonic() - ended > FLUSH_TIMEOUT):
                    self._thread = None
                    return


def steady_output(*, as_json: bool = False) -> None:
    """Replace the standard streams, so that printing or logging never blocks or ends this process.

    With `as_json`, `say` prints each line as a JSON object.
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


def say(text: str, *, end: str = "\n") -> None:
    """Print a line in the format of the log. Never fails."""
    with suppress(OSError, ValueError):
        if _form.as_json:
            sys.stdout.write(line_of(text.strip()).decode())
            sys.stdout.flush()
        else:
            print(text, end=end, flush=True)


def line_of(text: str) -> bytes:
    """Return one line in the format of the log."""
    if not _form.as_json:
        return f"{text}\n".encode()
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    entry = {"event": text, "level": "info", "logger": "coursebook.run", "timestamp": now}
    return f"{json.dumps(entry, ensure_ascii=False)}\n".encode()


def is_json_output() -> bool:
    """Tell whether `say` prints JSON."""
    return _form.as_json


class _Form:
    as_json = False


_form = _Form()


def _sender(descriptor: int) -> Callable[[bytes], int]:
    """Return a function that writes to the descriptor without blocking.

    O_NONBLOCK belongs to the open file, which other processes share, so a pipe or a terminal is
    opened a second time. A socket cannot be reopened, so each call passes MSG_DONTWAIT.
    """
    with suppress(OSError):
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(mode):
            connection = socket.socket(fileno=os.dup(descriptor))
            return lambda data: connection.send(data, socket.MSG_DONTWAIT)
        if stat.S_ISFIFO(mode) or os.isatty(descriptor):
            own = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
            return partial(os.write, os.open(f"/proc/self/fd/{descriptor}", own))
    return partial(os.write, descriptor)


def _fill(descriptor: int) -> None:
    """Open the null device on a closed descriptor, or the next opened file would get our output."""
    try:
        os.fstat(descriptor)
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
        os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library's own form
