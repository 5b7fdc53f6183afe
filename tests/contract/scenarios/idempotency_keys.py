"""Scenarios of idempotency keys."""

import threading

import pytest
import stripe

from tests.contract.sandbox.conftest import session_params, until
from tests.contract.scenarios.backend import Backend, fresh_key
from tests.contract.scenarios.registry import CLOCK, PERSON, SLOW, scenario


@scenario("the same call with the same key is replayed byte for byte")
def replay(backend: Backend) -> None:
    params, options = session_params(), fresh_key()
    first = backend.sessions.create(params, options).last_response
    again = backend.sessions.create(params, options).last_response
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"


@scenario("a replay shows the first answer even when the session has changed")
def replay_after_change(backend: Backend) -> None:
    params, options = session_params(), fresh_key()
    session = backend.sessions.create(params, options)
    backend.sessions.expire(session.id)
    assert backend.sessions.create(params, options).status == "open"


@scenario("the same key with other parameters is refused")
def mismatch(backend: Backend) -> None:
    options = fresh_key()
    backend.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError) as refusal:
        backend.sessions.create(session_params(amount=9900), options)
    assert refusal.value.http_status == 400


@scenario("the same key at another address is refused")
def other_address(backend: Backend) -> None:
    options = fresh_key()
    session = backend.sessions.create(session_params(), options)
    with pytest.raises(stripe.IdempotencyError):
        backend.sessions.expire(session.id, {}, options)


@scenario("a refusal is replayed as well", needs=PERSON)
def stored_refusal(backend: Backend) -> None:
    session, options = backend.paid(), fresh_key()
    params = {"payment_intent": session.payment_intent, "amount": 999_999}
    bodies = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            backend.client.v1.refunds.create(params, options)
        bodies.append(refusal.value.http_body)
    assert bodies[0] == bodies[1]
    assert refusal.value.headers["Idempotent-Replayed"] == "true"


@scenario("two calls with one key at once do not both run", needs=SLOW)
def concurrent(backend: Backend) -> None:
    params, options = session_params(), fresh_key()
    backend.control("faults", count=1, kind="slow", delay_ms=600)
    first = threading.Thread(target=backend.sessions.create, args=(params, options))
    first.start()
    sandbox = backend.sandbox
    assert sandbox is not None
    until(lambda: not sandbox.get("faults")["waiting"])
    with pytest.raises(stripe.APIError) as refusal:
        backend.sessions.create(params, options)
    first.join()
    assert refusal.value.http_status == 409


@scenario("a key is forgotten after a day", needs=CLOCK)
def forgotten(backend: Backend) -> None:
    params, options = session_params(), fresh_key()
    first = backend.sessions.create(params, options)
    backend.control("clock/advance", seconds=24 * 3600 + 1)
    assert backend.sessions.create(params, options).id != first.id
