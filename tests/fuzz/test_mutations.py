"""Mutation tests: the stateful fuzz tests must find each broken row of the settlement table.

CI runs a few mutants; with `--fuzz-scale` above 1, all of them run.
"""

import asyncio
import logging
import time
from contextlib import nullcontext

import pytest

from tests.fuzz import state_machine
from tests.fuzz.in_memory_harness import in_memory_product, memory_folder, without_delays
from tests.fuzz.mutants import MUTANTS, Mutant
from tests.fuzz.scenario import SharedProduct
from tests.fuzz.single_thread_sqlite import single_thread_sqlite
from tests.fuzz.test_stateful import STEPS, run_scenarios
from tests.fuzz.user_rules import UserRules
from tests.support import cards
from tests.support.log_format import plain_log

IN_CI = {
    "held, paid: nothing": 1,
    "any amount confirms": 6,
    "money is not given back": 1,
    "what went back before is forgotten": 2,
}
"""The mutants of CI, each with the seed of runs that find it within seconds."""
FEW, MANY, SEED = 40, 500, 1
"""How many runs search for one: in CI, and in the long version."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Use every mutant in the long run, in CI those that are found quickly."""
    is_long = float(metafunc.config.getoption("--fuzz-scale")) > 1
    by_chance = [m for m in MUTANTS if m.name not in START_SCENARIOS]
    wanted = [m for m in by_chance if is_long or m.name in IN_CI]
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", wanted, ids=lambda m: m.name)


def test_stateful_runs_find_a_mutant(
    mutant: Mutant, sqlite_url: str, scale: float, figures: list[str]
):
    began = time.process_time()
    with mutant.applied(), plain_log(logging.CRITICAL):
        failure = _failure_of(sqlite_url, *_runs_and_seed(mutant, scale))
    assert failure, "no run found the mutant"
    seconds = time.process_time() - began
    figures.append(f"broken on purpose: {mutant.name}: found in {seconds:.0f} s ({failure})")


START_SCENARIOS = {
    "held, paid, not taken: confirm": (cards.VISA, False, "event"),
    "held, paid, not taken: refund": (cards.VISA, False, "event"),
    "held, paid, not taken: end": (cards.VISA, False, "event"),
    "held, processing, not taken: wait": (cards.DEBIT_SUCCEEDS_LATER, False, "event"),
    "held, processing, not taken: end_and_refund": (cards.DEBIT_SUCCEEDS_LATER, False, "event"),
    "what counts is when we hear of it": (cards.VISA, True, "event"),
    "a hold outlives the start": (cards.VISA, True, None),
}
"""Mutants about the course start, each with the scenario that shows it: the card, whether paid
before the start, and how we learn of it. Random runs seldom contain such a scenario."""


@pytest.mark.parametrize("name", [None, *START_SCENARIOS])
def test_a_scenario_at_the_course_start_finds_its_mutant(
    name: str | None, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        state_machine, "event", lambda _name: None
    )  # hypothesis does not run this one
    mutant = next((m for m in MUTANTS if m.name == name), None)
    scenarios = [START_SCENARIOS[name]] if name else set(START_SCENARIOS.values())
    for card, before, heard in scenarios:
        with mutant.applied() if mutant else nullcontext(), plain_log(logging.CRITICAL):
            failure = _failure_at_the_start(sqlite_url, card, heard, before=before)
        assert bool(failure) == bool(mutant), failure


def _failure_at_the_start(url: str, card: str, heard: str | None, *, before: bool) -> str:
    """Run the scenario of a payment at the course start; return the failure, or nothing."""
    with (
        memory_folder() as folder,
        without_delays(),
        single_thread_sqlite(),
        asyncio.Runner() as runner,
    ):
        opened = in_memory_product(folder, url)
        shared = SharedProduct(runner.run(opened.__aenter__()), runner.get_loop())
        machine = type("AtTheStart", (UserRules,), {"shared": shared})()
        machine.left = STEPS
        try:
            machine.somebody_pays_as_the_course_begins(0, card, before, True, heard)
            machine._check_end()
        except AssertionError as error:
            return f"AssertionError: {error}"
        finally:
            machine.scenario.close()
            runner.run(opened.__aexit__(None, None, None))
    return ""


def _runs_and_seed(mutant: Mutant, scale: float) -> tuple[int, int]:
    """Return the number of runs for a mutant, and their seed."""
    return (int(MANY * scale), SEED) if scale > 1 else (FEW, IN_CI[mutant.name])


def _failure_of(url: str, runs: int, seed: int) -> str:
    """Return the failure that the runs found, or ""."""
    try:
        run_scenarios(url, runs, seed)
    except Exception as error:  # noqa: BLE001 - some mistakes break more than a rule
        return f"{type(error).__name__}: {error}".splitlines()[0][:90]
    return ""
