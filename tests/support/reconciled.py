"""Checks that `coursebook reconcile` finds no difference after a test."""

from datetime import UTC, datetime, timedelta

import pytest

from coursebook.services.reconciliation.reconciler import Reconciler
from tests.support.harness import Harness

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
    is_exempt = test.get_closest_marker("leaves_differences") is not None
    return test.path.stem in CONSOLE and not is_exempt


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
