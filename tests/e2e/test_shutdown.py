"""Ending the whole stack, as a person at a terminal does. Each test starts one of its own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.ports import free_run
from tests.support.server_programs import start, wait_for
from tests.support.stack import COMMAND, clean_environment, end_with_children, running_stack

NOBODY_LISTENS = (ConnectionRefusedError, httpx.ConnectError)


class NotifySocket:
    """What systemd listens on (sd_notify(3)); `settings` tell the product where."""

    def __init__(self, folder: Path) -> None:
        self.settings = {"NOTIFY_SOCKET": str(folder / "notify")}
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.connection.settimeout(20)
        self.connection.bind(self.settings["NOTIFY_SOCKET"])

    def states(self, count: int) -> list[str]:
        """Return the next states, in order; one that was sent before may come again."""
        received: list[str] = []
        while len(received) < count:
            state = self.connection.recv(100).decode()
            if state not in received and (state != "WATCHDOG=1" or count > 1):
                received.append(state)
        return received


@contextmanager
def notify_socket(folder: Path) -> Iterator[NotifySocket]:
    """Listen as systemd does, and close the socket afterwards."""
    systemd = NotifySocket(folder)
    with systemd.connection:
        yield systemd


def test_ctrl_c_ends_everything_within_seconds(tmp_path: Path) -> None:
    with notify_socket(tmp_path) as systemd, running_stack(tmp_path, **systemd.settings) as stack:
        assert systemd.states(2) == ["READY=1", "WATCHDOG=1"]
        assert end_with_children(stack.process, seconds=10) == []
        assert stack.process.returncode == 0
        assert systemd.states(1) == ["STOPPING=1"]
        with pytest.raises(NOBODY_LISTENS):
            httpx.get(f"{stack.sandbox_url}/healthz")
        assert stack.trouble() == ""


@pytest.mark.parametrize("moment", ["Preparing the database", "Starting"])
def test_ctrl_c_while_it_is_starting_ends_it_at_once(tmp_path: Path, moment: str) -> None:
    log = tmp_path / "log"
    environment = {**clean_environment(), "COURSEBOOK_DATA": str(tmp_path / "data")}
    command = [COMMAND, "run", "--port", str(free_run(3))]
    process = start(command, log, environment=environment)
    try:
        wait_for(lambda: moment in log.read_text(), moment, log, seconds=300)
    finally:
        survivors = end_with_children(process, seconds=10)
    assert survivors == []
    assert process.returncode == 0
    assert "stopped\nStopped before everything had started.\n" in log.read_text()


def test_killing_the_command_itself_leaves_no_orphan(tmp_path: Path) -> None:
    with running_stack(tmp_path) as stack:
        family = psutil.Process(stack.process.pid).children(recursive=True)
        assert len(family) >= 3  # the sandbox, granian and its worker
        stack.process.kill()
        stack.process.wait()
        _, survivors = psutil.wait_procs(family, timeout=15)
        assert [child.cmdline() for child in survivors] == []
