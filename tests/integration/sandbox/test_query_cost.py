"""Many rows do not make a call slower: counts SQLite's instructions instead of time."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.context import Context
from coursebook.sandbox.faults import Faults
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Store
from coursebook.sandbox.stripe import (
    balance,
    checkout_sessions,
    coupons,
    disputes,
    events,
    refunds,
)
from coursebook.sandbox.stripe.payments import pay
from coursebook.sandbox.stripe.test_cards import CARDS
from coursebook.sandbox.stripe.timers import run_due
from coursebook.sandbox.webhook_delivery import endpoints
from coursebook.sandbox.webhook_delivery.queue import WebhookDelivery
from tests.support import cards

CARD = CARDS[cards.VISA]
PRICE = {"currency": "eur", "unit_amount": 4500, "product_data": {"name": "Bread"}}
PARAMS = {
    "line_items": [{"price_data": PRICE, "quantity": 1}],
    "success_url": "http://localhost:3000/",
    "customer_email": "sam@example.test",
}
FEW, MANY = 40, 2000
STEP = 10  # SQLite calls back every tenth instruction
SLACK = 60  # index trees grow by a level or two, and pages split

Call = Callable[[Context, str, str], Any]

CALLS: dict[str, Call] = {
    "what is due": lambda harness, _s, _p: run_due(harness),
    "next delivery": lambda harness, _s, _p: harness.store.next_due("delivery"),
    "create": lambda harness, _s, _p: checkout_sessions.create(harness, PARAMS),
    "retrieve": lambda harness, key, _p: checkout_sessions.retrieve(harness, {}, key),
    "pay": lambda harness, key, _p: pay(harness, key, CARD, "sam@example.test"),
    "sessions": lambda harness, _s, _p: checkout_sessions.listing(harness, {}),
    "open sessions": lambda harness, _s, _p: checkout_sessions.listing(harness, {"status": "open"}),
    "sessions after one": lambda harness, key, _p: checkout_sessions.listing(
        harness, {"starting_after": key}
    ),
    "sessions before one": lambda harness, key, _p: checkout_sessions.listing(
        harness, {"ending_before": key}
    ),
    "sessions of a payment": lambda harness, _s, paid: checkout_sessions.listing(
        harness, {"payment_intent": paid}
    ),
    "sessions of nobody": lambda harness, _s, _p: checkout_sessions.listing(
        harness, {"customer_details": {"email": "nobody@example.test"}}
    ),
    "sessions of the future": lambda harness, _s, _p: checkout_sessions.listing(
        harness, {"created": (("gt", harness.clock.seconds() + 60),)}
    ),
    "sessions of long ago": lambda harness, _s, _p: checkout_sessions.listing(
        harness, {"created": (("lt", 9),)}
    ),
    "events": lambda harness, _s, _p: events.listing(harness, {}),
    "events of two kinds": lambda harness, _s, _p: events.listing(
        harness, {"types": ["charge.succeeded", "refund.failed"]}
    ),
    "undelivered events": lambda harness, _s, _p: events.listing(
        harness, {"delivery_success": False}
    ),
    "refund": lambda harness, _s, paid: refunds.create(
        harness, {"payment_intent": paid, "amount": 1}
    ),
    "refunds of a payment": lambda harness, _s, paid: refunds.listing(
        harness, {"payment_intent": paid}
    ),
    "disputes": lambda harness, _s, _p: disputes.listing(harness, {}),
    "codes of a coupon": lambda harness, _s, _p: coupons.list_codes(harness, {"coupon": "nobody"}),
    "balance": lambda harness, _s, _p: balance.retrieve(harness, {}),
    "a delivery that was answered": lambda harness, _s, _p: harness.deliveries._record(
        harness.store.find("delivery", limit=1)[0], {"taken": True}
    ),
}


class Meter:
    """Counts SQLite's instructions and records its statements."""

    def __init__(self, harness: Context) -> None:
        self.harness, self.ticks = harness, 0
        self.words: set[str] = set()

    def of(self, call: Call, *ids: str) -> int:
        """Return the ticks of one call, which is rolled back."""
        database, self.ticks = self.harness.store._db, 0
        database.set_progress_handler(self._tick, STEP)
        database.set_trace_callback(self.words.add)
        try:
            with suppress(Undo), self.harness.store.transaction():
                call(self.harness, *ids)
                raise Undo
        finally:
            database.set_progress_handler(None, 0)
            database.set_trace_callback(None)
        return self.ticks

    def _tick(self) -> int:
        self.ticks += 1
        return 0


class Undo(Exception):
    """Rolls back a call."""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    folder = tmp_path_factory.mktemp("load")
    options = SandboxOptions(data_dir=folder, webhook_url="http://localhost:9/hook")
    store = Store(folder / "sandbox.db")
    clock = Clock(store)
    endpoints.configure(store, options, clock.seconds())
    yield Context(options, store, clock, WebhookDelivery(options, store, clock), Faults())
    store.close()


def fill(harness: Context, number: int) -> tuple[str, str]:
    """Create sessions, every tenth one paid; return the last open session and the last payment."""
    paid = key = ""
    with harness.store.transaction():
        for at in range(number):
            key = str(checkout_sessions.create(harness, PARAMS)["id"])
            if at % 10 == 0:
                pay(harness, key, CARD, "sam@example.test")
                paid = checkout_sessions.retrieve(harness, {}, key)["payment_intent"]
    return key, paid


def test_two_thousand_sessions_do_not_make_any_call_dearer(harness: Context) -> None:
    meter = Meter(harness)
    ids = fill(harness, FEW)
    few = {name: meter.of(call, *ids) for name, call in CALLS.items()}
    ids = fill(harness, MANY)
    many = {name: meter.of(call, *ids) for name, call in CALLS.items()}
    dearer = {name: (few[name], many[name]) for name in CALLS if many[name] > few[name] + SLACK}
    assert dearer == {}
    read = [f"EXPLAIN QUERY PLAN {word}" for word in meter.words if word.startswith("SELECT")]
    assert read
    for word in read:
        plan = [row[3] for row in harness.store._db.execute(word)]
        assert not [line for line in plan if line.startswith("SCAN documents")], (word, plan)
