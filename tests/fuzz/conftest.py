"""Fixtures of the fuzz tests. They are bounded; `--fuzz-scale N` makes them N times longer."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.in_memory_harness import memory_folder
from tests.fuzz.processes import ForkServer, ProcessHarness
from tests.support.log_format import plain_log
from tests.support.ports import free_port
from tests.support.sandbox import SandboxProcess

FIGURE = "figure"


@pytest.fixture(autouse=True)
def _plain_log() -> Iterator[None]:
    with plain_log(logging.ERROR):
        yield


@pytest.fixture(scope="session")
def scale(pytestconfig: pytest.Config) -> float:
    """Return how many times longer than usual the fuzz tests run."""
    return float(pytestconfig.getoption("--fuzz-scale"))


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    """A fresh SQLite database in memory: a commit waits for no disk."""
    with memory_folder() as folder:
        path = folder / "coursebook.db"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines to print at the end of the test run: runs, steps, seconds."""
    lines: list[str] = []
    yield lines
    request.node.user_properties.extend((FIGURE, line) for line in lines)


@pytest.fixture(scope="session")
def loud_sandbox() -> Iterator[SandboxProcess]:
    """A sandbox that delivers its events to the product's port, with retries."""
    product = f"http://localhost:{free_port()}"
    webhook = f"{product.replace('localhost', '127.0.0.1')}/api/stripe/webhook"
    with (
        memory_folder() as data,
        SandboxProcess(
            product_url=product, webhook_url=webhook, data=data, retry_base_seconds=0.05
        ) as sandbox,
    ):
        yield sandbox


@pytest.fixture(scope="session")
def fork_server() -> Iterator[ForkServer]:
    """A fork server, which starts a process of the product in milliseconds."""
    with ForkServer() as server:
        yield server


@pytest.fixture
def process_harness(
    fork_server: ForkServer, loud_sandbox: SandboxProcess, tmp_path: Path, figures: list[str]
) -> ProcessHarness:
    """Processes of the product beside a sandbox that calls them."""
    return ProcessHarness(fork_server, loud_sandbox, tmp_path, figures)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    ended = [report for report in reports if getattr(report, "when", None) == "teardown"]
    lines = [line for process in ended for name, line in process.user_properties if name == FIGURE]
    if lines:
        terminalreporter.section("fuzz tests")
        for line in lines:
            terminalreporter.write_line(line)
