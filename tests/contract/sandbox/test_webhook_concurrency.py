"""Concurrent webhook deliveries: each endpoint has its own queue."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import stripe

from tests.contract.sandbox.conftest import client_of, session_params, until
from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedClient
from tests.support.sandbox import SandboxProcess

DONE = "checkout.session.completed"
OF_ONE_PAYMENT = 3


class Crowded(Receiver):
    """Blocks every delivery until `wanted` of them have arrived."""

    def __init__(self, secret: str, wanted: int) -> None:
        super().__init__(secret)
        self.barrier = threading.Barrier(wanted)
        self.met = False

    def take(self, body: bytes, header: str) -> int:
        try:
            self.barrier.wait(5)
        except threading.BrokenBarrierError:
            return super().take(body, header)
        self.met = True
        return super().take(body, header)


class Hanging(Receiver):
    """Does not answer until it is released."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.go = threading.Event()
        self.held = 0

    def take(self, body: bytes, header: str) -> int:
        self.held += 1
        self.go.wait(30)
        return super().take(body, header)


@contextmanager
def sdk(oracle, sandbox: SandboxProcess) -> Iterator[stripe.StripeClient]:
    http = CheckedClient(oracle)
    yield client_of(sandbox, http)
    http.close()


def pay_one(client, sandbox) -> tuple[str, str]:
    """Pay a new session without waiting for its webhook; return its id and the event's."""
    session = client.v1.checkout.sessions.create(session_params())
    return session.id, sandbox.pay(session.id, wait=False)["event"]


def test_the_events_of_one_payment_come_at_the_same_time(oracle):
    with (
        Crowded("whsec_of_the_tests", OF_ONE_PAYMENT) as receiver,
        SandboxProcess(webhook_url=receiver.url) as sandbox,
        sdk(oracle, sandbox) as client,
    ):
        pay_one(client, sandbox)
        receiver.wait(lambda r: len(r.events) == OF_ONE_PAYMENT)
        assert receiver.met


def test_the_two_copies_of_a_doubled_event_come_together(oracle):
    with (
        Crowded("whsec_of_the_tests", 2) as receiver,
        SandboxProcess(webhook_url=receiver.url) as sandbox,
    ):
        sandbox.control("deliveries/mode", mode="duplicate")
        key = sandbox.control("events/foreign")["session"]["id"]
        receiver.wait(lambda r: r.of(key).count(DONE) == 2)
        assert receiver.met


def test_an_endpoint_that_hangs_does_not_keep_another_waiting(oracle):
    with (
        Hanging("whsec_of_the_tests") as silent,
        Receiver("not known yet") as healthy,
        SandboxProcess(webhook_url=silent.url) as sandbox,
        sdk(oracle, sandbox) as client,
    ):
        endpoint = client.v1.webhook_endpoints.create(
            {"url": healthy.url, "enabled_events": [DONE]}
        )
        healthy.secret = endpoint.secret
        began = time.monotonic()
        keys = [pay_one(client, sandbox)[0] for _ in range(12)]
        healthy.wait(lambda r: all(r.of(key) == [DONE] for key in keys))
        assert (
            time.monotonic() - began < 15
        )  # each delivery to the silent endpoint times out after 20 seconds
        assert silent.held > 0
        silent.go.set()


def test_an_event_is_pending_until_each_endpoint_has_it_even_at_one_address(oracle):
    with (
        Receiver("whsec_of_the_tests") as receiver,
        SandboxProcess(webhook_url=receiver.url) as sandbox,
        sdk(oracle, sandbox) as client,
    ):  # the receiver refuses the second endpoint's signature
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": [DONE]})
        _, event = pay_one(client, sandbox)
        until(lambda: receiver.refused)
        until(lambda: client.v1.events.retrieve(event).pending_webhooks == 1)
        listed = client.v1.events.list({"delivery_success": False, "type": DONE}).data
        assert event in [each.id for each in listed]


def test_an_endpoint_can_be_changed(client, sandbox, receiver):
    endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": [DONE]})
    parameters = {
        "enabled_events": ["refund.created"],
        "description": "later",
        "metadata": {"a": "1"},
    }
    changed = client.v1.webhook_endpoints.update(endpoint.id, parameters)
    assert changed.enabled_events == ["refund.created"]
    assert (changed.description, changed.metadata.to_dict()) == ("later", {"a": "1"})
    assert changed.url == endpoint.url
    assert "secret" not in changed
    cleared = client.v1.webhook_endpoints.update(endpoint.id, {"metadata": {"a": ""}})
    assert cleared.metadata.to_dict() == {}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.webhook_endpoints.update(endpoint.id, {"url": "https://example.com/hook"})
    client.v1.webhook_endpoints.delete(endpoint.id)


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled(oracle):
    with (
        Receiver("whsec_of_the_tests") as receiver,
        SandboxProcess(webhook_url=receiver.url) as sandbox,
        sdk(oracle, sandbox) as client,
    ):
        (only,) = client.v1.webhook_endpoints.list().data
        assert client.v1.webhook_endpoints.update(only.id, {"disabled": True}).status == "disabled"
        quiet, event = pay_one(client, sandbox)
        assert client.v1.events.retrieve(event).pending_webhooks == 0
        assert client.v1.webhook_endpoints.update(only.id, {"disabled": False}).status == "enabled"
        heard, _ = pay_one(client, sandbox)
        receiver.wait(lambda r: r.of(heard) == [DONE])
        assert receiver.of(quiet) == []


@pytest.mark.parametrize("change", ["disabled", "deleted"])
def test_what_waits_for_an_endpoint_that_goes_is_not_tried_again(oracle, change):
    with (
        Receiver("whsec_of_the_tests") as receiver,
        SandboxProcess(webhook_url=receiver.url) as sandbox,
        sdk(oracle, sandbox) as client,
    ):
        (only,) = client.v1.webhook_endpoints.list().data
        sandbox.control("deliveries/mode", mode="hold")
        key, _ = pay_one(client, sandbox)
        if change == "deleted":
            gone = client.v1.webhook_endpoints.delete(only.id)
            assert (gone.id, gone.deleted) == (only.id, True)
        else:
            client.v1.webhook_endpoints.update(only.id, {"disabled": True})
        sandbox.control("deliveries/release")
        until(lambda: not sandbox.get("deliveries?list=no")["underway"])
        assert receiver.of(key) == []
        states = {each["state"] for each in sandbox.get("deliveries")["deliveries"]}
        assert states == {"given_up"}


def test_more_endpoints_than_the_limit_are_possible_one_after_the_other(client, receiver):
    for _ in range(20):
        endpoint = client.v1.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": [DONE]}
        )
        client.v1.webhook_endpoints.delete(endpoint.id)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.webhook_endpoints.retrieve(endpoint.id)
    assert refusal.value.code == "resource_missing"


def test_a_sandbox_that_is_told_no_address_sends_nothing_anywhere(oracle, tmp_path):
    with SandboxProcess(webhook_url="", data=tmp_path) as sandbox, sdk(oracle, sandbox) as client:
        assert client.v1.webhook_endpoints.list().data == []
        _, event = pay_one(client, sandbox)
        assert client.v1.events.retrieve(event).pending_webhooks == 0
        listed = client.v1.events.list({"delivery_success": True}).data
        assert event in [each.id for each in listed]


def test_the_command_alone_registers_no_endpoint():
    help_text = subprocess.run(
        [sys.executable, "-m", "coursebook.cli", "sandbox", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "200", "PATH": "", "NO_COLOR": "1", "TERM": "dumb"},
    ).stdout
    assert "--webhook-url" in help_text
