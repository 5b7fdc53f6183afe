"""The random stories bite: whatever row of the settlement table is broken, they find it.

In CI a few mistakes; with `--proof-scale` above 1 every one of them.
"""

import logging
import time

import pytest

from tests.proof.mutants import MUTANTS, Mutant
from tests.proof.test_any_order import play
from tests.support.plain_log import plain_log

IN_CI = {
    "held, paid: nothing": 1,
    "any amount confirms": 6,
    "money is not given back": 1,
    "what went back before is forgotten": 1,
}
"""Those that are looked for in CI, each with the seed of stories that find it within seconds."""
FEW, MANY, SEED = 40, 500, 1
"""How many stories are told to find one: in CI, and in the long version."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask for every mistake in the long version, else for those that are found quickly."""
    is_long = float(metafunc.config.getoption("--proof-scale")) > 1
    wanted = [m for m in MUTANTS if is_long or m.name in IN_CI]
    metafunc.parametrize("mutant", wanted, ids=lambda m: m.name)


def test_the_stories_find_a_mistake(
    mutant: Mutant, sqlite_url: str, scale: float, figures: list[str]
):
    began = time.process_time()
    with mutant.alive(), plain_log(logging.CRITICAL):
        said = _what_breaks(sqlite_url, *_stories(mutant, scale))
    assert said, "nobody noticed"
    seconds = time.process_time() - began
    figures.append(f"broken on purpose: {mutant.name}: found in {seconds:.0f} s ({said})")


def _stories(mutant: Mutant, scale: float) -> tuple[int, int]:
    """Return how many are told of a mistake, and their seed."""
    return (int(MANY * scale), SEED) if scale > 1 else (FEW, IN_CI[mutant.name])


def _what_breaks(url: str, runs: int, seed: int) -> str:
    """Return what so many stories found to be wrong, "" when nothing."""
    try:
        play(url, runs, seed)
    except Exception as problem:  # noqa: BLE001 - some mistakes break more than a rule
        return f"{type(problem).__name__}: {problem}".splitlines()[0][:90]
    return ""
