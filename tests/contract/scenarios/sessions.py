"""Scenarios of Checkout Sessions: how they open, what is refused, how they end."""

import time
from typing import Any

import pytest
import stripe

from tests.contract.sandbox.conftest import session_params
from tests.contract.scenarios.backend import Backend
from tests.contract.scenarios.registry import CLOCK, PERSON, scenario


def refusal_of(act: Any, *words: Any) -> stripe.InvalidRequestError:
    """Return the error that a call gets."""
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        act(*words)
    return refusal.value


@scenario("create a session")
def create(backend: Backend) -> None:
    session = backend.open(customer_email="sam@example.test", submit_type="book")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.amount_total, session.currency) == (4500, "eur")
    assert session.url.startswith("http")
    assert session.payment_intent is None
    assert session.metadata["booking_id"] == "b1"
    assert session.client_reference_id == "b1"
    assert not session.livemode


@scenario("create and retrieve a session with the asynchronous SDK")
def create_async(backend: Backend) -> None:
    async def work(client: stripe.StripeClient) -> Any:
        session = await client.v1.checkout.sessions.create_async(session_params())
        return await client.v1.checkout.sessions.retrieve_async(session.id)

    assert backend.run_async(work).status == "open"


@scenario("without a wish a session lives 24 hours")
def default_life(backend: Backend) -> None:
    params = session_params()
    del params["expires_at"]
    session = backend.sessions.create(params)
    assert abs(session.expires_at - session.created - 24 * 3600) < 60


@scenario("a session that would end too soon is refused")
def ends_too_soon(backend: Backend) -> None:
    refusal = refusal_of(lambda: backend.open(expires_at=int(time.time()) + 20 * 60))
    assert refusal.param == "expires_at"


@scenario("a session that would end too late is refused")
def ends_too_late(backend: Backend) -> None:
    refusal = refusal_of(lambda: backend.open(expires_at=int(time.time()) + 25 * 3600))
    assert refusal.param == "expires_at"


@scenario("an unknown parameter is refused by name")
def unknown_parameter(backend: Backend) -> None:
    refusal = refusal_of(lambda: backend.open(colour="red"))
    assert (refusal.http_status, refusal.code) == (400, "parameter_unknown")
    assert refusal.param == "colour"


@scenario("a missing parameter is refused by name")
def missing_parameter(backend: Backend) -> None:
    params = session_params()
    del params["line_items"][0]["price_data"]["currency"]
    refusal = refusal_of(backend.sessions.create, params)
    assert refusal.param == "line_items[0][price_data][currency]"


@scenario("a value of the wrong kind is refused by name")
def wrong_value(backend: Backend) -> None:
    assert refusal_of(lambda: backend.open(expires_at="soon")).param == "expires_at"
    assert refusal_of(lambda: backend.open(ui_mode="hosted")).param == "ui_mode"


@scenario("an unknown currency is refused")
def unknown_currency(backend: Backend) -> None:
    assert refusal_of(lambda: backend.open(currency="xxx")).http_status == 400


@scenario("an amount below the minimum is refused")
def below_minimum(backend: Backend) -> None:
    assert refusal_of(lambda: backend.open(amount=10)).code == "amount_too_small"


@scenario("an amount above the maximum is refused")
def above_maximum(backend: Backend) -> None:
    refusal = refusal_of(lambda: backend.open(amount=100_000_000))
    assert refusal.code in ("amount_too_large", "parameter_invalid_integer")


@scenario("a zero total needs no payment")
def zero_total(backend: Backend) -> None:
    session = backend.open(amount=0)
    assert (session.amount_total, session.payment_status) == (0, "no_payment_required")


@scenario("a zero total is completed without a PaymentIntent", needs=PERSON)
def zero_total_completed(backend: Backend) -> None:
    session = backend.paid(amount=0)
    assert (session.status, session.payment_status) == ("complete", "no_payment_required")
    assert session.payment_intent is None


@scenario("several line items add up")
def line_items_add_up(backend: Backend) -> None:
    price = {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Rope"}}
    session = backend.open(line_items=[{"quantity": n, "price_data": price} for n in (1, 2)])
    assert (session.amount_subtotal, session.amount_total) == (4500, 4500)


@scenario("expire an open session")
def expire(backend: Backend) -> None:
    closed = backend.sessions.expire(backend.open().id)
    assert (closed.status, closed.payment_status, closed.url) == ("expired", "unpaid", None)


@scenario("an expired session cannot be expired again")
def expire_twice(backend: Backend) -> None:
    session = backend.open()
    backend.sessions.expire(session.id)
    assert refusal_of(backend.sessions.expire, session.id).http_status == 400
    assert backend.sessions.retrieve(session.id).status == "expired"


@scenario("a completed session cannot be expired", needs=PERSON)
def expire_completed(backend: Backend) -> None:
    session = backend.paid()
    refusal = refusal_of(backend.sessions.expire, session.id)
    assert 'with a status in ["open"] can be expired' in str(refusal.user_message)
    assert "has a status of `complete`" in str(refusal.user_message)
    assert backend.sessions.retrieve(session.id).payment_status == "paid"


@scenario("a session expires by itself when its time has come", needs=CLOCK)
def expires_by_clock(backend: Backend) -> None:
    session = backend.open()
    backend.control("clock/advance", seconds=31 * 60 + 1)
    assert backend.sessions.retrieve(session.id).status == "expired"


@scenario("the metadata of a session can be changed")
def change_metadata(backend: Backend) -> None:
    session = backend.open()
    changed = backend.sessions.update(session.id, {"metadata": {"app": "", "note": "window seat"}})
    assert changed.metadata.to_dict() == {"booking_id": "b1", "note": "window seat"}
    assert backend.sessions.retrieve(session.id).metadata["note"] == "window seat"


@scenario("an unknown session is not found")
def unknown_session(backend: Backend) -> None:
    refusal = refusal_of(backend.sessions.retrieve, "cs_test_nobody")
    assert (refusal.http_status, refusal.code) == (404, "resource_missing")


@scenario("a wrong key is refused")
def wrong_key(backend: Backend) -> None:
    with pytest.raises(stripe.AuthenticationError):
        backend.other_client("sk_test_of_nobody").v1.balance.retrieve()
