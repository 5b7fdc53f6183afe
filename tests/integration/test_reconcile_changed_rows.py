"""Reconciliation finds a row that was changed by hand, whatever its new value."""

from typing import Any

import pytest
from sqlmodel import col

from coursebook.persistence.schema.tables import Booking, Dispute, PaymentAttempt, Refund
from tests.integration.test_reconcile import change, found, paid
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import charge_of


async def causes_with(harness: Harness, table: Any, where: Any, good: Any, **bad: Any) -> set[str]:
    """Return the causes found while the row is changed; restore it afterwards."""
    await change(harness, table, where, **bad)
    causes = {difference.cause for difference in await found(harness)}
    await change(harness, table, where, **dict.fromkeys(bad, good))
    assert await found(harness) == ()
    return causes


async def given_back_in_part(harness: Harness) -> Started:
    started = await paid(harness)
    await harness.control(f"charges/{await charge_of(harness, started)}/refund", amount=1500)
    await harness.quiet()
    return started


async def disputed(harness: Harness) -> Started:
    started = await paid(harness)
    await harness.control(f"charges/{await charge_of(harness, started)}/dispute")
    await harness.quiet()
    return started


@pytest.mark.parametrize("state", ["created", "pending", "failed"])
async def test_a_refund_in_another_state_is_found(books: Harness, state: str):
    started = await given_back_in_part(books)
    mine = col(Refund.booking_id) == started.booking_id
    causes = await causes_with(books, Refund, mine, "succeeded", state=state)
    assert f"A refund is succeeded at Stripe and {state} in our books." in causes


async def test_a_refund_in_another_currency_is_found(books: Harness):
    started = await given_back_in_part(books)
    mine = col(Refund.booking_id) == started.booking_id
    causes = await causes_with(books, Refund, mine, "eur", currency="usd")
    assert causes == {"A refund of €15.00 at Stripe is $15.00 in our books."}


@pytest.mark.parametrize("state", ["inquiry", "won", "lost", "closed"])
async def test_a_dispute_in_another_state_is_found(books: Harness, state: str):
    started = await disputed(books)
    mine = col(Dispute.booking_id) == started.booking_id
    causes = await causes_with(books, Dispute, mine, "open", state=state)
    assert f"A dispute is open at Stripe and {state} in our books." in causes


async def test_a_dispute_about_another_sum_is_found(books: Harness):
    started = await disputed(books)
    mine = col(Dispute.booking_id) == started.booking_id
    causes = await causes_with(books, Dispute, mine, 4500, amount=1)
    assert causes == {"A dispute about €45.00 at Stripe is about €0.01 in our books."}


async def test_a_payment_with_the_wrong_mark_of_a_dispute_is_found(books: Harness):
    started = await disputed(books)
    mine = col(PaymentAttempt.booking_id) == started.booking_id
    causes = await causes_with(books, PaymentAttempt, mine, good=True, is_disputed=False)
    assert causes == {"A payment is disputed, but not marked so."}
    other = await paid(books)
    mine = col(PaymentAttempt.booking_id) == other.booking_id
    causes = await causes_with(books, PaymentAttempt, mine, good=False, is_disputed=True)
    assert causes == {"A payment is marked as disputed, but no bank has it."}


@pytest.mark.parametrize(
    ("bad", "good", "said"),
    [
        ({"price": 9000}, 4500, "Confirmed for €90.00, but €45.00 came."),
        ({"price": 100}, 4500, "One place was paid for twice."),
        ({"currency": "usd"}, "eur", "Paid in a currency that is not the booking's."),
    ],
)
async def test_a_booking_whose_price_is_not_what_came_is_found(
    books: Harness, bad: dict[str, Any], good: Any, said: str
):
    started = await paid(books)
    mine = col(Booking.id) == started.booking_id
    assert said in await causes_with(books, Booking, mine, good, **bad)


@pytest.mark.parametrize("noted", [100, 9900])
async def test_another_sum_noted_than_came_is_found(books: Harness, noted: int):
    started = await paid(books)
    mine = col(PaymentAttempt.booking_id) == started.booking_id
    causes = await causes_with(books, PaymentAttempt, mine, None, received_amount=noted)
    assert f"In our books €{noted // 100}.00 came, at Stripe €45.00." in causes


async def test_goodwill_and_a_kept_share_are_no_difference(books: Harness):
    started = await given_back_in_part(books)
    assert await found(books) == ()
    await books.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await books.worker_round()
    assert await found(books) == ()
