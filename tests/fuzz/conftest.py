"""Fixtures of the fuzz tests. They are bounded; `--fuzz-scale N` makes them N times longer."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.in_memory_harness import folder_in_memory
from tests.fuzz.processes import Ground, Nursery
from tests.support.log_format import plain_log
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess

PROVEN = "proven"


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    with plain_log(logging.ERROR):
        yield


@pytest.fixture(scope="session")
def scale(pytestconfig: pytest.Config) -> float:
    """Return how many times longer than usual the fuzz tests run."""
    return float(pytestconfig.getoption("--fuzz-scale"))


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines that are shown at the end of the test run: what was proven."""
    lines: list[str] = []
    yield lines
    request.node.user_properties.extend((PROVEN, line) for line in lines)


@pytest.fixture(scope="session")
def loud_sandbox() -> Iterator[SandboxProcess]:
    """A sandbox that sends its events to the product's port, again and again until answered."""
    product = f"http://localhost:{free_port()}"
    webhook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with (
        folder_in_memory() as data,
        SandboxProcess(
            product_url=product, webhook_url=webhook, data=data, retry_base_seconds=0.05
        ) as one,
    ):
        yield one


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes of the product within a moment."""
    with Nursery() as one:
        yield one


@pytest.fixture
def ground(
    nursery: Nursery, loud_sandbox: SandboxProcess, tmp_path: Path, figures: list[str]
) -> Ground:
    """Processes of the product beside a sandbox that calls them."""
    return Ground(nursery, loud_sandbox, tmp_path, figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was proven."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    ended = [report for report in reports if getattr(report, "when", None) == "teardown"]
    lines = [line for one in ended for name, line in one.user_properties if name == PROVEN]
    if lines:
        terminalreporter.section("proven")
        for line in lines:
            terminalreporter.write_line(line)
