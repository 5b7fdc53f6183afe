"""The sandbox's own small table of parameters against Stripe's schema, and the oracle itself."""

import copy
import json

import pytest

from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.stripe import coupons, disputes, session_params
from coursebook.sandbox.stripe.routes import OPERATIONS
from tests.support.stripe_schema import (
    DATA,
    check_request,
    check_response,
    operation,
    request_schema,
)

SESSIONS = "/v1/checkout/sessions"
SAMPLES = json.loads((DATA / "fixtures-subset.json").read_text())["resources"]


def unknown_to(check, name):
    """Whether a check says that it has never heard of a parameter."""
    with pytest.raises(StripeRefusal) as refusal:
        check({name: "x", "only_for_this_test": "x"}, "")
    return refusal.value.message == f"Received unknown parameter: {name}"


@pytest.mark.parametrize("known", OPERATIONS, ids=lambda o: f"{o.method} {o.path}")
def test_every_parameter_of_stripe_is_imitated_or_refused_by_name(known):
    operation_entry = operation(known.method, known.path.replace("{id}", "x"))
    assert operation_entry is not None
    for name in request_schema(operation_entry)["properties"]:
        assert not unknown_to(known.check, name), name


@pytest.mark.parametrize(
    ("check", "address", "path"),
    [
        (disputes.EVIDENCE, "/v1/disputes/x", "evidence"),
        (coupons.PROMOTION, "/v1/promotion_codes", "promotion"),
        (coupons.RESTRICTIONS, "/v1/promotion_codes", "restrictions"),
        (session_params.DISCOUNT, SESSIONS, "discounts"),
        (session_params.PAYMENT_INTENT_DATA, SESSIONS, "payment_intent_data"),
        (session_params.LINE_ITEM, SESSIONS, "line_items"),
        (session_params.PRICE_DATA, SESSIONS, "line_items/price_data"),
        (session_params.PRODUCT_DATA, SESSIONS, "line_items/price_data/product_data"),
    ],
)
def test_nested_parameters_are_as_complete(check, address, path):
    schema = request_schema(operation("POST", address))
    for part in path.split("/"):
        schema = schema["properties"][part]
        schema = schema.get("items", schema)
    for name in schema["properties"]:
        assert not unknown_to(check, name), name


def test_the_judge_accepts_stripes_own_samples():
    for kind in ("payment_intent", "charge", "refund", "balance", "item", "checkout.session"):
        assert check_response(kind, SAMPLES[kind]) == []


def test_the_judge_notices_a_wrong_a_missing_and_an_extra_field():
    for change in ({"status": 7}, {"colour": "red"}, {"created": None}):
        changed = {**copy.deepcopy(SAMPLES["refund"]), **change}
        assert check_response("refund", changed)
    lacking = {key: value for key, value in SAMPLES["refund"].items() if key != "amount"}
    assert check_response("refund", lacking)


def test_the_judge_notices_an_unknown_parameter():
    assert check_request("POST", "/v1/refunds", "payment_intent=pi_1") == []
    assert check_request("POST", "/v1/refunds", "payment_intent=pi_1&colour=red")
