"""One sandbox for all these tests, with a schema-checking SDK and a webhook endpoint."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import stripe

from tests.contract.sandbox.receiver import Receiver
from tests.contract.sandbox.stripe_oracle import CheckedAsyncClient, CheckedClient, StripeOracle
from tests.support.sandbox import SECRET_KEY, WEBHOOK_SECRET, SandboxProcess

stripe.enable_telemetry = False

Open = Callable[..., Any]


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with Receiver(WEBHOOK_SECRET) as webhook_receiver:
        yield webhook_receiver


@pytest.fixture(scope="session")
def running(receiver: Receiver) -> Iterator[SandboxProcess]:
    with SandboxProcess(webhook_url=receiver.url) as sandbox_process:
        yield sandbox_process


@pytest.fixture
def sandbox(running: SandboxProcess) -> Iterator[SandboxProcess]:
    """The sandbox with all test controls reset afterwards."""
    yield running
    running.control("faults", count=0)
    running.control("deliveries/release")


@pytest.fixture(scope="session")
def oracle() -> StripeOracle:
    return StripeOracle()


@pytest.fixture(scope="session")
def session_client(running: SandboxProcess, oracle: StripeOracle) -> Iterator[stripe.StripeClient]:
    http = CheckedClient(oracle)
    yield client_of(running, http)
    http.close()


@pytest.fixture
def client(session_client: stripe.StripeClient, sandbox: SandboxProcess) -> stripe.StripeClient:
    """The synchronous SDK."""
    return session_client


@pytest.fixture
async def async_client(
    sandbox: SandboxProcess, oracle: StripeOracle
) -> AsyncIterator[stripe.StripeClient]:
    """The asynchronous SDK."""
    http = CheckedAsyncClient(oracle)
    yield client_of(sandbox, http)
    await http.close_async()


@pytest.fixture
def open_session(client: stripe.StripeClient) -> Open:
    """Open a session as the product does; keyword arguments override parameters."""

    def opened(amount: int = 4500, currency: str = "eur", **others: Any) -> Any:
        return client.v1.checkout.sessions.create(session_params(amount, currency, **others))

    return opened


@pytest.fixture(scope="session")
def session_browser(running: SandboxProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, timeout=20, verify=False) as http:
        yield http


@pytest.fixture
def browser(session_browser: httpx.Client, sandbox: SandboxProcess) -> httpx.Client:
    """A browser without JavaScript that does not follow redirects."""
    return session_browser


def client_of(sandbox: SandboxProcess, http: Any, **others: Any) -> stripe.StripeClient:
    return stripe.StripeClient(
        others.pop("key", SECRET_KEY),
        base_addresses={"api": sandbox.api_base},
        http_client=http,
        **others,
    )


def session_params(amount: int = 4500, currency: str = "eur", **others: Any) -> dict[str, Any]:
    notes = {"booking_id": "b1", "app": "coursebook"}
    price = {
        "currency": currency,
        "unit_amount": amount,
        "product_data": {"name": "Bread for beginners"},
    }
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": "b1",
        "metadata": notes,
        "payment_intent_data": {"metadata": notes},
        "success_url": "http://localhost:3000/payment/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:3000/payment/cancel?booking_id=b1",
        "expires_at": int(time.time()) + 31 * 60,
        "adaptive_pricing": {"enabled": False},
        "line_items": [{"quantity": 1, "price_data": price}],
        **others,
    }


def until(fits: Callable[[], bool]) -> None:
    """Wait up to half a minute until a condition on the sandbox is true."""
    deadline = time.monotonic() + 30
    while not fits():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.01)
