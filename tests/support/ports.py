"""Free ports for servers that a test starts."""

import socket
from contextlib import ExitStack


def free_port() -> int:
    """Return a port on which nothing is listening now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return `count` different free ports."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def free_run(length: int) -> int:
    """Return the first of `length` consecutive free ports (product, sandbox, mailbox)."""
    while True:
        first = free_port()
        with ExitStack() as stack:
            try:
                for port in range(first, first + length):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                continue
            return first
