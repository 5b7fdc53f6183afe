"""Which process of `make test` runs what, and in which order.

A unit is handed to one process as a whole: a file, so that its tests share what it starts; half of
the browser tests, which share a product and a browser; or one long fuzz test, which shares nothing.
The longest units begin first, so that no process is left alone with one at the end.
"""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER, WAITING = "browser", "browser, waiting"
"""Starting the product and a browser takes a processor ten seconds: a process has both..."""
OUTAGES = (
    "tests/e2e/test_connection_loss.py",
    "tests/e2e/test_degraded_modes.py",
    "tests/e2e/test_malformed_requests.py",
    "tests/e2e/test_outages.py",
    "tests/e2e/test_sign_in.py",
    "tests/e2e/test_stale_answers.py",
    "tests/e2e/test_startup.py",
)
"""...but those that mostly wait, for timeouts and restarts, are half of the time..."""
OWN_PRODUCTS = (
    "tests/e2e/test_several_processes.py",
    "tests/e2e/test_socket_attacks.py",
    "tests/e2e/test_shutdown.py",
    "tests/e2e/test_log_output.py",
    "tests/e2e/test_school_pages.py",
    "tests/e2e/test_wheel.py",
)
"""...and these start products of their own and need no browser."""
BY_TEST = ("tests/fuzz/test_stateful.py", "tests/fuzz/test_mutations.py")
LONGEST_FIRST = (
    WAITING,
    BROWSER,
    "tests/fuzz/test_stateful.py",
    "tests/e2e/",
    "tests/fuzz/",
    "tests/clerk/",
    "tests/integration/",
    "tests/contract/",
    "tests/ui/",
)

COLLECTED_FIRST = ("contract", "integration", "ui", "unit")
"""Folders with about as many lines each."""


def in_turn(tests: Path, worker: str) -> list[str]:
    """Return the folders of tests in the order in which a process of xdist (`gw0`) collects them.

    "" is the process that collects nothing, or a run without xdist.
    """
    folders = sorted({path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")})
    number = int(worker.removeprefix("gw") or 0)
    begin = folders.index(COLLECTED_FIRST[number % len(COLLECTED_FIRST)])
    return [f"{tests.name}/{name}" for name in folders[begin:] + folders[:begin]]


def unit_of(nodeid: str) -> str:
    """Return the unit that a test belongs to: a test, a file, `BROWSER` or `WAITING`."""
    file = nodeid.partition("::")[0]
    if file in BY_TEST:
        return nodeid
    if file in OUTAGES:
        return WAITING
    return BROWSER if file.startswith("tests/e2e/") and file not in OWN_PRODUCTS else file


def order_of(nodeid: str) -> int:
    """Return the rank of a test's unit; the lowest begins first."""
    unit = unit_of(nodeid)
    places = (n for n, start in enumerate(LONGEST_FIRST) if unit.startswith(start))
    return next(places, len(LONGEST_FIRST))


class UnitScheduling(LoadFileScheduling):
    """Hands out one unit after the other, each as late as possible.

    A process of xdist runs a test only when it knows the one after it. xdist therefore hands out a
    unit when two tests are left; here it is one. Otherwise a unit of two long tests would have
    another unit wait behind it from the beginning: sometimes the browser tests, for minutes.
    """

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _reschedule(self, node: WorkerController) -> None:
        is_busy = self._pending_of(self.assigned_work[node]) > 1
        if not (is_busy and self.workqueue):
            super()._reschedule(node)


def scheduling(config: pytest.Config, log: Producer) -> UnitScheduling | None:
    """Return our scheduling for `--dist=loadfile`."""
    return UnitScheduling(config, log) if config.getoption("dist") == "loadfile" else None
