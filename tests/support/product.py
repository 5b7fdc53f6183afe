"""The product for contract tests: the real services and API, served on a port by this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import uvicorn
from starlette.applications import Starlette

from coursebook.settings import Settings
from tests.support.sandbox import SandboxProcess

GRACE_SECONDS = 5
"""How long the requests that are being answered at the end of a test may take."""
PAUSE_SECONDS = 0.001


def next_time(now: datetime, hour: int, zone: tzinfo = UTC) -> datetime:
    """Return when it is this hour next. Of two hours, one is at most 23 hours away.

    The sandbox refuses a Checkout Session that ends more than 24 hours from real time.
    """
    local = now.astimezone(zone)
    then = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return (then if then > local else then + timedelta(days=1)).astimezone(UTC)


class MovableClock:
    """The product's clock: real time plus what the test has advanced."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by

    def begin(self) -> None:
        """Return to real time."""
        self._ahead = timedelta()


class _TestServer(uvicorn.Server):
    """Ignores the signals of the test run, and stops at once instead of at the next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up, self.end = asyncio.Event(), asyncio.Event()

    async def main_loop(self) -> None:
        self.up.set()
        await self.end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, without its pause of 0.1 s at the end of every test."""
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_SECONDS):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110
                    await asyncio.sleep(PAUSE_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()


def product_settings(sandbox: SandboxProcess, database_url: str, **changed: object) -> Settings:
    """Return the settings that `coursebook run` passes to a product beside this sandbox."""
    usual: dict[str, object] = {
        "public_url": sandbox.product_url,
        "coursebook_sandbox_url": sandbox.url,
        "database_url": database_url,
        "stripe_secret_key": sandbox.secret_key,
        "stripe_webhook_secret": sandbox.webhook_secret,
        "smtp_url": f"smtp://127.0.0.1:{sandbox.smtp_port}",
        "checkout_limit": "1000/minute",
        "search_limit": "10000/minute",
        "token_limit": "10000/minute",
        "address_limit": "10000/minute",
        "manage_limit": "10000/minute",
        "export_limit": "10000/minute",
        "message_limit": "10000/minute",
        "visitor_limit": "10000/minute",
        "reconcile_hours": 0,
    }
    return Settings(_env_file=None, **(usual | changed))  # type: ignore[arg-type]


@asynccontextmanager
async def serving(app: Starlette, port: int, **options: Any) -> AsyncIterator[None]:
    """Serve `app` on a local port, on the test's event loop; `options` are uvicorn's."""
    config = uvicorn.Config(
        app,
        port=port,
        lifespan="off",
        ws="none",
        log_config=None,
        **options,
    )
    server = _TestServer(config)
    running = asyncio.create_task(server._serve())
    try:
        async with asyncio.timeout(10):
            await server.up.wait()
        yield
    finally:
        server.end.set()
        await running
