"""A payout: money that Stripe sends to the school's bank."""

from enum import StrEnum


class PayoutState(StrEnum):
    """The state of a payout at Stripe.

    pending: announced · in_transit: at the bank · paid · failed: the bank sent it back · canceled
    """

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_under_way(self) -> bool:
        """Whether its money has not arrived yet."""
        return self in (PayoutState.PENDING, PayoutState.IN_TRANSIT)

    @property
    def has_failed(self) -> bool:
        """Whether its money is back in the balance at Stripe."""
        return self in (PayoutState.FAILED, PayoutState.CANCELED)
