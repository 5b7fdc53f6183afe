"""The price and the promise of a booking that is moved to another course."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.booking_edits.move import (
    Difference,
    PriceAfterMove,
    Wish,
    prices_of_move,
    promise_after_move,
)
from coursebook.domain.money import Money
from coursebook.domain.promise import BookedPromise, Promise, Share, due_on_cancel

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SUMS = st.integers(0, 10_000)
GIVE_BACK, KEEP = Difference.GIVE_BACK, Difference.KEEP
WAIVE, RECORDED = Difference.WAIVE, Difference.RECORDED


@pytest.mark.parametrize(
    ("price", "kept", "new_price", "difference", "after"),
    [
        (4500, 4500, 4500, None, PriceAfterMove(4500)),
        (4500, 4500, 3500, GIVE_BACK, PriceAfterMove(3500, give_back=1000)),
        (4500, 4500, 3500, KEEP, PriceAfterMove(4500)),
        (4500, 4500, 3500, None, None),
        (4500, 4500, 3500, WAIVE, None),
        (4500, 4500, 5500, WAIVE, PriceAfterMove(4500)),
        (4500, 4500, 5500, RECORDED, PriceAfterMove(5500, to_record=1000)),
        (4500, 4500, 5500, None, None),
        (4500, 4500, 5500, GIVE_BACK, None),
        (4500, 0, 5500, None, PriceAfterMove(5500)),
        (4500, 0, 5500, WAIVE, PriceAfterMove(4500)),
        (4500, 0, 3500, None, PriceAfterMove(3500)),
        (4500, 3000, 3500, None, PriceAfterMove(3500)),
        (4500, 3000, 2000, GIVE_BACK, PriceAfterMove(2000, give_back=1000)),
        (4500, 3000, 2000, KEEP, PriceAfterMove(3000)),
        (4500, 9000, 3500, GIVE_BACK, PriceAfterMove(3500, give_back=1000)),
        (0, 0, 4500, WAIVE, PriceAfterMove(0)),
        (0, 0, 4500, None, None),
        (0, 0, 0, None, PriceAfterMove(0)),
        (4500, 4500, 4500, GIVE_BACK, PriceAfterMove(4500)),
    ],
)
def test_the_price_of_a_move(price, kept, new_price, difference, after):
    assert prices_of_move(price, kept, new_price).after(difference) == after


@given(SUMS, SUMS, SUMS)
def test_a_paid_booking_has_the_price_that_is_kept_for_it(price: int, new_price: int, more: int):
    prices = prices_of_move(price, price, new_price)
    for after in filter(None, [*prices.outcomes.values(), prices.default]):
        assert after.price == price - after.give_back + after.to_record
    with_a_second_payment = prices_of_move(price, price + more, new_price)
    assert with_a_second_payment == prices


@given(SUMS, SUMS, SUMS)
def test_no_move_gives_back_more_than_was_paid(price: int, kept: int, new_price: int):
    prices = prices_of_move(price, kept, new_price)
    for after in filter(None, [*prices.outcomes.values(), prices.default]):
        assert 0 <= after.give_back <= kept
        assert not (after.give_back and after.to_record)
        assert after.price <= max(price, new_price)


DAYS = st.integers(-5, 60).map(lambda days: NOW + timedelta(days=days))
SHARES = st.lists(st.builds(Share, DAYS, st.integers(0, 100)), max_size=4)


PROMISES = SHARES.map(lambda shares: Promise(tuple(shares)))


@given(
    st.builds(BookedPromise, PROMISES, st.none() | DAYS),
    PROMISES,
    DAYS,
    DAYS,
    st.sampled_from(Wish),
)
def test_a_move_takes_no_promise_away(booked, new, starts_at, now, wish):
    after = promise_after_move(booked, new, starts_at, wish)
    if now <= starts_at:  # nobody cancels later
        assert after.whole.percent_at(now) >= booked.whole.percent_at(now)
        if wish is Wish.STUDENT:
            assert after.whole.percent_at(now) == booked.whole.percent_at(now)
    assert after.free_cancel_until is None or after.free_cancel_until <= starts_at


@given(SUMS, SUMS, st.integers(0, 100))
def test_the_difference_of_a_move_is_no_goodwill(price: int, new_price: int, percent: int):
    """Cancelling after a move gives back the share of what was kept, nothing is taken off it."""
    prices = prices_of_move(price, price, new_price)
    after = prices.after(Difference.GIVE_BACK if new_price < price else Difference.WAIVE)
    assert after is not None
    kept = price - after.give_back
    due = due_on_cancel(Money(after.price, "eur"), kept, percent)
    assert due == Money(kept, "eur").percent(percent).amount
