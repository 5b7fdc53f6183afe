"""Fixtures of the page tests: the real product and sandbox, and tabs without a browser.

Nothing is imported before a test needs it: the process that starts those of `pytest -n` reads this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from coursebook.ui.live import push
    from tests.support.harness import Harness
    from tests.support.product_pool import ProductPool
    from tests.ui.sockets import Sockets


@pytest.fixture
async def harness(product_pool: ProductPool) -> AsyncIterator[Harness]:
    """The whole product on SQLite; the pages do not depend on the database engine."""
    async with product_pool.harness("sqlite") as product_harness:
        yield product_harness
        subscriptions = product_harness.services.live.subscriptions
        for key in subscriptions.keys:  # tabs that the test left open
            subscriptions.unsubscribe(key)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Remove the delays of handlers that wait for the browser or the bank.

    A page may take as long to load as a busy machine needs.
    """
    with (
        patch("coursebook.ui.ssr.middleware.TIMEOUT", 20.0),
        patch("coursebook.ui.states.payment_redirect.SECONDS", 0),
        patch("coursebook.ui.states.payment.PAUSES", (0, 0, 0)),
    ):
        yield


@pytest.fixture
def sockets() -> Sockets:
    """Sockets of open tabs without a network."""
    from tests.ui.sockets import Sockets  # noqa: PLC0415  as above

    return Sockets()


@pytest.fixture
def pusher(harness: Harness, sockets: Sockets) -> push.Pusher:
    """Pushes changes to those tabs."""
    from coursebook.ui.live import push  # noqa: PLC0415  as above

    return push.Pusher(sockets, harness.services)  # type: ignore[arg-type]
