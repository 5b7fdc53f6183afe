"""Scenarios of coupons and promotion codes."""

import uuid
from typing import Any

from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.registry import PERSON, scenario
from tests.contract.scenarios.sessions import refusal_of


def coupon_of(backend: Backend, **others: Any) -> Any:
    """Make a coupon."""
    return backend.client.v1.coupons.create({"duration": "once", **others})


def code_of(backend: Backend, coupon: str, **others: Any) -> Any:
    """Create a promotion code for a coupon."""
    parameters = {"promotion": {"type": "coupon", "coupon": coupon}, **others}
    return backend.client.v1.promotion_codes.create(parameters)


@scenario("coupons and promotion codes are made, found and listed")
def made(backend: Backend) -> None:
    coupon = coupon_of(backend, percent_off=20, name="Early bird")
    assert backend.client.v1.coupons.retrieve(coupon.id).percent_off == 20
    word = f"EARLY-{uuid.uuid4().hex[:8]}"
    code = code_of(backend, coupon.id, code=word, max_redemptions=5)
    options = {"expand": ["promotion.coupon"]}
    fetched_code = backend.client.v1.promotion_codes.retrieve(code.id, options)
    assert (fetched_code.code, fetched_code.promotion.coupon.name) == (word, "Early bird")
    for by in ({"code": word}, {"coupon": coupon.id}, {"active": True, "coupon": coupon.id}):
        assert [c.id for c in backend.client.v1.promotion_codes.list(by).data] == [code.id]


@scenario("a coupon changes what a session costs")
def applied(backend: Backend) -> None:
    coupon = coupon_of(backend, percent_off=20)
    session = backend.open(discounts=[{"coupon": coupon.id}])
    assert (session.amount_subtotal, session.amount_total) == (4500, 3600)
    assert session.total_details.amount_discount == 900
    options = {"expand": ["discounts.coupon", "total_details.breakdown", "line_items"]}
    fetched_session = backend.sessions.retrieve(session.id, options)
    assert fetched_session.discounts[0].coupon.id == coupon.id
    assert fetched_session.total_details.breakdown.discounts[0].amount == 900
    assert fetched_session.line_items.data[0].amount_total == 3600


@scenario("an amount off is taken off")
def amount_off(backend: Backend) -> None:
    coupon = coupon_of(backend, amount_off=1000, currency="eur")
    code = code_of(backend, coupon.id)
    session = backend.open(discounts=[{"promotion_code": code.id}])
    assert session.amount_total == 3500
    assert session.discounts[0].promotion_code == code.id


@scenario("a discount of 100 percent needs no payment")
def all_off(backend: Backend) -> None:
    session = backend.open(discounts=[{"coupon": coupon_of(backend, percent_off=100).id}])
    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")


@scenario("a discount of 100 percent is completed without a PaymentIntent", needs=PERSON)
def all_off_completed(backend: Backend) -> None:
    coupon = coupon_of(backend, percent_off=100, max_redemptions=1)
    session = backend.paid(discounts=[{"coupon": coupon.id}])
    assert (session.payment_status, session.payment_intent) == ("no_payment_required", None)
    used = backend.client.v1.coupons.retrieve(coupon.id)
    assert (used.times_redeemed, used.valid) == (1, False)


@scenario("a discount and a field for codes exclude each other")
def both(backend: Backend) -> None:
    row = [{"coupon": coupon_of(backend, percent_off=20).id}]
    refusal = refusal_of(lambda: backend.open(discounts=row, allow_promotion_codes=True))
    assert refusal.http_status == 400


@scenario("an unknown coupon is refused")
def unknown(backend: Backend) -> None:
    refusal = refusal_of(lambda: backend.open(discounts=[{"coupon": "nobody-has-this"}]))
    assert refusal.code == "resource_missing"


@scenario("a coupon takes off an amount or a share, not both")
def neither(backend: Backend) -> None:
    create = backend.client.v1.coupons.create
    for wanted in ({"duration": "once"}, {"percent_off": 10, "amount_off": 5, "currency": "eur"}):
        assert refusal_of(create, wanted).http_status == 400
