"""Random stories of up to 50 steps: in no order of things is money or a place lost."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coursebook.api.app import build_api
from tests.proof.anything import Anything
from tests.proof.sped import folder_in_memory, in_a_hurry, lines_to
from tests.proof.stage import Theatre, sqlite_files
from tests.support.postgres import PostgresCluster
from tests.support.sandbox import SandboxProcess

SQLITE_RUNS, POSTGRES_RUNS = 25, 4
STEPS = 50


def play(sandbox: SandboxProcess, new_database: Callable[[], str], runs: int) -> Counter[str]:
    """Play that many stories; return what was counted."""
    with in_a_hurry(), asyncio.Runner() as runner:
        lines = lines_to(sandbox, build_api())
        theatre = Theatre(runner.run(lines.__aenter__()), runner, new_database)
        machine = type("Anything", (Anything,), {"theatre": theatre})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=runs,
                stateful_step_count=STEPS,
                deadline=None,
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        runner.run(lines.__aexit__(None, None, None))
    return theatre.tally


def told(database: str, tally: Counter[str], seconds: float) -> list[str]:
    steps = {k.removeprefix("step "): n for k, n in tally.items() if k.startswith("step ")}
    rest = {k: n for k, n in tally.items() if not k.startswith("step ")}
    return [
        f"any order, {database}: {tally['runs']} runs, {tally['steps']} steps, {seconds:.0f} s",
        "  " + ", ".join(f"{n} {k}" for k, n in sorted(rest.items()) if k not in ("runs", "steps")),
        "  steps: " + ", ".join(f"{k} {n}" for k, n in sorted(steps.items())),
    ]


def test_no_order_of_things_breaks_the_books(
    quiet_sandbox: SandboxProcess, sqlite_template: Path, scale: float, figures: list[str]
):
    began = time.monotonic()
    with folder_in_memory() as folder, sqlite_files(sqlite_template, folder) as new_database:
        tally = play(quiet_sandbox, new_database, int(SQLITE_RUNS * scale))
    figures += told("SQLite", tally, time.monotonic() - began)


def test_no_order_of_things_breaks_the_books_on_postgresql(
    quiet_sandbox: SandboxProcess, postgres: PostgresCluster, scale: float, figures: list[str]
):
    began = time.monotonic()
    tally = play(quiet_sandbox, postgres.fresh_database, int(POSTGRES_RUNS * scale))
    figures += told("PostgreSQL", tally, time.monotonic() - began)
