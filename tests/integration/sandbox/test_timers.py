"""Timers of the sandbox run completely before any request reads the state."""

from dataclasses import replace

import pytest

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.context import Context
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Filter, Store
from coursebook.sandbox.stripe import checkout_sessions
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.webhook_delivery import endpoints
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery

PRICE = {"currency": "eur", "unit_amount": 4500, "product_data": {"name": "Bread"}}
PARAMS = {
    "line_items": [{"price_data": PRICE, "quantity": 1}],
    "success_url": "http://localhost:3000/",
}


@pytest.fixture
def harness(tmp_path):
    options = SandboxOptions(data_dir=tmp_path)
    store = Store(tmp_path / "sandbox.db")
    clock = Clock(store)
    yield Context(options, store, clock, WebhookDelivery(options, store, clock), Faults())
    store.close()


def test_many_sessions_that_end_at_once_are_all_expired(harness):
    for _ in range(250):
        checkout_sessions.create(harness, PARAMS)
    harness.clock.advance(24 * 3600 + 1)
    run_due(harness)
    assert len(harness.store.find("checkout.session", Filter(status="expired"))) == 250
    assert len(harness.store.find("event")) == 250
    assert harness.store.next_due("checkout.session") is None


def test_a_failed_change_leaves_nothing_behind(harness):
    def change():
        with harness.store.transaction():
            checkout_sessions.create(harness, PARAMS)
            with harness.store.transaction():
                checkout_sessions.create(harness, PARAMS)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert harness.store.find("checkout.session") == []


def test_the_clock_moves_forwards_only(harness):
    with pytest.raises(ValueError, match="forwards"):
        harness.clock.advance(-1)


def test_pauses_between_tries_double_up_to_an_hour_and_end_after_three_days(harness):
    endpoints.configure(
        harness.store, replace(harness.options, webhook_url="http://localhost:9/"), 0
    )
    session = checkout_sessions.create(harness, PARAMS)
    emit(harness, "checkout.session.expired", harness.store.get("checkout.session", session["id"]))
    (delivery,) = harness.deliveries.all()
    pauses = []
    for _ in range(200):
        harness.deliveries._record(delivery, {"taken": False})
        if delivery["state"] == "given_up":
            break
        pauses.append(round(delivery["next_at"] - harness.clock.now()))
        harness.clock.advance(pauses[-1])
    assert pauses[:12] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]
    assert 3 * 24 * 3600 <= sum(pauses) <= 3 * 24 * 3600 + 3600
    assert delivery["state"] == "given_up"
