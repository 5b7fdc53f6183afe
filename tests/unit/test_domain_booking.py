"""Bookings: every move of a seat, every booking status and every payment status."""

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
def test_every_seat_state_and_event_is_in_the_table_or_refused(place, event):
    then = LEGAL.get((place.value, event.value))
    if then is None:
        with pytest.raises(IllegalMove, match=f"A {place} place cannot {event}"):
            after(place, event)
    else:
        assert after(place, event) is SeatState(then)


def test_cancelled_is_final():
    for event in SeatEvent:
        with pytest.raises(IllegalMove):
            after(SeatState.CANCELLED, event)


@given(st.lists(st.sampled_from(SeatEvent), max_size=30))
def test_any_sequence_of_events_ends_in_a_known_state(events):
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
                "a confirmed seat never expires"
            )


def test_a_booking_has_one_of_four_statuses():
    assert {place.value: status_of(place).value for place in SeatState} == {
        "held": "pending",
        "confirmed": "confirmed",
        "expired": "failed",
        "cancelled": "cancelled",
    }


@pytest.mark.parametrize("word", list(BookingStatus))
def test_filtering_by_status_finds_exactly_its_seat_states(word):
    assert {p for p in SeatState if status_of(p) is word} == set(places_of(word))
    assert places_of(word)


def test_database_and_domain_agree_which_seat_states_are_live():
    index = next(i for i in Booking.__table__.indexes if i.name == "uq_booking_live")
    words = ", ".join(f"'{place.value}'" for place in LIVE)
    for dialect in ("sqlite", "postgresql"):
        assert str(index.dialect_options[dialect]["where"]) == f"place IN ({words})"
    assert index.unique
    assert [c.name for c in index.columns] == ["user_id", "course_id"]


def test_a_booking_has_all_its_required_columns():
    optional = {"hold_expires_at", "confirmed_at", "cancelled_at", "end_cause"}
    optional |= {"kept_amount", "free_cancel_until", "calendar_shows", "calendar_shown_at"}
    optional |= {"reserved_until", "list_price", "moved_from", "ticket_code"}
    table: sa.Table = Booking.__table__
    assert {c.name for c in table.columns if c.nullable} == optional


def test_the_payment_statuses_are_those_of_the_api():
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
    """Return the payment status for attempts and refunds given as pairs of state and amount."""
    tried = [AttemptMoney(AttemptState(state), amount, disputed) for state, amount in attempts]
    refund_money = [RefundMoney(RefundState(state), amount) for state, amount in refunds]
    return payment_status_of(price, tried, refund_money).value


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
def test_the_payment_status_of_one_attempt(state, word):
    assert money_of((state, 4500)) == word


def test_without_attempts_a_booking_is_unpaid():
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


def test_a_free_seat_is_paid_once_it_is_confirmed():
    assert money_of(("succeeded", 0), price=0) == "paid"
    assert money_of(price=0) == "unpaid"


def test_a_payment_in_another_currency_does_not_count():
    dollars = [AttemptMoney(AttemptState.SUCCEEDED, 4500, is_other_currency=True)]
    back = [RefundMoney(RefundState.SUCCEEDED, 4500, is_other_currency=True)]
    assert payment_status_of(4500, dollars, []) is PaymentStatus.UNPAID
    assert payment_status_of(4500, dollars, back) is PaymentStatus.REFUNDED


def test_a_dispute_overrides_every_other_payment_status():
    assert money_of(("succeeded", 4500), disputed=True) == "disputed"
    assert money_of(("succeeded", 4500), refunds=[("succeeded", 4500)], disputed=True) == "disputed"


def test_the_possible_changes_of_payment_status():
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
    }, "paid ends only by a refund or a dispute"


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
def test_the_payment_status_follows_the_remaining_amount(price, attempts, refunds):
    word = payment_status_of(price, attempts, refunds)
    came = sum(a.amount for a in attempts if a.state is AttemptState.SUCCEEDED)
    went = sum(r.amount for r in refunds if r.state is not RefundState.FAILED)
    kept = came - went
    assert (word is PaymentStatus.PAID) == (kept >= price and came > 0)
    assert (word is PaymentStatus.REFUNDED) == (came > 0 and kept <= 0)
    assert (word is PaymentStatus.PARTIALLY_REFUNDED) == (0 < kept < price and went > 0)


@given(attempts_of_all_kinds, refunds_of_all_kinds)
def test_failed_refunds_do_not_count(attempts, refunds):
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


def test_every_stripe_refund_status_has_a_state():
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
