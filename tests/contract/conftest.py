"""Fixtures of the contract tests: one sandbox for the run, a fresh product for each test."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from tests.support.books import check_books
from tests.support.plain_log import plain_log
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess
from tests.support.world import World, a_world


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    with plain_log():
        yield


@pytest.fixture(scope="session")
def sandbox_of_the_run() -> Iterator[SandboxProcess]:
    """The sandbox, a process of its own; tests keep apart by their own students and courses."""
    product = f"http://localhost:{free_port()}"
    webhook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with SandboxProcess(product_url=product, webhook_url=webhook, retry_base_seconds=0.05) as one:
        yield one


@pytest.fixture
async def world(sandbox_of_the_run: SandboxProcess, database_url: str) -> AsyncIterator[World]:
    """The whole product beside the sandbox, on SQLite and on PostgreSQL.

    Whatever a test did: at its end the books of places and money have to be right.
    """
    async with a_world(sandbox_of_the_run, database_url) as one:
        yield one
        await check_books(one)


@pytest.fixture
async def sqlite_world(sandbox_of_the_run: SandboxProcess, sqlite_url: str) -> AsyncIterator[World]:
    """The same on SQLite only, for what does not touch the database's own ways."""
    async with a_world(sandbox_of_the_run, sqlite_url) as one:
        yield one
        await check_books(one)


@pytest.fixture
async def books(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world to compare with Stripe's: of what other tests left there it sees nothing.

    The clock of the sandbox runs ahead.
    """
    now = (await sqlite_world.lever("clock/advance", seconds=2))["now"]
    began = datetime.fromtimestamp(now, UTC)
    gateway = sqlite_world.services.tools.gateway

    def only_ours(name: str) -> None:
        ask = getattr(gateway, name)
        monkeypatch.setattr(gateway, name, lambda since, cursor: ask(max(since, began), cursor))

    for name in ("sessions", "payments", "all_refunds", "all_disputes"):
        only_ours(f"{name}_since")
    return sqlite_world
