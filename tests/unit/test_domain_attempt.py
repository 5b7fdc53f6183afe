"""A payment attempt: every pair of states, and what may never be undone."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.domain.attempt import ALLOWED, AttemptState, idempotency_key, may_become

LEGAL = {
    "created": {"open", "processing", "succeeded", "failed", "expired", "superseded"},
    "open": {"processing", "succeeded", "failed", "expired", "superseded"},
    "processing": {"succeeded", "failed"},
    "failed": {"succeeded"},
    "expired": {"succeeded", "processing"},
    "superseded": {"succeeded", "processing", "failed"},
    "succeeded": set(),
}
"""The law once more, in words, so that a change of the table is noticed here."""


@pytest.mark.parametrize(("now", "then"), list(product(AttemptState, AttemptState)))
def test_every_pair_of_states_follows_the_law(now, then):
    assert may_become(now, then) == (then.value in LEGAL[now.value])


def test_the_table_speaks_of_every_state():
    assert set(ALLOWED) == set(AttemptState)


@pytest.mark.parametrize("state", [s for s in AttemptState if s is not AttemptState.SUCCEEDED])
def test_what_stripe_calls_paid_is_paid_from_anywhere(state):
    assert may_become(state, AttemptState.SUCCEEDED)


def test_a_payment_that_is_on_its_way_is_never_given_up_by_us():
    left = {then for then in AttemptState if may_become(AttemptState.PROCESSING, then)}
    assert left == {AttemptState.SUCCEEDED, AttemptState.FAILED}


@given(st.lists(st.sampled_from(AttemptState), max_size=30))
def test_old_and_repeated_messages_never_undo_a_success(messages):
    state = AttemptState.CREATED
    was_paid = False
    for said in messages:
        if may_become(state, said):
            state = said
        was_paid = was_paid or state is AttemptState.SUCCEEDED
        assert not was_paid or state is AttemptState.SUCCEEDED


@given(st.sampled_from(AttemptState))
def test_the_same_message_twice_changes_nothing_the_second_time(state):
    assert not may_become(state, state)


def test_only_states_in_which_a_person_can_still_pay_or_money_moves_are_not_final():
    assert {s.value for s in AttemptState if not s.is_final} == {"created", "open", "processing"}


def test_each_attempt_has_a_key_of_its_own_that_names_nobody():
    first, second = idempotency_key("bkg_7f3k", 1), idempotency_key("bkg_7f3k", 2)
    assert first == "booking-bkg_7f3k-attempt-1"
    assert first != second
    assert len(idempotency_key("bkg_" + "x" * 36, 10**6)) <= 255
