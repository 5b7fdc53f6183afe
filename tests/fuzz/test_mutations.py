"""The random stories bite: whatever row of the settlement table is broken, they find it.

In CI a few mistakes; with `--fuzz-scale` above 1 every one of them.
"""

import asyncio
import logging
import time
from contextlib import nullcontext

import pytest

from tests.fuzz import state_machine
from tests.fuzz.in_memory_harness import folder_in_memory, house, in_a_hurry
from tests.fuzz.mutants import MUTANTS, Mutant
from tests.fuzz.scenario import Theatre
from tests.fuzz.single_thread_sqlite import sqlite_inline
from tests.fuzz.test_stateful import STEPS, play
from tests.fuzz.user_rules import Anything
from tests.support import cards
from tests.support.log_format import plain_log

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
    is_long = float(metafunc.config.getoption("--fuzz-scale")) > 1
    by_chance = [m for m in MUTANTS if m.name not in TOLD_AT_THE_START]
    wanted = [m for m in by_chance if is_long or m.name in IN_CI]
    if "mutant" in metafunc.fixturenames:
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


TOLD_AT_THE_START = {
    "held, paid, not taken: confirm": (cards.VISA, False, "event"),
    "held, paid, not taken: refund": (cards.VISA, False, "event"),
    "held, paid, not taken: end": (cards.VISA, False, "event"),
    "held, processing, not taken: wait": (cards.DEBIT_SUCCEEDS_LATER, False, "event"),
    "held, processing, not taken: end_and_refund": (cards.DEBIT_SUCCEEDS_LATER, False, "event"),
    "what counts is when we hear of it": (cards.VISA, True, "event"),
    "a hold outlives the start": (cards.VISA, True, None),
}
"""Mistakes about the start, each with the story that shows it: what pays, whether before the start,
and how we hear of it. By chance such a story comes seldom."""


@pytest.mark.parametrize("name", [None, *TOLD_AT_THE_START])
def test_a_story_about_the_start_of_a_course_finds_its_mistake(
    name: str | None, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        state_machine, "event", lambda _name: None
    )  # hypothesis does not play this one
    mutant = next((m for m in MUTANTS if m.name == name), None)
    stories = [TOLD_AT_THE_START[name]] if name else set(TOLD_AT_THE_START.values())
    for card, before, heard in stories:
        with mutant.alive() if mutant else nullcontext(), plain_log(logging.CRITICAL):
            said = _told_at_the_start(sqlite_url, card, heard, before=before)
        assert bool(said) == bool(mutant), said


def _told_at_the_start(url: str, card: str, heard: str | None, *, before: bool) -> str:
    """Tell the story of somebody who pays while a course begins; return what breaks."""
    with folder_in_memory() as folder, in_a_hurry(), sqlite_inline(), asyncio.Runner() as runner:
        opened = house(folder, url)
        theatre = Theatre(runner.run(opened.__aenter__()), runner.get_loop())
        story = type("AtTheStart", (Anything,), {"theatre": theatre})()
        story.left = STEPS
        try:
            story.somebody_pays_as_the_course_begins(0, card, before, True, heard)
            story._proven()
        except AssertionError as problem:
            return f"AssertionError: {problem}"
        finally:
            story.stage.close()
            runner.run(opened.__aexit__(None, None, None))
    return ""


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
