"""The legal moves of a dispute: late answers never move it back."""

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
def test_only_legal_moves_are_made(now: DisputeState, then: DisputeState):
    assert may_become(now, then) == ((now.value, then.value) in LEGAL)


def test_every_status_of_the_stripe_schema_has_a_state():
    path = Path(__file__).parents[1] / "data" / "stripe" / "openapi-subset.json"
    schemas = json.loads(path.read_text())["components"]["schemas"]
    assert set(schemas["dispute"]["properties"]["status"]["enum"]) == set(FROM_STRIPE)


def test_a_dispute_holds_money_exactly_while_open_or_lost():
    away = {word for word, state in FROM_STRIPE.items() if state.takes_money}
    assert away == OPEN_WORDS | {"lost"}
