"""Idempotency keys: replayed, mismatched, in use, forgotten."""

import threading
import uuid

import pytest
import stripe

from tests.contract.sandbox.conftest import session_params, until


def key() -> dict[str, str]:
    return {"idempotency_key": f"booking-{uuid.uuid4()}-attempt-1"}


def test_the_same_call_again_is_the_same_session(client):
    params, options = session_params(), key()
    first = client.v1.checkout.sessions.create(params, options)
    again = client.v1.checkout.sessions.create(params, options)
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.body == first.last_response.body
    assert again.last_response.request_id != first.last_response.request_id


def test_the_first_answer_is_given_again_even_when_the_session_has_changed(client, sandbox):
    params, options = session_params(), key()
    first = client.v1.checkout.sessions.create(params, options)
    sandbox.pay(first.id)
    assert client.v1.checkout.sessions.create(params, options).status == "open"


def test_the_same_key_with_other_parameters_is_refused(client):
    options = key()
    client.v1.checkout.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        client.v1.checkout.sessions.create(session_params(amount=9900), options)


def test_the_same_key_at_another_address_is_refused(client):
    options = key()
    session = client.v1.checkout.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        client.v1.checkout.sessions.expire(session.id, {}, options)


def test_a_refusal_is_kept_as_well(client, open_session, sandbox):
    intent = sandbox.pay(open_session().id)["session"]["payment_intent"]
    refund = client.v1.refunds.create({"payment_intent": intent})
    options = key()
    with pytest.raises(stripe.InvalidRequestError) as first:
        client.v1.refunds.create({"payment_intent": intent}, options)
    sandbox.control(f"refunds/{refund.id}/fail")
    with pytest.raises(stripe.InvalidRequestError) as again:
        client.v1.refunds.create({"payment_intent": intent}, options)
    assert again.value.http_body == first.value.http_body


def test_a_bad_parameter_does_not_use_up_the_key(client):
    options = key()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(session_params(mode="gift"), options)
    assert client.v1.checkout.sessions.create(session_params(), options).status == "open"


def test_two_calls_with_one_key_at_once_do_not_both_run(client, sandbox):
    params, options = session_params(), key()
    create = client.v1.checkout.sessions.create
    sandbox.control("faults", count=1, kind="slow", delay_ms=800)
    first = threading.Thread(target=create, args=(params, options))
    first.start()
    until(lambda: not sandbox.get("faults")["waiting"])
    with pytest.raises(stripe.APIError) as refusal:
        create(params, options)
    first.join()
    assert refusal.value.http_status == 409
    assert refusal.value.error.code == "idempotency_key_in_use"


def test_a_key_is_forgotten_after_a_day(client, sandbox):
    params, options = session_params(), key()
    first = client.v1.checkout.sessions.create(params, options)
    sandbox.control("clock/advance", seconds=24 * 3600 + 1)
    assert client.v1.checkout.sessions.create(params, options).id != first.id


def test_a_key_that_is_too_long_is_refused(sandbox, browser):
    head = {"Authorization": f"Bearer {sandbox.secret_key}", "Idempotency-Key": "k" * 256}
    answer = browser.post("/v1/refunds", headers=head, data={"amount": "1"})
    assert answer.status_code == 400
