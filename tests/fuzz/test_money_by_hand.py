"""Stateful fuzz tests with money by hand: seats and money keep every invariant.

A machine of its own: the runs of the others, and what their mutants need, stay as they are.
"""

import math
import time

from tests.fuzz.hand_rules import HandRules
from tests.fuzz.test_stateful import run_scenarios, seed_of, told

SQLITE_RUNS, POSTGRES_RUNS = 10, 2


def test_no_order_of_steps_loses_money_by_hand(sqlite_url: str, scale: float, figures: list[str]):
    began = time.monotonic()
    runs = math.ceil(SQLITE_RUNS * scale)
    tally = run_scenarios(sqlite_url, runs, seed_of(scale), HandRules)
    assert tally["rows of by_hand"]
    assert tally["rows of attendances"]
    figures += told("SQLite, by hand", tally, time.monotonic() - began)


def test_no_order_of_steps_loses_money_by_hand_on_postgresql(
    postgres_url: str, scale: float, figures: list[str]
):
    began = time.monotonic()
    runs = math.ceil(POSTGRES_RUNS * scale)
    tally = run_scenarios(postgres_url, runs, seed_of(scale), HandRules)
    figures += told("PostgreSQL, by hand", tally, time.monotonic() - began)
