"""Random stories of up to 50 steps: in no order of things is money or a place lost."""

import asyncio
import secrets
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.in_memory_harness import folder_in_memory, house, in_a_hurry
from tests.fuzz.scenario import Theatre
from tests.fuzz.single_thread_sqlite import sqlite_inline
from tests.fuzz.user_rules import Anything

SQLITE_RUNS, POSTGRES_RUNS = 500, 25
STEPS = 50
COUNTED = 60
"""Of a hundred stories, how many hypothesis counts. The others are played and proven just as well:
those that end before it wants to, or draw more than it had planned."""


def play(database_url: str, runs: int, seed_number: int) -> Counter[str]:
    """Play that many stories; return what was counted. Raises what broke."""
    with folder_in_memory() as folder, in_a_hurry(), sqlite_inline(), asyncio.Runner() as runner:
        opened = house(folder, database_url)
        theatre = Theatre(runner.run(opened.__aenter__()), runner.get_loop())
        try:
            while (left := runs - theatre.tally["runs"]) > 0:
                story = type("Anything", (Anything,), {"theatre": theatre})
                told_now = seed(seed_number + theatre.tally["runs"])(story)
                run_state_machine_as_test(told_now, settings=_settings(-(-left * COUNTED // 100)))
        except BaseException as problem:
            problem.add_note(f"the stories of seed {seed_number}")
            raise
        finally:
            runner.run(opened.__aexit__(None, None, None))
    return theatre.tally


def seed_of(scale: float) -> int:
    """Return the usual seed, so that CI tells the same stories; the long version tells new ones."""
    return 1 if scale == 1 else secrets.randbits(32)


def _settings(runs: int) -> settings:
    return settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def told(database: str, tally: Counter[str], seconds: float) -> list[str]:
    steps = {k.removeprefix("step "): n for k, n in tally.items() if k.startswith("step ")}
    rest = {k: n for k, n in tally.items() if not k.startswith("step ")}
    return [
        f"any order, {database}: {tally['runs']} runs, {tally['steps']} steps, {seconds:.0f} s",
        "  " + ", ".join(f"{n} {k}" for k, n in sorted(rest.items()) if k not in ("runs", "steps")),
        "  steps: " + ", ".join(f"{k} {n}" for k, n in sorted(steps.items())),
    ]


def test_no_order_of_things_breaks_the_books(sqlite_url: str, scale: float, figures: list[str]):
    began = time.monotonic()
    tally = play(sqlite_url, int(SQLITE_RUNS * scale), seed_of(scale))
    figures += told("SQLite", tally, time.monotonic() - began)


def test_no_order_of_things_breaks_the_books_on_postgresql(
    postgres_url: str, scale: float, figures: list[str]
):
    began = time.monotonic()
    tally = play(postgres_url, int(POSTGRES_RUNS * scale), seed_of(scale))
    figures += told("PostgreSQL", tally, time.monotonic() - began)
