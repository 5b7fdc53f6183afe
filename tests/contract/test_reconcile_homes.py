"""Reconciling through Stripe's own lists: pages that were not noted, and money that has no home."""

from datetime import timedelta

from sqlmodel import col

from coursebook.persistence.tables import PaymentAttempt, Refund
from tests.contract.test_reconcile import change, found, lost, reconciler
from tests.support.moves import forget_page, second_page
from tests.support.world import World


async def test_a_page_that_was_made_and_not_noted_is_found_and_adopted(books: World):
    started = await books.checkout(books.student("sam"), await books.course())
    await forget_page(books, started)
    (one,) = await found(books)
    assert one.cause == "Stripe made this payment page (open), and we have not noted it."
    await reconciler(books).settle_all((one,))
    assert (await books.booking(started))["attempts"][0]["state"] == "open"
    assert await found(books) == ()


async def test_a_page_that_expired_at_stripe_and_is_paid_in_our_books_is_found(books: World):
    started = await books.checkout(books.student("sam"), await books.course())
    await lost(books)
    await books.services.tools.gateway.expire_session(str(started.session_id))
    mine = col(PaymentAttempt.session_id) == started.session_id
    await change(books, PaymentAttempt, mine, state="succeeded")
    causes = {d.cause for d in await found(books)}
    assert causes == {"Paid in our books; at Stripe: expired.", "Paid, but the booking is held."}
    await change(books, PaymentAttempt, mine, state="open")


async def test_one_place_that_was_paid_for_twice_is_found(books: World):
    first = await books.checkout(books.student("sam"), await books.course())
    second = await second_page(books, first)
    await books.pay(first)
    await books.pay(second)
    mine = col(Refund.booking_id) == first.booking_id
    await change(books, Refund, mine, state="failed")
    assert [d.cause for d in await found(books)] == ["One place was paid for twice."]
    await change(books, Refund, mine, state="created")


async def test_money_that_the_terms_keep_is_no_difference(books: World):
    course = await books.course(starts_in=timedelta(hours=5))
    started = await books.confirmed(books.student("sam"), course)
    await books.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    assert (await books.booking(started))["payment_status"] == "paid"
    assert await found(books) == ()
