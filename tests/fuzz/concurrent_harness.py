"""A harness over several processes of the product, with one client for each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from coursebook.wiring import opened
from tests.fuzz.processes import ProductProcess
from tests.support.harness import Harness
from tests.support.product import MovableClock, product_settings
from tests.support.sandbox import SandboxProcess

PATIENCE = 600
LIMITS = httpx.Limits(max_connections=400, max_keepalive_connections=0)
"""Each call has a connection of its own. uvicorn hangs up after 5 s without a call, and httpx would
use a connection that long: on a slow machine a call goes out as the server hangs up."""


@asynccontextmanager
async def concurrent_harness(
    sandbox: SandboxProcess, url: str, servers: list[ProductProcess]
) -> AsyncIterator[tuple[Harness, list[httpx.AsyncClient]]]:
    """A harness whose books are read here, and one client for each server."""
    clients = [
        httpx.AsyncClient(base_url=s.url, timeout=PATIENCE, trust_env=False, limits=LIMITS)
        for s in servers
    ]
    stand_ins = httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{sandbox.port}",
        timeout=PATIENCE,
        trust_env=False,
        limits=LIMITS,
    )
    async with opened(product_settings(sandbox, url), clock=MovableClock()) as services:
        try:
            yield Harness(services, MovableClock(), clients[0], stand_ins), clients
        finally:
            for client in (*clients, stand_ins):
                await client.aclose()
