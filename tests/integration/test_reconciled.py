"""A test of the console that leaves a difference between our books and Stripe's fails."""

import pytest

from tests.support.harness import Harness
from tests.support.reconciled import beginning, check_reconciled


async def test_a_difference_at_the_end_of_a_test_is_found(harness: Harness):
    began = await beginning(harness)
    started = await harness.confirmed(harness.student("sam"), await harness.course())
    await check_reconciled(harness, began)
    other = await harness.checkout(harness.student("sally"), await harness.course())
    await harness.control("deliveries/mode", mode="drop")
    await harness.pay(other)
    with pytest.raises(AssertionError, match="At Stripe: paid"):
        await check_reconciled(harness, began)
    assert await harness.status_of(started) == "confirmed"
