"""What systemd listens on, for tests of what the product tells it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
