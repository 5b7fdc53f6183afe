"""A process that has imported what seldom changes, and forks programs from that.

    python -m coursebook.run.supervisor.warm_process DESCRIPTOR FILE

`DESCRIPTOR` is its end of a pair of sockets, `FILE` has the names of the modules in JSON. Each
line on the socket starts a program: `module`, `arguments`, `environment` and `folder`, with the
descriptors that become 0, 1, 2 … of it. It answers with a line when a program has started, and one
when it has ended. Importing takes two seconds of a processor, forking 10 ms.
"""

import contextlib
import json
import os
import runpy
import select
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from coursebook.run.quick_exit import exit_at_once
from coursebook.run.supervisor.die_with_parent import end_with_parent

MAX_DESCRIPTORS = 4
PART_BYTES = 65_536


class _Request(Exception):
    """Carries a program out of the loop of the parent, in the child."""

    def __init__(self, program: dict[str, Any], descriptors: list[int]) -> None:
        self.program, self.descriptors = program, descriptors
        super().__init__()


def main(descriptor: int, names: Path) -> None:
    """Serve until the other end is closed. In a forked child, run its program instead."""
    end_with_parent(signal.SIGTERM)
    for name in json.loads(names.read_text(encoding="utf-8")):
        with contextlib.suppress(Exception):  # the build that imports it reports the mistake
            import_module(name)
    connection = socket.socket(fileno=descriptor)
    try:
        _serve(connection)
    except _Request as request:
        os.setsid()
        end_with_parent(signal.SIGTERM)
        _send(connection, started=os.getpid())  # from here on its group can be killed
        connection.close()
        _run(request.program, request.descriptors)


def _serve(connection: socket.socket) -> None:
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.settimeout(0)
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    text, descriptors = b"", list[int]()
    while True:
        ready, _, _ = select.select([connection, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                woken.recv(PART_BYTES)
            _report_ended(connection)
        if connection not in ready:
            continue
        part, more, _, _ = socket.recv_fds(connection, PART_BYTES, MAX_DESCRIPTORS)
        if not part:
            return
        text, descriptors = text + part, descriptors + more
        if text.endswith(b"\n"):
            program = json.loads(text)
            if os.fork() == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                woken.close()
                waker.close()
                raise _Request(program, descriptors)
            for one in descriptors:
                os.close(one)
            text, descriptors = b"", []


def _report_ended(connection: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _send(connection, ended=pid, code=os.waitstatus_to_exitcode(status))


def _send(connection: socket.socket, **message: int) -> None:
    connection.sendall(f"{json.dumps(message)}\n".encode())


def _run(program: dict[str, Any], descriptors: list[int]) -> None:
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
    for descriptor in descriptors:
        if descriptor >= len(descriptors):
            os.close(descriptor)
    os.environ.clear()
    os.environ.update(program["environment"])
    os.chdir(program["folder"])
    sys.argv = ["", *program["arguments"]]
    runpy.run_module(program["module"], run_name="__main__", alter_sys=True)
    exit_at_once()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
