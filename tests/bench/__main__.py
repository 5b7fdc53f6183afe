"""`make bench`: the cost of a product call relative to the least it could cost.

Milliseconds and calls per second differ between machines; the ratio of two sides in one run hardly
does. Both sides take turns, and the figures are medians. `docs/performance.md` explains every line.

    python -m tests.bench [--rounds 5] [--calls 200] [--only PART]
    python -m tests.bench --against COMMIT       (bookings, webhooks, catalog: this tree and COMMIT)
    python -m tests.bench --against COMMIT --only pages          (weight and paint of public pages)
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.bench import (
    booking_search,
    calls,
    commit_pages,
    commits,
    managed_courses,
    memory,
    pages,
    search,
)
from tests.bench.comparison import CLIENTS, Sides
from tests.bench.dashboard import dashboard
from tests.bench.environment import prepare, sqlite_copy
from tests.bench.pgbench import pgbench
from tests.bench.roster import roster
from tests.support.postgres import postgres_cluster, run_apart


def main() -> None:
    """Run the requested measurements and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--against", metavar="COMMIT")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coursebook-bench-") as name:
        folder = Path(name)
        if said.against:
            _against(folder, said)
            return
        for part_name, part in PARTS.items():
            if said.only in (None, part_name):
                part(folder, said)


def _against(folder: Path, said: argparse.Namespace) -> None:
    if said.only == "pages":
        with commits.tree_of(folder, said.against) as tree:
            commit_pages.compare(folder, tree, said.rounds)
    else:
        commits.compare(folder, said.against, said.rounds, said.calls)


def _bookings(folder: Path, said: argparse.Namespace) -> None:
    print(f"{'':<38}{'calls in a second':>26}{'ms of processor a call':>26}")
    print(f"{'':<38}{'product':>9}{'bare':>9}{'share':>8}{'bare':>9}{'product':>9}{'share':>8}")
    _postgres(folder, said.rounds, said.calls)
    _sqlite(folder, said.rounds, said.calls)


def _dashboard(folder: Path, said: argparse.Namespace) -> None:
    with postgres_cluster() as cluster:
        ground = prepare(folder / "dashboard", cluster.fresh_database())
        asyncio.run(dashboard(ground, said.rounds))


def _rosters(folder: Path) -> None:
    template = folder / "roster.db"
    run_apart(upgrade_to_head(f"sqlite:///{template}"))
    asyncio.run(roster(prepare(folder / "roster-sqlite", f"sqlite:///{template}"), "SQLite"))
    with postgres_cluster() as cluster:
        ground = prepare(folder / "roster-postgres", cluster.fresh_database())
        asyncio.run(roster(ground, "PostgreSQL"))


def _postgres(folder: Path, rounds: int, count: int) -> None:
    with postgres_cluster() as cluster:
        url = cluster.fresh_database()
        ground = prepare(folder / "postgres", url)
        sides = Sides("PostgreSQL", ground, rounds, count)
        asyncio.run(sides.run())
        rate = pgbench(url, sides.book, ground.folder, CLIENTS)
        print(f"{'PostgreSQL':<12}{'bookings, pgbench':<26}{rate:>18.4g}")


def _sqlite(folder: Path, rounds: int, count: int) -> None:
    template = folder / "template.db"
    run_apart(upgrade_to_head(f"sqlite:///{template}"))
    ground = prepare(folder / "sqlite", sqlite_copy(template, folder / "sqlite"))
    asyncio.run(Sides("SQLite", ground, rounds, count).run())


PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "bookings": _bookings,
    "dashboard": _dashboard,
    "search": lambda _folder, _said: search.main(),
    "managed_courses": lambda folder, _said: managed_courses.main(folder),
    "booking_search": lambda _folder, _said: booking_search.main(booking_search.LARGE),
    "roster": lambda folder, _said: _rosters(folder),
    "calls": lambda _folder, _said: calls.main(),
    "pages": lambda _folder, _said: pages.main(),
    "memory": lambda _folder, _said: memory.main(),
}


if __name__ == "__main__":
    main()
