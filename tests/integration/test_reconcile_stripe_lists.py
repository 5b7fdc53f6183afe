"""Reconciliation through Stripe's lists: unrecorded sessions and unaccounted payments."""

from datetime import timedelta

import pytest
from sqlmodel import col

from coursebook.domain.terms import Terms, TermStep
from coursebook.persistence.schema.tables import Booking, OutboxMessage, PaymentAttempt, Refund
from coursebook.services.locked_booking import LockedBookingAndCourse
from tests.integration.test_reconcile import change, found, lost, reconciler
from tests.support.booking_states import forget_session, open_second_session
from tests.support.harness import Harness, Started


async def test_a_page_that_was_made_and_not_noted_is_found_and_adopted(books: Harness):
    started = await books.checkout(books.student("sam"), await books.course())
    await forget_session(books, started)
    (difference,) = await found(books)
    assert difference.cause == "Stripe made this payment page (open), and we have not noted it."
    await reconciler(books).settle_all((difference,))
    assert (await books.booking(started))["attempts"][0]["state"] == "open"
    assert await found(books) == ()


async def test_a_page_that_expired_at_stripe_and_is_paid_in_our_books_is_found(books: Harness):
    started = await books.checkout(books.student("sam"), await books.course())
    await lost(books)
    await books.services.context.gateway.expire_session(str(started.session_id))
    mine = col(PaymentAttempt.session_id) == started.session_id
    await change(books, PaymentAttempt, mine, state="succeeded")
    causes = {d.cause for d in await found(books)}
    assert causes == {"Paid in our books; at Stripe: expired.", "Paid, but the booking is held."}
    await change(books, PaymentAttempt, mine, state="open")


async def test_one_place_that_was_paid_for_twice_is_found(books: Harness):
    first = await books.checkout(books.student("sam"), await books.course())
    second = await open_second_session(books, first)
    await books.pay(first)
    await books.pay(second)
    mine = col(Refund.booking_id) == first.booking_id
    await change(books, Refund, mine, state="failed")
    assert [d.cause for d in await found(books)] == ["One place was paid for twice."]
    await change(books, Refund, mine, state="created")


HALF = Terms((TermStep(7 * 24, 100), TermStep(24, 50)))


async def half_cancelled(books: Harness) -> Started:
    """Return a booking that was paid and cancelled when half of it comes back."""
    course = await books.course(starts_in=timedelta(days=3), terms=HALF)
    started = await books.confirmed(books.student("sam"), course)
    path = f"/api/bookings/{started.booking_id}/cancel"
    assert (await books.post(path, started.student)).json()["status"] == "cancelled"
    return started


async def test_a_half_that_went_back_and_a_half_that_stays_are_no_difference(books: Harness):
    await half_cancelled(books)
    await books.worker_round()
    assert await found(books) == ()


async def test_a_refund_of_a_cancelled_booking_that_was_never_written_is_found(
    books: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def forgotten(*_args: object, **_more: object) -> None:
        return None

    monkeypatch.setattr(LockedBookingAndCourse, "enqueue_refund", forgotten)
    started = await half_cancelled(books)
    (difference,) = await found(books)
    assert (difference.booking_id, difference.amount) == (started.booking_id, 2250)
    assert "€22.50 of €45.00 neither went back nor stay" in difference.cause
    await change(
        books, Booking, col(Booking.id) == started.booking_id, kept_amount=4500, kept_why="terms"
    )
    assert await found(books) == (), "kept by a recorded decision"


async def test_a_refund_of_a_cancelled_booking_that_failed_unheard_is_found(books: Harness):
    started = await half_cancelled(books)
    await books.worker_round()
    mine = col(Refund.booking_id) == started.booking_id
    await change(books, Refund, mine, state="failed")
    causes = {difference.cause for difference in await found(books)}
    assert any("€22.50 of €45.00" in cause for cause in causes), causes
    await change(books, Refund, mine, state="succeeded")


async def test_a_refund_that_nothing_carries_out_any_more_is_found(books: Harness):
    started = await half_cancelled(books)
    mine = (col(OutboxMessage.booking_id) == started.booking_id) & (
        col(OutboxMessage.kind) == "refund"
    )
    await change(books, OutboxMessage, mine, done_at=books.clock())
    (difference,) = await found(books)
    assert (difference.cause, difference.amount) == (
        "A refund was promised, but nothing is queued to request it from Stripe.",
        2250,
    )
    await change(books, OutboxMessage, mine, done_at=None)
    await books.worker_round()
    assert await found(books) == ()


async def test_money_that_the_terms_keep_is_no_difference(books: Harness):
    course = await books.course(starts_in=timedelta(hours=5))
    started = await books.confirmed(books.student("sam"), course)
    await books.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert (await books.booking(started))["payment_status"] == "paid"
    assert await found(books) == ()
