"""Data that survives a restart, and data that `--reset` deletes."""

import pytest
import stripe

from tests.contract.sandbox.conftest import client_of, session_params
from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedClient
from tests.contract.sandbox.test_startup import refusal_of
from tests.support import cards
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess


def test_a_restart_keeps_keys_payments_disputes_codes_endpoints_and_the_clock(oracle, tmp_path):
    with Receiver("whsec_of_the_tests") as receiver:
        sandbox = SandboxProcess(webhook_url=receiver.url, data=tmp_path).start()
        http = CheckedClient(oracle)
        client = client_of(sandbox, http)
        params, options = session_params(), {"idempotency_key": "attempt-1"}
        session = client.v1.checkout.sessions.create(params, options)
        sandbox.pay(session.id, cards.DISPUTED)
        dispute = client.v1.disputes.list().data[0]
        coupon = client.v1.coupons.create({"percent_off": 5})
        parameters = {"url": "http://localhost:9/", "enabled_events": ["refund.failed"]}
        endpoint = client.v1.webhook_endpoints.create(parameters)
        held = client.v1.balance.retrieve().available[0].amount
        sandbox.control("clock/advance", seconds=1000)
        sandbox.control("deliveries/mode", mode="hold")
        waiting = sandbox.pay(client.v1.checkout.sessions.create(params).id)
        sandbox.end()
        sandbox.start()
        assert client.v1.checkout.sessions.create(params, options).id == session.id
        with pytest.raises(stripe.IdempotencyError):
            client.v1.checkout.sessions.create(session_params(amount=100), options)
        assert client.v1.disputes.retrieve(dispute.id).status == "needs_response"
        assert client.v1.coupons.retrieve(coupon.id).valid
        assert client.v1.webhook_endpoints.retrieve(endpoint.id).url == endpoint.url
        assert client.v1.balance.retrieve().available[0].amount == held + 4500 - 93
        assert sandbox.control("clock/advance", seconds=0)["offset"] == 1000
        receiver.wait(lambda r: r.of(waiting["session"]["id"]) != [])
        http.close()
        sandbox.stop()


def test_a_reset_forgets_everything(oracle, tmp_path):
    sandbox = SandboxProcess(data=tmp_path).start()
    http = CheckedClient(oracle)
    client = client_of(sandbox, http)
    client.v1.checkout.sessions.create(session_params())
    sandbox.control("clock/advance", seconds=1000)
    sandbox.end()
    sandbox.start("--reset")
    assert client.v1.checkout.sessions.list().data == []
    assert sandbox.control("clock/advance", seconds=0)["offset"] == 0
    http.close()
    sandbox.stop()


def test_a_folder_in_use_is_not_shared_and_not_reset(capsys, sandbox, client):
    ports = ("--port", str(free_port()), "--smtp-port", str(free_port()))
    said = refusal_of(capsys, "--data", str(sandbox.data), "--reset", *ports)
    assert "Another sandbox is using the folder" in said
    assert client.v1.balance.retrieve().object == "balance"
