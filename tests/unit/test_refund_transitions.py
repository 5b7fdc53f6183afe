"""The legal moves of a refund: late answers never move it back."""

import itertools

import pytest

from coursebook.domain.refund import FROM_STRIPE, RefundState, may_become

R = RefundState
LEGAL = {
    (R.CREATED, R.PENDING),
    (R.CREATED, R.SUCCEEDED),
    (R.CREATED, R.FAILED),
    (R.PENDING, R.SUCCEEDED),
    (R.PENDING, R.FAILED),
    (R.SUCCEEDED, R.FAILED),
}


@pytest.mark.parametrize(("now", "then"), list(itertools.product(R, R)))
def test_a_refund_moves_forwards_only(now: RefundState, then: RefundState):
    assert may_become(now, then) is ((now, then) in LEGAL)


def test_every_stripe_status_has_a_state_and_none_means_not_requested():
    assert R.CREATED not in FROM_STRIPE.values()
    assert set(FROM_STRIPE) == {"pending", "requires_action", "succeeded", "failed", "canceled"}


def test_only_a_failed_refund_returns_the_money_to_us():
    assert [state for state in R if not state.counts] == [R.FAILED]
