"""Webhook endpoints created over the API; the payment page waits for their answers."""

import threading
from urllib.parse import urlsplit

import httpx
import pytest
import stripe

from tests.contract.sandbox.conftest import client_of, session_params, until
from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedClient
from tests.support import cards
from tests.support.sandbox import SandboxProcess

DONE = "checkout.session.completed"
GOOD = {"email": "sam@example.test", "number": cards.VISA, "expiry": "12/40", "cvc": "123"}


def test_the_address_of_the_start_is_an_endpoint(client, receiver):
    listed = client.v1.webhook_endpoints.list({"limit": 100}).data
    found = next(endpoint for endpoint in listed if endpoint.url == receiver.url)
    assert (found.enabled_events, found.status) == (["*"], "enabled")


def test_another_endpoint_gets_what_it_asked_for_signed_with_its_own_secret(oracle):
    with (
        Receiver("whsec_of_the_tests") as first,
        Receiver("not known yet") as second,
        SandboxProcess(webhook_url=first.url) as sandbox,
    ):
        http = CheckedClient(oracle)
        client = client_of(sandbox, http)
        parameters = {"url": second.url, "enabled_events": [DONE, "refund.created"]}
        endpoint = client.v1.webhook_endpoints.create(parameters)
        second.secret = endpoint.secret
        session = client.v1.checkout.sessions.create(session_params())
        event = sandbox.pay(session.id)["event"]
        second.wait(lambda r: r.of(session.id) == [DONE])
        first.wait(lambda r: r.of(session.id) == [DONE])
        assert second.refused == first.refused == []
        assert len(second.events) == 1
        assert second.events[0]["pending_webhooks"] == 2
        until(lambda: client.v1.events.retrieve(event).pending_webhooks == 0)
        http.close()


@pytest.mark.parametrize("url", ["https://example.com/hook", "http://10.0.0.1/", "ftp://localhost"])
def test_an_endpoint_is_on_this_machine(client, url):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
    assert (refusal.value.code, refusal.value.param) == ("url_invalid", "url")


class Silent(Receiver):
    """An endpoint that does not answer until it is released."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.go = threading.Event()

    def take(self, body: bytes, header: str) -> int:
        self.go.wait(30)
        return super().take(body, header)


def test_the_page_waits_for_the_answer_but_not_for_ever(oracle):
    with (
        Silent("whsec_of_the_tests") as receiver,
        SandboxProcess(webhook_url=receiver.url, redirect_wait_seconds=0.3) as sandbox,
    ):
        http = CheckedClient(oracle)
        client = client_of(sandbox, http)
        session = client.v1.checkout.sessions.create(session_params())
        page = f"{sandbox.url}{urlsplit(session.url).path}"
        answer = httpx.post(page, data=GOOD, timeout=30)
        assert answer.headers["location"].endswith(f"session_id={session.id}")
        assert receiver.events == []
        assert "webhook.timed_out" in sandbox.output()
        receiver.go.set()
        receiver.wait(lambda r: r.of(session.id) == [DONE])
        http.close()
