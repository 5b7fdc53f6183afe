"""The legal moves of a refund: what Stripe says may overtake itself, and nothing goes backwards."""

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


def test_every_word_of_stripe_is_known_and_none_means_not_asked_yet():
    assert R.CREATED not in FROM_STRIPE.values()
    assert set(FROM_STRIPE) == {"pending", "requires_action", "succeeded", "failed", "canceled"}


def test_only_a_failed_refund_is_with_us_again():
    assert [state for state in R if not state.counts] == [R.FAILED]
