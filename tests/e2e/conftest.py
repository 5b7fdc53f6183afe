"""Browser tests: one shared stack, started as a newcomer would.

A test fails if its pages or the server log an error.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.browser import Visitors, chromium
from tests.support.reconciled import check_command, is_exempt
from tests.support.scheduling import BROWSER, WAITING, unit_of
from tests.support.stack import Stack, running_stack

HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()
SHARED = pytest.StashKey[tuple[ExitStack, Stack]]()
"""The stack of all browser tests, and what ends it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all browser tests on one event loop, since they share one browser."""
    shared = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(shared, append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Record a failure, so that the fixture takes a screenshot."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the shared stack with its last test: at rest it takes four hundredths of a processor."""
    if nextitem is None or unit_of(nextitem.nodeid) not in (BROWSER, WAITING):
        _end_shared(item.session)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the shared stack of a session that was interrupted."""
    _end_shared(session)


def _end_shared(session: pytest.Session) -> None:
    if SHARED in session.stash:
        closing, _ = session.stash[SHARED]
        del session.stash[SHARED]
        closing.close()


@pytest.fixture(scope="module")
def whole_stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Product and sandbox, for all browser tests of this process."""
    if SHARED not in request.session.stash:
        folder, closing = tmp_path_factory.mktemp("stack"), ExitStack()
        # All tests share Sam and Sally, who therefore exceed the usual limits.
        limits = {"CHECKOUT_LIMIT": "1000/minute", "WORKER_SECONDS": "1"}
        stack = closing.enter_context(running_stack(folder, **limits))
        request.session.stash[SHARED] = closing, stack
    return request.session.stash[SHARED][1]


def _without_faults(stack: Stack) -> None:
    stack.wait_until_ready()
    stack.control("faults", count=0)  # left by a test that failed before it cleared them


@pytest.fixture(scope="module")
def reconciled_stack(whole_stack: Stack, request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The stack for one module, after which `coursebook reconcile` finds no difference.

    A module that leaves one on purpose is marked `leaves_differences`.
    """
    whole_stack.wait_until_ready()
    began = datetime.now(UTC)
    yield whole_stack
    if not is_exempt(request.node):
        _without_faults(whole_stack)
        check_command(whole_stack, began)


@pytest.fixture
def stack(reconciled_stack: Stack) -> Iterator[Stack]:
    """The running stack; the test fails when the server logged an error meanwhile."""
    _without_faults(reconciled_stack)
    reconciled_stack.forget_trouble()
    yield reconciled_stack
    reconciled_stack.close_clients()
    errors_logged = reconciled_stack.trouble()
    if errors_logged:
        pytest.fail(f"The server logged an error:\n{errors_logged}", pytrace=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole session."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(
    browser: Browser, stack: Stack, request: pytest.FixtureRequest
) -> AsyncIterator[Visitors]:
    """Opens pages for several people; fails the test when one of their pages logs an error."""
    people = Visitors(browser, stack.url)
    yield people
    if request.node.stash.get(FAILED, False):
        await people.screenshots(re.sub(r"\W+", "-", request.node.name))
    await people.leave()
    if people.unforgiven():
        pytest.fail("The browser logged:\n" + "\n".join(people.unforgiven()), pytrace=False)


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitors: Visitors) -> Page:
    """One visitor's page on a desktop."""
    return await visitors.open()
