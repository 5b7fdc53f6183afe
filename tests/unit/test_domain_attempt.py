"""Payment attempts: every pair of states, and the moves that may never be undone."""

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
def test_every_pair_of_states_follows_the_table(now, then):
    assert may_become(now, then) == (then.value in LEGAL[now.value])


def test_the_table_covers_every_state():
    assert set(ALLOWED) == set(AttemptState)


@pytest.mark.parametrize("state", [s for s in AttemptState if s is not AttemptState.SUCCEEDED])
def test_every_state_can_move_to_succeeded(state):
    assert may_become(state, AttemptState.SUCCEEDED)


def test_a_processing_payment_is_never_abandoned_by_us():
    left = {then for then in AttemptState if may_become(AttemptState.PROCESSING, then)}
    assert left == {AttemptState.SUCCEEDED, AttemptState.FAILED}


@given(st.lists(st.sampled_from(AttemptState), max_size=30))
def test_stale_and_repeated_events_never_undo_a_success(messages):
    state = AttemptState.CREATED
    was_paid = False
    for said in messages:
        if may_become(state, said):
            state = said
        was_paid = was_paid or state is AttemptState.SUCCEEDED
        assert not was_paid or state is AttemptState.SUCCEEDED


@given(st.sampled_from(AttemptState))
def test_repeating_an_event_changes_nothing(state):
    assert not may_become(state, state)


def test_only_payable_and_processing_states_are_not_final():
    assert {s.value for s in AttemptState if not s.is_final} == {"created", "open", "processing"}


def test_each_attempt_has_a_unique_key_without_personal_data():
    first, second = idempotency_key("bkg_7f3k", 1), idempotency_key("bkg_7f3k", 2)
    assert first == "booking-bkg_7f3k-attempt-1"
    assert first != second
    assert len(idempotency_key("bkg_" + "x" * 36, 10**6)) <= 255
