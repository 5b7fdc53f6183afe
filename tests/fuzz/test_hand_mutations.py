"""Mutants of money by hand: the invariants of places, money and pages must find each of them.

The random orders of `test_money_by_hand.py` use the same rules and the same invariants.
"""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from coursebook.domain.booking_edits.manual_booking import PayHow
from coursebook.services.bookings import offline_payments
from coursebook.services.manage.by_hand import receipts
from coursebook.services.settlement import hold_end
from tests.fuzz.hand_rules import HandRules
from tests.fuzz.test_mutations import failure_of_steps
from tests.support.log_format import plain_log

PRICE, TOO_MUCH, PART = 4500, 8000, 1000
Steps = Callable[[HandRules], None]


async def _nothing(*_args: Any, **_more: Any) -> None:
    return None


async def _none(*_args: Any, **_more: Any) -> list[Any]:
    return []


async def _zero(*_args: Any, **_more: Any) -> int:
    return 0


def of_a_hold_that_ends(machine: HandRules) -> None:
    """Hold a place for money by hand, and cancel it."""
    machine.the_school_books(0, PayHow.HOLD, 2, False)
    machine.a_booking_is_cancelled(0, True, None)


def of_too_much(machine: HandRules) -> None:
    """Record more than the price."""
    machine.the_school_books(0, PayHow.HOLD, 2, False)
    machine.money_comes_by_hand(0, TOO_MUCH, None)


def of_money_for_what_is_over(machine: HandRules) -> None:
    """Record the price of a place that was cancelled."""
    of_a_hold_that_ends(machine)
    machine.money_comes_by_hand(0, PRICE, None)


def of_a_part(machine: HandRules) -> None:
    """Record a part of the price."""
    machine.the_school_books(0, PayHow.HOLD, 2, False)
    machine.money_comes_by_hand(0, PART, None)


def of_a_part_whose_time_is_over(machine: HandRules) -> None:
    """Let the time to pay pass after a part has come."""
    of_a_part(machine)
    machine.time_passes(4 * 24 * 60, True)
    machine.the_worker_comes_round(None)


MUTANTS: dict[str, tuple[Any, str, Any, Steps]] = {
    "expected money outlives its place": (
        *(offline_payments, "void_expected", _none),
        of_a_hold_that_ends,
    ),
    "what is above the price stays": (
        *(offline_payments, "give_back_by_hand", _nothing),
        of_too_much,
    ),
    "what comes for a place that is over stays": (
        *(offline_payments, "give_back_by_hand", _nothing),
        of_money_for_what_is_over,
    ),
    "nobody is asked to give back": (
        *(offline_payments, "open_inbox_entry", _nothing),
        of_too_much,
    ),
    "sums of a booking are not counted": (
        *(offline_payments, "_count", lambda *_args: None),
        of_a_part,
    ),
    "a part confirms": (receipts, "due_now", _zero, of_a_part),
    "the rest is expected beside the whole": (receipts, "carry_rest", _nothing, of_a_part),
    "nobody decides about a part": (
        *(hold_end, "open_inbox_entry", _nothing),
        of_a_part_whose_time_is_over,
    ),
}
"""What is broken: the module, the name in it, what stands there instead, and what shows it."""
SCENARIOS = [*dict.fromkeys(steps for *_, steps in MUTANTS.values())]


@pytest.mark.parametrize("steps", SCENARIOS)
def test_a_scenario_by_hand_passes_without_a_mutant(
    steps: Steps, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert failure_of_steps(sqlite_url, steps, monkeypatch) == ""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_scenario_by_hand_finds_its_mutant(
    name: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
):
    module, function, instead, steps = MUTANTS[name]
    monkeypatch.setattr(module, function, instead)
    with plain_log(logging.CRITICAL):
        assert failure_of_steps(sqlite_url, steps, monkeypatch)
