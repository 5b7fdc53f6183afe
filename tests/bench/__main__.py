"""`make bench`: the cost of a product call relative to the least it could cost.

Milliseconds and calls per second differ between machines; the ratio of two sides in one run hardly
does. Both sides take turns, and the figures are medians. `docs/performance.md` explains every line.

    python -m tests.bench [--rounds 5] [--calls 200] [--only PART]
    python -m tests.bench --against COMMIT       (bookings, webhooks, catalog: this tree and COMMIT)
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from coursebook.persistence.maintenance.migrate import upgrade_to_head
from tests.bench import booking_search, calls, commits, memory, search
from tests.bench.comparison import CLIENTS, Sides
from tests.bench.dashboard import dashboard
from tests.bench.environment import prepare, sqlite_copy
from tests.bench.pgbench import pgbench
from tests.bench.roster import roster
from tests.support.postgres import postgres_cluster, run_apart

PARTS = ("bookings", "dashboard", "search", "booking_search", "roster", "calls", "memory")


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
            commits.compare(folder, said.against, said.rounds, said.calls)
            return
        if said.only in (None, "bookings"):
            print(f"{'':<38}{'calls in a second':>26}{'ms of processor a call':>26}")
            print(
                f"{'':<38}{'product':>9}{'bare':>9}{'share':>8}{'bare':>9}{'product':>9}{'share':>8}"
            )
            _postgres(folder, said.rounds, said.calls)
            _sqlite(folder, said.rounds, said.calls)
        if said.only in (None, "dashboard"):
            with postgres_cluster() as cluster:
                ground = prepare(folder / "dashboard", cluster.fresh_database())
                asyncio.run(dashboard(ground, said.rounds))
        if said.only in (None, "search"):
            search.main()
        if said.only in (None, "booking_search"):
            booking_search.main(booking_search.LARGE)
        if said.only in (None, "roster"):
            _rosters(folder)
        if said.only in (None, "calls"):
            calls.main()
        if said.only in (None, "memory"):
            memory.main()


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


if __name__ == "__main__":
    main()
