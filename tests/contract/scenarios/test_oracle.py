"""Tests of the oracle: it refuses every answer with a broken field."""

import json
from typing import Any

import pytest

from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.discounts import code_of, coupon_of
from tests.contract.scenarios.disputes import dispute_of
from tests.contract.scenarios.mutations import mutations
from tests.support import cards
from tests.support.stripe_schema import check_response, required_of

# Objects that may have any key, at Stripe too.
OPEN = {"metadata", "previous_attributes", "currency_options"}
KINDS = (
    *("checkout.session", "payment_intent", "charge", "refund", "dispute", "event", "balance"),
    *("balance_transaction", "coupon", "promotion_code", "discount", "item", "price", "product"),
    *("webhook_endpoint", "error"),
)


@pytest.fixture(scope="session")
def samples(sandbox_backend: Backend) -> dict[str, Any]:
    """One real answer of the sandbox per kind of object."""
    backend, calls = sandbox_backend, sandbox_backend.client.v1
    coupon = coupon_of(backend, percent_off=20, name="Early bird")
    code = code_of(backend, coupon.id)
    key = backend.paid(discounts=[{"promotion_code": code.id}], customer_email="s@example.test").id
    paths = ["line_items.data.price.product", "line_items.data.discounts", "payment_intent"]
    session = raw(backend.sessions.retrieve(key, {"expand": paths}))
    item = session["line_items"]["data"][0]
    parameters = {"payment_intent": session["payment_intent"]["id"], "amount": 100}
    expand = {"expand": ["charge", "balance_transaction"]}
    refund = raw(calls.refunds.create({**parameters, **expand}))
    balance = [
        session,
        session["payment_intent"],
        item,
        item["price"],
        item["price"]["product"],
        item["discounts"][0]["discount"],
        refund,
        refund["charge"],
        refund["balance_transaction"],
        raw(dispute_of(backend, backend.paid(cards.DISPUTED))),
        raw(calls.balance.retrieve()),
        raw(calls.events.list({"type": "refund.created"}).data[0]),
        raw(coupon),
        raw(code),
        raw(calls.webhook_endpoints.list().data[0]),
    ]
    error = {"error": {"type": "invalid_request_error", "code": "x", "message": "x", "param": "x"}}
    return {one["object"]: one for one in balance} | {"error": error}


def raw(answer: Any) -> Any:
    return json.loads(str(answer))


@pytest.mark.parametrize("kind", KINDS)
def test_every_broken_field_is_noticed(samples: dict[str, Any], kind: str) -> None:
    sample, missed, tried = samples[kind], [], 0
    assert check_response(kind, sample) == []
    for what, path, broken in mutations(sample):
        if OPEN & set(path[:-1]) or (what == "stranger" and OPEN & set(path[-1:])):
            continue
        if what == "gone" and not (len(path) == 1 and path[0] in required_of(kind)):
            continue
        tried += 1
        if not check_response(kind, broken):
            missed.append((what, ".".join(map(str, path))))
    assert missed == []
    assert tried > 3
