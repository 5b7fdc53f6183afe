"""The states of a refund: Stripe's own, plus `created` before Stripe is called."""

from enum import StrEnum


class RefundState(StrEnum):
    """`created`: recorded by us, Stripe not yet called. The others are Stripe's states."""

    CREATED = "created"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def counts(self) -> bool:
        """True while this money is refunded or on its way."""
        return self is not RefundState.FAILED

    @property
    def is_final(self) -> bool:
        """True when polling Stripe is no longer needed."""
        return self in (RefundState.SUCCEEDED, RefundState.FAILED)


ALLOWED: dict[RefundState, frozenset[RefundState]] = {
    RefundState.CREATED: frozenset(RefundState) - {RefundState.CREATED},
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),  # a bank may send money back later
    RefundState.FAILED: frozenset(),
}
"""Legal next states. An older response of Stripe with any other move changes nothing."""


def may_become(now: RefundState, then: RefundState) -> bool:
    """Tell whether a refund in state `now` may move to `then`."""
    return then in ALLOWED[now]


FROM_STRIPE: dict[str, RefundState] = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
"""Stripe's refund status to ours (docs.stripe.com/api/refunds/object#refund_object-status)."""
