"""This tree against an earlier commit: both serve at the same time, and take turns.

Each side has the programs, the tables and the database of its own commit, on one PostgreSQL.
"""

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psutil

from tests.bench.environment import Server
from tests.bench.load_generator import call, load
from tests.bench.webhooks import Settled, signed_event
from tests.support.postgres import postgres_cluster
from tests.support.server_programs import ROOT

CLIENTS = 8
COURSES = 100
JSON = {"Content-Type": "application/json"}
SETTLED = "webhooks settled"
PARTS = (
    "bookings, one hot course",
    "bookings, 100 courses",
    "webhooks stored",
    SETTLED,
    "catalog",
)


@dataclass
class Side:
    """A served commit. Every student books once."""

    server: Server
    url: str
    courses: list[str]
    students: Iterator[dict[str, str]]
    webhook_secret: str

    def calls(self, part: str, count: int) -> list[bytes]:
        """Return that many requests of a part."""
        if part == "catalog":
            return [call("GET", "/api/courses", {})] * count
        if part == "webhooks stored":
            events = [signed_event(self.webhook_secret, "customer.created") for _ in range(count)]
            path = "/api/stripe/webhook"
            return [call("POST", path, {**JSON, "Stripe-Signature": s}, b) for b, s in events]
        chosen = cycle(self.courses[:1] if part == PARTS[0] else self.courses)
        path = "/api/stripe/checkout"
        bodies = [json.dumps({"course_id": next(chosen)}).encode() for _ in range(count)]
        return [call("POST", path, {**JSON, **next(self.students)}, body) for body in bodies]

    async def rate(self, part: str, count: int) -> tuple[float, float]:
        """Return calls per second and CPU time (seconds) of that many calls of a part."""
        calls = self.calls(part, count)
        settled = Settled(self.url, self.webhook_secret, CLIENTS)
        if part == SETTLED:
            calls = await settled.events(self.server.port, calls)
        began = self.server.cpu_seconds()
        if part == SETTLED:
            per_second = await settled.settle(self.server.port, calls)
        else:
            rate = await load(self.server.port, calls, CLIENTS)
            assert set(rate.statuses) <= {200, 201}, (part, rate)
            per_second = rate.per_second
        return per_second, self.server.cpu_seconds() - began


def compare(folder: Path, commit: str, rounds: int, count: int) -> None:
    """Print calls per second and CPU time per call of `commit` and of this tree."""
    with tree_of(folder, commit) as tree, postgres_cluster() as cluster:
        students = 3 * (rounds + 1) * count
        with (
            _serving(tree, folder / "before", cluster.empty_database(), students) as before,
            _serving(ROOT, folder / "now", cluster.empty_database(), students) as now,
        ):
            print(f"{commit:<26}{'calls in a second':>27}{'ms of processor a call':>27}")
            print(f"{'':<26}" + f"{'before':>9}{'now':>9}{'ratio':>9}" * 2)
            for part in PARTS:
                asyncio.run(_take_turns(part, (before, now), rounds, count))


@contextmanager
def tree_of(folder: Path, commit: str) -> Iterator[Path]:
    """Check a commit out below `folder`, and remove it afterwards."""
    tree = folder / "tree"
    _git("worktree", "add", "--detach", "--quiet", str(tree), commit)
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


async def _take_turns(part: str, sides: tuple[Side, Side], rounds: int, count: int) -> None:
    rates: tuple[list[float], list[float]] = ([], [])
    work: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for which in (0, 1) if number % 2 else (1, 0):
            side = sides[which]
            per_second, seconds = await side.rate(part, count)
            if number:
                rates[which].append(per_second)
                work[which].append(seconds / count * 1000)
    print(f"{part:<26}{_row(rates)}{_row(work)}", flush=True)


def _row(both: tuple[list[float], list[float]]) -> str:
    before, now = both
    ratio = statistics.median(n / b for b, n in zip(before, now, strict=True))
    return f"{statistics.median(before):>9.4g}{statistics.median(now):>9.4g}{ratio:>9.3f}"


@contextmanager
def _serving(tree: Path, folder: Path, url: str, students: int) -> Iterator[Side]:
    words = [sys.executable, "-m", "tests.bench.commit_side", str(folder), url]
    with subprocess.Popen(
        [*words, str(COURSES), str(students)],
        cwd=tree,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            facts = json.loads(process.stdout.readline())
            yield Side(
                Server(facts["port"], psutil.Process(facts["process"])),
                url,
                facts["courses"],
                iter(facts["students"]),
                facts["webhook_secret"],
            )
        finally:
            process.stdin.close()


def _git(*words: str) -> None:
    subprocess.run(["git", *words], cwd=ROOT, check=True)
