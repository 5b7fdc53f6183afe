"""Refunds by operators while Stripe fails or the process dies: Stripe's sum is always ours."""

from collections import Counter
from typing import Any

import pytest

from coursebook.domain.booking_edits.give_back import Give, GiveBack
from coursebook.sandbox.faults import KINDS
from coursebook.services.bookings.expected_amounts import Expected
from coursebook.services.bookings.operator_orders import RefundOrder
from tests.contract.test_api_booking_money import back_at_stripe, cancel, refund
from tests.integration.test_checkout_kill_points import Deed, healed, paid, reaping
from tests.support.booking_invariants import check_books
from tests.support.booking_states import shorten_stripe_timeouts
from tests.support.harness import OPERATOR, Harness, Started

MORE_THAN_THE_SDK_TRIES = 4
FAULTS = [(kind, when) for kind in KINDS for when in ("before", "after")]
KEPT = Expected(4500, "eur")


async def check_sums(harness: Harness, bookings: list[Started]) -> None:
    """Check that one refund of 15.00 was made of each booking, here and at Stripe."""
    books = await check_books(harness)
    ours: Counter[str] = Counter()
    for row in books.refunds:
        ours[row.booking_id] += row.amount
    for started in bookings:
        assert await back_at_stripe(harness, started) == [1500]
        assert ours[started.booking_id] == 1500


async def test_a_refund_survives_every_failure_of_stripe(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    harness, bookings = sqlite_harness, []
    shorten_stripe_timeouts(harness, monkeypatch)
    course = await harness.course(capacity=50)
    for number, (kind, when) in enumerate(FAULTS):
        started = await harness.confirmed(harness.student(f"sam{number}"), course)
        await harness.worker_round()
        where: dict[str, Any] = {"path": "/v1/refunds", "method": "POST"}
        fault = {"count": MORE_THAN_THE_SDK_TRIES, "kind": kind, "when": when}
        await harness.control("faults", **fault, **where)
        assert (await refund(harness, started, 1500)).status_code == 200
        await harness.worker_round()
        await harness.control("faults", count=0)
        bookings.append(started)
    for _ in range(2):
        await harness.later(minutes=4)
        await harness.worker_round()
    await check_sums(harness, bookings)


@pytest.mark.parametrize("act", ["refund", "cancel"])
async def test_killed_at_any_call_an_operator_gives_back_once(
    sqlite_harness: Harness, monkeypatch: pytest.MonkeyPatch, act: str
):
    """After each death the operator repeats the act, bound to what was seen before it."""
    harness, bookings = sqlite_harness, []
    course = await harness.course(capacity=50)
    managed = harness.services.managed_bookings
    part = GiveBack(Give.AMOUNT, 1500, "x", agreed=True)

    async def prepare(instruction: int) -> Deed:
        started = await paid(harness, f"s{instruction}", course)
        bookings.append(started)
        await harness.services.outbox.run()
        olga = await harness.principal(OPERATOR)

        async def deed() -> None:
            if act == "refund":
                await managed.refund(olga, started.booking_id, RefundOrder(1500, "x", KEPT))
            else:
                await managed.cancel(olga, started.booking_id, part, KEPT)
            await harness.services.outbox.run()

        return deed

    async with reaping(harness, monkeypatch) as reaper:
        assert await reaper.at_every_instruction(prepare) >= 5
    for started in bookings:
        if act == "refund":
            again = await refund(harness, started, 1500)
        else:
            more = {"reason": "x", "agreed": True}
            again = await cancel(harness, started, {"amount": 1500}, **more)
        assert again.status_code in (200, 409), again.text
    books = await healed(harness)
    places = {"confirmed"} if act == "refund" else {"cancelled"}
    assert {booking.place for booking in books.bookings} == places
    await check_sums(harness, bookings)
