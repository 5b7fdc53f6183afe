"""Disputes: every word of Stripe has a state, and an older answer never moves one back."""

import json
from itertools import product
from pathlib import Path

import pytest

from coursebook.domain.dispute import FROM_STRIPE, DisputeState, may_become

OPEN_WORDS = {"needs_response", "under_review", "appeal_needs_response", "appeal_under_review"}
LEGAL = {
    ("inquiry", "open"),
    ("inquiry", "won"),
    ("inquiry", "lost"),
    ("inquiry", "closed"),
    ("open", "won"),
    ("open", "lost"),
    ("open", "closed"),
    ("won", "lost"),
    ("lost", "open"),
    ("lost", "won"),
    ("closed", "open"),
    ("closed", "won"),
    ("closed", "lost"),
}


@pytest.mark.parametrize(("now", "then"), list(product(DisputeState, DisputeState)))
def test_only_the_legal_moves_are_made(now: DisputeState, then: DisputeState):
    assert may_become(now, then) == ((now.value, then.value) in LEGAL)


def test_every_word_of_stripes_own_schema_is_known():
    path = Path(__file__).parents[1] / "data" / "stripe" / "openapi-subset.json"
    schemas = json.loads(path.read_text())["components"]["schemas"]
    assert set(schemas["dispute"]["properties"]["status"]["enum"]) == set(FROM_STRIPE)


def test_the_money_is_away_exactly_while_open_or_lost():
    away = {word for word, state in FROM_STRIPE.items() if state.takes_money}
    assert away == OPEN_WORDS | {"lost"}
