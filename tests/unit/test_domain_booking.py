"""A booking: every move of a place, every word for it, and every word for its money."""

from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.attempt import ALLOWED, AttemptState
from coursebook.domain.booking import (
    LIVE,
    AttemptMoney,
    BookingStatus,
    IllegalMove,
    PaymentStatus,
    RefundMoney,
    SeatEvent,
    SeatState,
    after,
    payment_status_of,
    places_of,
    status_of,
)
from coursebook.domain.refund import FROM_STRIPE, RefundState
from coursebook.persistence.schema.tables import Booking

LEGAL = {
    ("held", "confirm"): "confirmed",
    ("held", "expire"): "expired",
    ("held", "cancel"): "cancelled",
    ("expired", "confirm"): "confirmed",
    ("expired", "hold_again"): "held",
    ("expired", "cancel"): "cancelled",
    ("confirmed", "cancel"): "cancelled",
}
"""The law once more, in words, so that a change of the table is noticed here."""
PRODUCT = list(product(SeatState, SeatEvent))


@pytest.mark.parametrize(("place", "event"), PRODUCT)
def test_every_place_and_event_is_either_in_the_law_or_refused(place, event):
    then = LEGAL.get((place.value, event.value))
    if then is None:
        with pytest.raises(IllegalMove, match=f"A {place} place cannot {event}"):
            after(place, event)
    else:
        assert after(place, event) is SeatState(then)


def test_cancelled_is_the_end():
    for event in SeatEvent:
        with pytest.raises(IllegalMove):
            after(SeatState.CANCELLED, event)


@given(st.lists(st.sampled_from(SeatEvent), max_size=30))
def test_however_events_come_a_booking_is_always_somewhere_known(events):
    place = SeatState.HELD
    for event in events:
        before = place
        try:
            place = after(place, event)
        except IllegalMove:
            assert place is before
        assert place in SeatState
        if before is SeatState.CONFIRMED:
            assert place in (SeatState.CONFIRMED, SeatState.CANCELLED), (
                "a paid place never just runs out"
            )


def test_people_read_one_of_four_words():
    assert {place.value: status_of(place).value for place in SeatState} == {
        "held": "pending",
        "confirmed": "confirmed",
        "expired": "failed",
        "cancelled": "cancelled",
    }


@pytest.mark.parametrize("word", list(BookingStatus))
def test_filtering_by_a_word_finds_exactly_its_places(word):
    assert {p for p in SeatState if status_of(p) is word} == set(places_of(word))
    assert places_of(word)


def test_the_database_forbids_two_live_bookings_for_the_same_places_as_the_rules():
    index = next(i for i in Booking.__table__.indexes if i.name == "uq_booking_live")
    words = ", ".join(f"'{place.value}'" for place in LIVE)
    for dialect in ("sqlite", "postgresql"):
        assert str(index.dialect_options[dialect]["where"]) == f"place IN ({words})"
    assert index.unique
    assert [c.name for c in index.columns] == ["user_id", "course_id"]


def test_a_booking_needs_its_student_course_place_price_promise_and_times():
    optional = {"hold_expires_at", "confirmed_at", "cancelled_at", "end_cause"}
    optional |= {"kept_amount", "calendar_shows", "calendar_shown_at"}
    table: sa.Table = Booking.__table__
    assert {c.name for c in table.columns if c.nullable} == optional


def test_the_words_for_money_are_those_of_the_contract():
    assert [word.value for word in PaymentStatus] == [
        "unpaid",
        "processing",
        "paid",
        "failed",
        "refunded",
        "partially_refunded",
        "disputed",
    ]


def money_of(*attempts, refunds=(), disputed=False, price=4500):
    """Say the payment status for attempts and refunds given as words and amounts."""
    tried = [AttemptMoney(AttemptState(state), amount, disputed) for state, amount in attempts]
    given = [RefundMoney(RefundState(state), amount) for state, amount in refunds]
    return payment_status_of(price, tried, given).value


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("created", "unpaid"),
        ("open", "unpaid"),
        ("processing", "processing"),
        ("succeeded", "paid"),
        ("failed", "failed"),
        ("expired", "unpaid"),
        ("superseded", "unpaid"),
    ],
)
def test_one_attempt_says_what_the_money_does(state, word):
    assert money_of((state, 4500)) == word


def test_nothing_tried_is_unpaid():
    assert money_of() == "unpaid"


@pytest.mark.parametrize(
    ("attempts", "refunds", "word"),
    [
        ([("failed", 4500), ("open", 4500)], [], "unpaid"),
        ([("failed", 4500), ("processing", 4500)], [], "processing"),
        ([("failed", 4500), ("succeeded", 4500)], [], "paid"),
        ([("open", 4500), ("failed", 4500)], [], "failed"),
        ([("expired", 4500), ("expired", 4500)], [], "unpaid"),
        ([("succeeded", 4500), ("failed", 4500)], [], "paid"),
        ([("succeeded", 4500)], [("created", 4500)], "refunded"),
        ([("succeeded", 4500)], [("pending", 4500)], "refunded"),
        ([("succeeded", 4500)], [("succeeded", 4500)], "refunded"),
        ([("succeeded", 4500)], [("failed", 4500)], "paid"),
        ([("succeeded", 4500)], [("succeeded", 2250)], "partially_refunded"),
        ([("succeeded", 4500)], [("failed", 4500), ("pending", 1)], "partially_refunded"),
        ([("succeeded", 4500)], [("succeeded", 2250), ("pending", 2250)], "refunded"),
        ([("succeeded", 5000)], [("succeeded", 500)], "paid"),
        ([("succeeded", 5000)], [("succeeded", 600)], "partially_refunded"),
        ([("succeeded", 4400)], [], "unpaid"),
        ([("succeeded", 4500), ("succeeded", 4500)], [], "paid"),
        ([("succeeded", 4500), ("succeeded", 4500)], [("succeeded", 4500)], "paid"),
        ([("succeeded", 4500), ("succeeded", 4500)], [("succeeded", 6000)], "partially_refunded"),
        ([("succeeded", 4500), ("succeeded", 4500)], [("succeeded", 9000)], "refunded"),
    ],
)
def test_several_attempts_and_refunds_by_example(attempts, refunds, word):
    assert money_of(*attempts, refunds=refunds) == word


def test_a_free_place_is_paid_once_it_is_confirmed():
    assert money_of(("succeeded", 0), price=0) == "paid"
    assert money_of(price=0) == "unpaid"


def test_money_of_another_currency_pays_for_nothing():
    dollars = [AttemptMoney(AttemptState.SUCCEEDED, 4500, is_other_currency=True)]
    back = [RefundMoney(RefundState.SUCCEEDED, 4500, is_other_currency=True)]
    assert payment_status_of(4500, dollars, []) is PaymentStatus.UNPAID
    assert payment_status_of(4500, dollars, back) is PaymentStatus.REFUNDED


def test_a_dispute_hides_everything_else_until_it_is_over():
    assert money_of(("succeeded", 4500), disputed=True) == "disputed"
    assert money_of(("succeeded", 4500), refunds=[("succeeded", 4500)], disputed=True) == "disputed"


def test_the_ways_from_one_word_to_another_are_exactly_these():
    ways = {
        (money_of((now.value, 4500)), money_of((then.value, 4500)))
        for now, following in ALLOWED.items()
        for then in following
    }
    assert ways == {
        ("unpaid", "unpaid"),
        ("unpaid", "processing"),
        ("unpaid", "paid"),
        ("unpaid", "failed"),
        ("processing", "paid"),
        ("processing", "failed"),
        ("failed", "paid"),
    }, "paid is left only by giving money back or by a dispute"


attempts_of_all_kinds = st.lists(
    st.builds(
        AttemptMoney,
        st.sampled_from(AttemptState),
        st.integers(0, 10_000),
        st.just(False),
    ),
    max_size=4,
)
refunds_of_all_kinds = st.lists(
    st.builds(RefundMoney, st.sampled_from(RefundState), st.integers(1, 10_000)), max_size=4
)


@given(st.integers(1, 10_000), attempts_of_all_kinds, refunds_of_all_kinds)
def test_the_word_follows_what_is_kept(price, attempts, refunds):
    word = payment_status_of(price, attempts, refunds)
    came = sum(a.amount for a in attempts if a.state is AttemptState.SUCCEEDED)
    went = sum(r.amount for r in refunds if r.state is not RefundState.FAILED)
    kept = came - went
    assert (word is PaymentStatus.PAID) == (kept >= price and came > 0)
    assert (word is PaymentStatus.REFUNDED) == (came > 0 and kept <= 0)
    assert (word is PaymentStatus.PARTIALLY_REFUNDED) == (0 < kept < price and went > 0)


@given(attempts_of_all_kinds, refunds_of_all_kinds)
def test_refunds_that_failed_are_as_if_never_tried(attempts, refunds):
    lasting = [r for r in refunds if r.state is not RefundState.FAILED]
    assert payment_status_of(1, attempts, refunds) is payment_status_of(1, attempts, lasting)


@given(attempts_of_all_kinds, refunds_of_all_kinds, st.data())
def test_one_disputed_payment_makes_the_booking_disputed(attempts, refunds, data):
    if not attempts:
        return
    index = data.draw(st.integers(0, len(attempts) - 1))
    old = attempts[index]
    attempts[index] = AttemptMoney(old.state, old.amount, is_disputed=True)
    assert payment_status_of(1, attempts, refunds) is PaymentStatus.DISPUTED


def test_every_word_that_stripe_has_for_a_refund_is_understood():
    assert {word: state.value for word, state in FROM_STRIPE.items()} == {
        "pending": "pending",
        "requires_action": "pending",
        "succeeded": "succeeded",
        "failed": "failed",
        "canceled": "failed",
    }


@pytest.mark.parametrize(
    ("state", "counts", "is_final"),
    [
        ("created", True, False),
        ("pending", True, False),
        ("succeeded", True, True),
        ("failed", False, True),
    ],
)
def test_a_refund_counts_until_it_failed(state, counts, is_final):
    refund = RefundState(state)
    assert (refund.counts, refund.is_final) == (counts, is_final)
