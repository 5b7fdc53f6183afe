"""Fixtures with the whole product: one sandbox for the run, a fresh product for each test.

A plugin of the root conftest, for the integration and contract tests.
"""

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.booking_invariants import check_books
from tests.support.harness import Harness
from tests.support.ports import free_port
from tests.support.product_pool import ProductPool
from tests.support.reconciled import beginning, check_reconciled, ends_reconciled
from tests.support.sandbox import SandboxProcess


@pytest.fixture(scope="session")
def sandbox_of_the_run() -> Iterator[SandboxProcess]:
    """The sandbox in its own process. Tests are isolated by their own students and courses."""
    product = f"http://localhost:{free_port()}"
    webhook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with SandboxProcess(
        product_url=product, webhook_url=webhook, retry_base_seconds=0.05
    ) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
async def product_pool(
    sandbox_of_the_run: SandboxProcess, request: pytest.FixtureRequest
) -> AsyncIterator[ProductPool]:
    """The products that most tests share, one for each database engine."""
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("kept")
    template: Path = request.getfixturevalue("sqlite_template")
    numbers = itertools.count()

    def address_of(kind: str) -> str:
        if kind == "postgres":
            return str(request.getfixturevalue("postgres").fresh_database())
        file = folder / f"{next(numbers)}.db"
        shutil.copyfile(template, file)
        return f"sqlite:///{file}"

    pool = ProductPool(sandbox_of_the_run, address_of)
    yield pool
    await pool.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a module that is marked `both_databases` on SQLite too.

    These are the tests of what the database decides: locks, constraints, texts, searches, and one
    of each use case. What the product decides is the same on both. The stateful fuzz tests
    (tests/fuzz) compare it on SQLite in 100 runs.
    """
    is_marked = metafunc.definition.get_closest_marker("both_databases") is not None
    if is_marked and "harness" in metafunc.fixturenames:
        metafunc.parametrize("harness", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
async def harness(
    product_pool: ProductPool, request: pytest.FixtureRequest
) -> AsyncIterator[Harness]:
    """The whole product beside the sandbox, on PostgreSQL unless a test is marked.

    At the end of every test the invariants of seats and money are checked. After a test of the
    console `coursebook reconcile` finds no difference, unless it is marked `leaves_differences`.
    """
    async with product_pool.harness(getattr(request, "param", "postgres")) as product_harness:
        began = await beginning(product_harness) if ends_reconciled(request.node) else None
        yield product_harness
        await check_books(product_harness)
        if began is not None:
            await check_reconciled(product_harness, began)


@pytest.fixture
async def sqlite_harness(product_pool: ProductPool) -> AsyncIterator[Harness]:
    """The product on SQLite, for the API's surface, which does not depend on the database."""
    async with product_pool.harness("sqlite") as product_harness:
        yield product_harness
        await check_books(product_harness)


@pytest.fixture
async def books(sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Harness:
    """A harness that lists only this test's objects at Stripe.

    The sandbox's clock is moved ahead first, so that older objects can be filtered by time.
    """
    now = (await sqlite_harness.control("clock/advance", seconds=2))["now"]
    began = datetime.fromtimestamp(now, UTC)
    gateway = sqlite_harness.services.context.gateway

    def only_ours(name: str) -> None:
        ask = getattr(gateway, name)
        monkeypatch.setattr(gateway, name, lambda since, cursor: ask(max(since, began), cursor))

    for name in ("sessions", "payments", "all_refunds", "all_disputes"):
        only_ours(f"{name}_since")
    return sqlite_harness
