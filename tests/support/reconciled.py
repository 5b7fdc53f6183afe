"""Checks that `coursebook reconcile` finds no difference after a test."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta

import pytest

from coursebook.run.commands.reconcile import reconcile
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.support.harness import Harness
from tests.support.stack import Stack, clean_environment

SETTLING_SECONDS = 90.0
"""Payments and refunds of the last test may be on their way; the worker follows in a second.

Once a minute it asks Stripe about a payment page whose making was not answered.
"""

CONSOLE = frozenset(
    {
        "test_api_course_changes",
        "test_api_edited_courses",
        "test_api_manage_courses",
        "test_api_roles",
        "test_course_changes",
    }
)
"""The modules with acceptance tests of what an operator does with courses that people book."""


def ends_reconciled(test: pytest.Item) -> bool:
    """Tell whether the books must agree with Stripe at the end of a test."""
    return test.path.stem in CONSOLE and not is_exempt(test)


def is_exempt(node: pytest.Item | pytest.Module) -> bool:
    """Tell whether a test or a module leaves differences on purpose."""
    return node.get_closest_marker("leaves_differences") is not None


async def beginning(harness: Harness) -> datetime:
    """Return the sandbox's time, after which there are objects of this test only."""
    return datetime.fromtimestamp((await harness.control("clock/advance", seconds=2))["now"], UTC)


async def check_reconciled(harness: Harness, since: datetime) -> None:
    """Compare the books with Stripe as the command does."""
    await harness.quiet()
    await harness.worker_round()
    reconciler = Reconciler(harness.services.context, every=timedelta(), pause=0)
    (run,) = [step.run async for step in reconciler.run_to_end(since)][-1:]
    assert run.differences == (), [difference.cause for difference in run.differences]


def check_command(stack: Stack, since: datetime) -> None:
    """Let `coursebook reconcile` compare what the running product did since then.

    The command runs in this process, on a loop of its own: importing it costs more than running it.
    """
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
        for name, value in clean_environment().items():
            patch.setenv(name, value)
        patch.setenv("COURSEBOOK_DATA", str(stack.data))
        deadline = time.monotonic() + SETTLING_SECONDS
        while (exit_code := _exit_code(thread, since, printed)) and time.monotonic() < deadline:
            printed = io.StringIO()
            time.sleep(0.5)
    assert exit_code == 0, printed.getvalue()


def _exit_code(thread: ThreadPoolExecutor, since: datetime, printed: io.StringIO) -> int:
    with redirect_stdout(printed):
        return thread.submit(reconcile, since=since, is_fixing=False).result()
