"""Fixtures of the page tests: the real product and sandbox, and tabs without a browser."""

from collections.abc import AsyncIterator, Iterator
from unittest.mock import patch

import pytest

from coursebook.ui.live import push
from tests.support.harness import Harness, a_harness
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess
from tests.ui.sockets import Sockets


@pytest.fixture(scope="session")
def ui_sandbox() -> Iterator[SandboxProcess]:
    """The sandbox in its own process."""
    product = f"http://localhost:{free_port()}"
    webhook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with SandboxProcess(
        product_url=product, webhook_url=webhook, retry_base_seconds=0.05
    ) as sandbox:
        yield sandbox


@pytest.fixture
async def harness(ui_sandbox: SandboxProcess, sqlite_url: str) -> AsyncIterator[Harness]:
    """The whole product on SQLite; the pages do not depend on the database engine."""
    async with a_harness(ui_sandbox, sqlite_url) as product_harness:
        yield product_harness


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Remove the delays of handlers that wait for the browser or the bank."""
    with (
        patch("coursebook.ui.states.payment_redirect.SECONDS", 0),
        patch("coursebook.ui.states.payment.PAUSES", (0, 0, 0)),
    ):
        yield


@pytest.fixture
def sockets() -> Sockets:
    """Sockets of open tabs without a network."""
    return Sockets()


@pytest.fixture
def pusher(harness: Harness, sockets: Sockets) -> push.Pusher:
    """Pushes changes to those tabs."""
    return push.Pusher(sockets, harness.services)  # type: ignore[arg-type]
