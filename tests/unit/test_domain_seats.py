"""Seats: held and confirmed never exceed the capacity, in any order of events."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from coursebook.domain.seats import NoSeat, Seats


@pytest.mark.parametrize(
    ("capacity", "held", "confirmed"),
    [(0, 0, 0), (-1, 0, 0), (5, -1, 0), (5, 0, -1), (5, 3, 3), (1, 2, -1), (2, 3, 0)],
)
def test_impossible_counts_are_refused(capacity, held, confirmed):
    with pytest.raises(ValueError, match="Impossible seats"):
        Seats(capacity, held, confirmed)


def test_the_last_seat_is_held_once():
    last = Seats(capacity=10, held=4, confirmed=5)
    full = last.hold()
    assert full.left == 0
    with pytest.raises(NoSeat):
        full.hold()
    with pytest.raises(NoSeat):
        full.confirm_free()


def test_paying_turns_a_held_seat_into_a_confirmed_one():
    assert Seats(10, held=1).confirm_held() == Seats(10, held=0, confirmed=1)


def test_a_late_payment_takes_a_free_seat_at_once():
    assert Seats(10, held=2, confirmed=3).confirm_free() == Seats(10, held=2, confirmed=4)


def test_a_free_seat_cannot_be_released():
    for release in (Seats(3).release_held, Seats(3).release_confirmed, Seats(3).confirm_held):
        with pytest.raises(ValueError, match="Impossible seats"):
            release()


def test_a_full_course_has_a_seat_again_after_a_release():
    full = Seats(2, held=1, confirmed=1)
    assert full.release_held().left == 1
    assert full.release_confirmed().left == 1


@given(st.integers(1, 400), st.integers(0, 800))
def test_any_number_of_buyers_fills_exactly_the_capacity(capacity, buyers):
    seats, sold = Seats(capacity), 0
    for _ in range(buyers):
        try:
            seats = seats.hold().confirm_held()
            sold += 1
        except NoSeat:
            continue
    assert sold == min(capacity, buyers) == seats.confirmed


class SeatsMachine(RuleBasedStateMachine):
    """Book, pay, cancel and pay late in any order, and compare the counts with a plain list."""

    @initialize(capacity=st.integers(1, 6))
    def open_course(self, capacity):
        self.capacity = capacity
        self.seats = Seats(capacity)
        self.model = []

    @rule()
    def book_seat(self):
        if len(self.model) < self.capacity:
            self.seats = self.seats.hold()
            self.model.append("held")
        else:
            with pytest.raises(NoSeat):
                self.seats.hold()

    @rule()
    def pay_late(self):
        if len(self.model) < self.capacity:
            self.seats = self.seats.confirm_free()
            self.model.append("confirmed")
        else:
            with pytest.raises(NoSeat):
                self.seats.confirm_free()

    @precondition(lambda self: "held" in getattr(self, "model", ()))
    @rule()
    def pay_held_seat(self):
        self.seats = self.seats.confirm_held()
        self.model.remove("held")
        self.model.append("confirmed")

    @precondition(lambda self: "held" in getattr(self, "model", ()))
    @rule()
    def expire_hold(self):
        self.seats = self.seats.release_held()
        self.model.remove("held")

    @precondition(lambda self: "confirmed" in getattr(self, "model", ()))
    @rule()
    def cancel_seat(self):
        self.seats = self.seats.release_confirmed()
        self.model.remove("confirmed")

    @invariant()
    def counts_match_the_model(self):
        if not hasattr(self, "seats"):
            return
        assert self.seats.held == self.model.count("held")
        assert self.seats.confirmed == self.model.count("confirmed")
        assert self.seats.left == self.capacity - len(self.model) >= 0


SeatsMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
test_any_day_at_the_desk = SeatsMachine.TestCase
