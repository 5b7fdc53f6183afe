"""Stateful fuzz tests: runs of up to 50 random steps keep every invariant of seats and money.

`make test` repeats the same 105 runs. `make fuzz`, or COURSEBOOK_FUZZ_SCALE=50, looks deeper: 5,250
runs with a seed of their own. Run it after a change of what touches places or money.
"""

import asyncio
import logging
import math
import secrets
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.in_memory_harness import in_memory_product, memory_folder, without_delays
from tests.fuzz.scenario import SharedProduct
from tests.fuzz.single_thread_sqlite import single_thread_sqlite
from tests.fuzz.user_rules import UserRules
from tests.support.log_format import plain_log

SQLITE_RUNS, POSTGRES_RUNS = 100, 5
"""In `make test`. `make fuzz` makes 50 times as many, with another seed each time."""
PARTS = 2
"""The runs on SQLite are as many tests, so that several processes share the longest of all."""
STEPS = 50
COUNTED = 60
"""Of a hundred runs, how many hypothesis counts. The others are run and checked just as well: those
that end early, or draw more than planned."""


def run_scenarios(
    database_url: str, runs: int, seed_number: int, rules: type[UserRules] = UserRules
) -> Counter[str]:
    """Run that many scenarios of these rules; return the counters. Raises the failure of a run."""
    with (
        memory_folder() as folder,
        without_delays(),
        single_thread_sqlite(),
        plain_log(logging.CRITICAL),
        asyncio.Runner() as runner,
    ):
        opened = in_memory_product(folder, database_url)
        shared = SharedProduct(runner.run(opened.__aenter__()), runner.get_loop())
        try:
            while (left := runs - shared.tally["runs"]) > 0:
                machine = type(rules.__name__, (rules,), {"shared": shared})
                seeded = seed(seed_number + shared.tally["runs"])(machine)
                run_state_machine_as_test(seeded, settings=_settings(-(-left * COUNTED // 100)))
        except BaseException as error:
            error.add_note(f"runs of seed {seed_number}")
            raise
        finally:
            runner.run(opened.__aexit__(None, None, None))
    return shared.tally


def seed_of(scale: float) -> int:
    """Return seed 1 in CI, for the same runs each time, and a random seed in the long version."""
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
        f"stateful, {database}: {tally['runs']} runs, {tally['steps']} steps, {seconds:.0f} s",
        "  " + ", ".join(f"{n} {k}" for k, n in sorted(rest.items()) if k not in ("runs", "steps")),
        "  steps: " + ", ".join(f"{k} {n}" for k, n in sorted(steps.items())),
    ]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_order_of_steps_breaks_an_invariant(
    part: int, sqlite_url: str, scale: float, figures: list[str]
):
    began = time.monotonic()
    runs = math.ceil(SQLITE_RUNS * scale / PARTS)
    tally = run_scenarios(sqlite_url, runs, seed_of(scale) + part * runs)
    figures += told("SQLite", tally, time.monotonic() - began)


def test_no_order_of_steps_breaks_an_invariant_on_postgresql(
    postgres_url: str, scale: float, figures: list[str]
):
    began = time.monotonic()
    tally = run_scenarios(postgres_url, int(POSTGRES_RUNS * scale), seed_of(scale))
    figures += told("PostgreSQL", tally, time.monotonic() - began)
