"""Runs every scenario on the sandbox, and on Stripe's test mode when there is a key."""

import pytest

from tests.contract.scenarios import (
    discounts,
    disputes,
    idempotency_keys,
    lists,
    payments,
    refunds,
    sessions,
)
from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.conftest import reason_against
from tests.contract.scenarios.registry import SCENARIOS

FILES = (sessions, idempotency_keys, payments, refunds, disputes, lists, discounts)


@pytest.mark.parametrize("name", list(SCENARIOS))
@pytest.mark.parametrize("place", ["sandbox", "stripe"])
def test_scenario(place: str, name: str, request: pytest.FixtureRequest) -> None:
    backend: Backend = request.getfixturevalue(f"{place}_backend")
    before = backend.oracle.seen
    SCENARIOS[name].act(backend)
    assert backend.oracle.seen > before, "a scenario must use the checked SDK"


def test_there_are_scenarios_for_everything_that_was_asked_for():
    assert len(SCENARIOS) >= 36
    assert all(any(s.act.__module__ == file.__name__ for file in FILES) for s in SCENARIOS.values())


def test_what_needs_more_than_the_api_is_not_played_on_stripe():
    assert reason_against("test_scenario[sandbox-pay with a card]") == ""
    assert reason_against("test_scenario[stripe-pay with a card]")
