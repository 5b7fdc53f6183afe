"""Mutation tests: the stateful fuzz tests must find each broken row of the settlement table.

CI runs a few mutants; with `--fuzz-scale` above 1, all of them run.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import pytest

from coursebook.domain.booking_edits.manual_booking import PayHow
from tests.fuzz import state_machine
from tests.fuzz.door_rules import ABSENT, PRESENT
from tests.fuzz.hand_rules import HandRules
from tests.fuzz.in_memory_harness import in_memory_product, memory_folder, without_delays
from tests.fuzz.mutants import MUTANTS, Mutant
from tests.fuzz.scenario import SharedProduct
from tests.fuzz.single_thread_sqlite import single_thread_sqlite
from tests.fuzz.test_stateful import STEPS, run_scenarios
from tests.fuzz.user_rules import EARLIER
from tests.support import cards
from tests.support.log_format import plain_log

Steps = Callable[[HandRules], None]
"""What happens in a scenario."""
IN_CI = {
    "held, paid: nothing": 1,
    "money is not given back": 1,
}
"""The mutants of CI, each with the seed of runs that find it within seconds."""
FEW, MANY, SEED = 40, 500, 1
"""How many runs search for one: in CI, and in the long version."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Use every mutant in the long run, in CI those that are found quickly."""
    is_long = float(metafunc.config.getoption("--fuzz-scale")) > 1
    by_chance = [m for m in MUTANTS if m.name not in SCENARIOS]
    wanted = [m for m in by_chance if is_long or m.name in IN_CI]
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", wanted, ids=lambda m: m.name)


def test_stateful_runs_find_a_mutant(
    mutant: Mutant, sqlite_url: str, scale: float, figures: list[str]
):
    began = time.process_time()
    with mutant.applied():
        failure = _failure_of(sqlite_url, *_runs_and_seed(mutant, scale))
    assert failure, "no run found the mutant"
    seconds = time.process_time() - began
    figures.append(f"broken on purpose: {mutant.name}: found in {seconds:.0f} s ({failure})")


def at_the_course_start(card: str, heard: str | None, *, before: bool) -> Steps:
    """Return the steps of a payment around the course start, and of how we hear of it."""
    return lambda machine: machine.somebody_pays_as_the_course_begins(0, card, before, True, heard)


def of_another_amount(machine: HandRules) -> None:
    """Pay a page whose amount is not the one that we asked for."""
    machine.a_student_books(0, 0, None)
    machine.stripe_has_another_price(-1, 1)
    machine.somebody_pays_on_an_open_page(-1, cards.VISA)
    machine.the_newest_event_comes()


def of_an_earlier_start(machine: HandRules) -> None:
    """Hold a place on a course that then begins before the payment page ends."""
    machine.a_student_books(0, 0, None)
    machine.the_dates_change(0, EARLIER, True)


def of_a_part_that_went_back(machine: HandRules) -> None:
    """Cancel a booking of which the school has given back a part before."""
    machine.somebody_pays_and_the_school_gives_back(0, 1, "student cancels")


def of_an_operators_choice(machine: HandRules) -> None:
    """Keep everything although the promise would give it back."""
    machine.somebody_pays_and_the_school_gives_back(0, 1, "operator cancels")


def of_a_payment(machine: HandRules) -> None:
    """Pay for a place: reconciling compares the fee."""
    machine.a_student_books(0, 0, None)
    machine.somebody_pays_on_an_open_page(-1, cards.VISA)
    machine.the_newest_event_comes()


def of_a_tick(machine: HandRules) -> None:
    """Check somebody in, and then say that they did not come."""
    machine.the_school_books(0, PayHow.COMPLIMENTARY, 0, False)
    for state in (PRESENT, ABSENT):
        machine.a_phone_at_the_door_sends(0, state, False, None)


HEARD_LATE = at_the_course_start(cards.VISA, "event", before=False)
DEBIT_HEARD_LATE = at_the_course_start(cards.DEBIT_SUCCEEDS_LATER, "event", before=False)
SCENARIOS: dict[str, Steps] = {
    "held, paid, not taken: confirm": HEARD_LATE,
    "held, paid, not taken: refund": HEARD_LATE,
    "held, paid, not taken: end": HEARD_LATE,
    "held, processing, not taken: wait": DEBIT_HEARD_LATE,
    "held, processing, not taken: end_and_refund": DEBIT_HEARD_LATE,
    "what counts is when we hear of it": at_the_course_start(cards.VISA, "event", before=True),
    "a hold outlives the start": at_the_course_start(cards.VISA, None, before=True),
    "any amount confirms": of_another_amount,
    "a new start takes moments off": of_an_earlier_start,
    "a hold outlives an earlier start": of_an_earlier_start,
    "what went back before is forgotten": of_a_part_that_went_back,
    "an operator's reason is not written down": of_an_operators_choice,
    "an operator's choice is forgotten": of_an_operators_choice,
    "a fee is written down as none": of_a_payment,
    "absent follows present": of_a_tick,
}
"""Mutants that random runs seldom meet, each with the scenario that shows it."""


@pytest.mark.parametrize("steps", [*dict.fromkeys(SCENARIOS.values())])
def test_a_scenario_passes_without_a_mutant(
    steps: Steps, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert failure_of_steps(sqlite_url, steps, monkeypatch) == ""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_finds_its_mutant(name: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    mutant = next(m for m in MUTANTS if m.name == name)
    with mutant.applied(), plain_log(logging.CRITICAL):
        assert failure_of_steps(sqlite_url, SCENARIOS[name], monkeypatch)


def failure_of_steps(url: str, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run these steps until everything is at rest; return the failure, or ""."""
    monkeypatch.setattr(state_machine, "event", lambda _name: None)  # only hypothesis counts them
    with (
        memory_folder() as folder,
        without_delays(),
        single_thread_sqlite(),
        asyncio.Runner() as runner,
    ):
        opened = in_memory_product(folder, url)
        shared = SharedProduct(runner.run(opened.__aenter__()), runner.get_loop())
        machine = type("Scripted", (HandRules,), {"shared": shared})()
        machine.left = STEPS
        try:
            steps(machine)
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
