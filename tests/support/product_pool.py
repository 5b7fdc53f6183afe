"""Reuses built products across tests, each on an empty database.

Connections, prepared statements and compiled queries stay warm; every row is deleted. Building them
took most of the time of a small test.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from coursebook.live import topics
from coursebook.wiring import Services, standalone_services
from tests.support.harness import Harness, harness_of
from tests.support.peer_process import wait_until_connected
from tests.support.product import MovableClock, product_settings
from tests.support.rows import delete_all
from tests.support.sandbox import SandboxProcess


@dataclass(frozen=True)
class Product:
    """Built services and how to close them."""

    services: Services
    clock: MovableClock
    closing: AsyncExitStack

    async def begin_anew(self) -> None:
        """Reset the product: delete all rows and cached state."""
        self.clock.begin()
        await delete_all(self.services.context.database)
        self.services.live.publish_here({topics.EVERYTHING})
        self.services.context.own.installation = None


class ProductPool:
    """Hands out harnesses. `address_of` creates an empty database of a kind: sqlite or postgres."""

    def __init__(self, sandbox: SandboxProcess, address_of: Callable[[str], str]) -> None:
        self._sandbox = sandbox
        self._address_of = address_of
        self._kept: dict[str, Product] = {}

    @asynccontextmanager
    async def harness(self, kind: str) -> AsyncIterator[Harness]:
        """Return a harness on an empty database.

        Its product goes back to the pool only if the test passed without an error.
        """
        product = self._kept.pop(kind, None) or await self._new(kind)
        try:
            async with harness_of(product.services, product.clock, self._sandbox) as harness:
                await wait_until_connected(product.services.live)  # it tells of everything then
                yield harness
            await product.begin_anew()
        except BaseException:
            await product.closing.aclose()
            raise
        self._kept[kind] = product

    async def close(self) -> None:
        """Close the pooled products."""
        while self._kept:
            await self._kept.popitem()[1].closing.aclose()

    async def _new(self, kind: str) -> Product:
        clock, closing = MovableClock(), AsyncExitStack()
        chosen = product_settings(self._sandbox, self._address_of(kind))
        return Product(
            await closing.enter_async_context(standalone_services(chosen, clock=clock)),
            clock,
            closing,
        )
