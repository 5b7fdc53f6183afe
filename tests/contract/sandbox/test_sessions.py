"""Checkout Sessions of the sandbox, through the unmodified SDK."""

import time

import pytest
import stripe

from tests.contract.sandbox.conftest import session_params


def test_a_new_session_is_open_and_unpaid_and_has_a_page(open_session, sandbox):
    session = open_session(customer_email="sam@example.test", submit_type="book")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert (session.amount_total, session.currency) == (4500, "eur")
    assert session.payment_intent is None
    assert session.customer_details.email == "sam@example.test"
    assert session.metadata["booking_id"] == "b1"


async def test_the_asynchronous_sdk_works_as_well(async_client):
    sessions = async_client.v1.checkout.sessions
    session = await sessions.create_async(session_params())
    fetched_session = await sessions.retrieve_async(session.id, {"expand": ["line_items"]})
    assert fetched_session.line_items.data[0].description == "Bread for beginners"


def test_line_items_come_in_their_order_and_in_pages(client, open_session):
    rows = [
        {
            "quantity": count,
            "price_data": {
                "currency": "usd",
                "unit_amount": 1000,
                "product_data": {"name": f"Row {count}"},
            },
        }
        for count in (1, 2, 3)
    ]
    session = open_session(line_items=rows)
    assert session.amount_total == 6000
    items = client.v1.checkout.sessions.line_items
    first = items.list(session.id, {"limit": 2})
    assert [item.description for item in first.data] == ["Row 1", "Row 2"]
    assert first.has_more
    rest = items.list(session.id, {"starting_after": first.data[-1].id})
    assert [item.amount_total for item in rest.data] == [3000]
    assert not rest.has_more


def test_nothing_to_pay_needs_no_payment(client, open_session, sandbox):
    session = open_session(amount=0)
    assert session.payment_status == "no_payment_required"
    assert sandbox.pay(session.id)["outcome"] == "paid"
    closed = client.v1.checkout.sessions.retrieve(session.id)
    assert (closed.status, closed.payment_status) == ("complete", "no_payment_required")
    assert closed.payment_intent is None


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
    ],
)
def test_an_amount_out_of_bounds_is_refused(open_session, amount, currency, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        open_session(amount=amount, currency=currency)
    assert refusal.value.code == code


@pytest.mark.parametrize("seconds", [29 * 60, 24 * 3600 + 60])
def test_a_session_lives_30_minutes_to_24_hours(open_session, seconds):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        open_session(expires_at=int(time.time()) + seconds)
    assert refusal.value.param == "expires_at"


def test_without_a_wish_a_session_lives_24_hours(client):
    params = session_params()
    del params["expires_at"]
    session = client.v1.checkout.sessions.create(params)
    assert abs(session.expires_at - session.created - 24 * 3600) < 60


def test_an_expired_session_has_no_page_and_says_so(client, open_session, receiver):
    session = open_session()
    closed = client.v1.checkout.sessions.expire(session.id)
    assert (closed.status, closed.payment_status, closed.url) == ("expired", "unpaid", None)
    receiver.wait(lambda r: r.of(session.id) == ["checkout.session.expired"])


def test_only_an_open_session_can_be_expired(client, open_session, sandbox):
    session = open_session()
    sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.expire(session.id)
    assert refusal.value.code is None
    assert refusal.value.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session'
        " has a status of `complete`."
    )


def test_a_session_expires_by_the_clock_when_it_is_read(client, open_session, sandbox, receiver):
    session = open_session()
    sandbox.control("clock/advance", seconds=31 * 60 + 1)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"
    receiver.wait(lambda r: r.of(session.id) == ["checkout.session.expired"])


def test_after_the_clock_was_advanced_new_sessions_live_their_full_time(
    client, open_session, sandbox
):
    sandbox.control("clock/advance", seconds=24 * 3600)
    session = open_session()
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.control("clock/advance", seconds=30 * 60)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.control("clock/advance", seconds=2 * 60)
    assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_sessions_are_listed_newest_first_by_status_and_payment(client, open_session, sandbox):
    older, newer = open_session(), open_session()
    listed = client.v1.checkout.sessions.list({"status": "open", "limit": 2})
    assert [session.id for session in listed.data] == [newer.id, older.id]
    paid = sandbox.pay(older.id)["session"]
    by_payment = client.v1.checkout.sessions.list({"payment_intent": paid["payment_intent"]})
    assert [session.id for session in by_payment.data] == [older.id]


def test_sessions_are_found_by_the_buyers_address(client, open_session):
    session = open_session(customer_email="only-this-one@example.test")
    wanted = {"customer_details": {"email": "only-this-one@example.test"}}
    assert client.v1.checkout.sessions.list(wanted).data[0].id == session.id
