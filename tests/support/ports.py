"""Free ports for servers that a test starts.

The system gives ports of its ephemeral range to every outgoing connection. A server that starts
only after its pages are built could find its port taken by then, so ports here come from below
that range. A process gives each port out once, and each worker of a parallel run has its own.
"""

import os
import random
import socket
from itertools import count as count_up

FIRST, LAST = 11_000, 32_000
"""Above 10080, the last port that browsers refuse; below 32768, where ephemeral ports begin."""
MAX_WORKERS = 16
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % MAX_WORKERS
RANGE = (LAST - FIRST) // MAX_WORKERS
# Two runs on one machine begin at different places.
_turns = count_up(random.SystemRandom().randrange(RANGE))


def free_port() -> int:
    """Return a port on which nothing is listening now."""
    return free_run(1)


def free_ports(count: int) -> list[int]:
    """Return `count` different free ports."""
    return [free_port() for _ in range(count)]


def free_run(length: int) -> int:
    """Return the first of `length` consecutive free ports (product, sandbox, mailbox)."""
    while True:
        ports = _next(length)
        if all(_is_free(port) for port in ports):
            return ports[0]


def _next(length: int) -> list[int]:
    """Return the next `length` ports of this worker."""
    while True:
        places = [next(_turns) % RANGE for _ in range(length)]
        if places[-1] - places[0] == length - 1:
            return [FIRST + WORKER * RANGE + place for place in places]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
