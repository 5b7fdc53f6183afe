"""The states of a dispute: the student's bank inquires about a payment, or takes it back.

Names from docs.stripe.com/api/disputes/object#dispute_object-status. An inquiry moves no money and
does not block a refund; a dispute withholds the money until it is won.
"""

from enum import StrEnum


class DisputeState(StrEnum):
    """The state of a dispute.

    inquiry: a question from the bank · open: the money is away, to be answered or under review ·
    won: the money came back · lost: it did not · closed: over, and no money was moved by it.
    """

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"

    @property
    def takes_money(self) -> bool:
        """True while the money is not with us; Stripe then refuses refunds of the payment."""
        return self in (DisputeState.OPEN, DisputeState.LOST)

    @property
    def is_over(self) -> bool:
        """True when polling Stripe is no longer needed."""
        return self not in (DisputeState.INQUIRY, DisputeState.OPEN)


ALLOWED: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.INQUIRY: frozenset(DisputeState) - {DisputeState.INQUIRY},
    DisputeState.OPEN: frozenset({DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED}),
    DisputeState.WON: frozenset({DisputeState.LOST}),
    DisputeState.LOST: frozenset({DisputeState.OPEN, DisputeState.WON}),  # an appeal
    DisputeState.CLOSED: frozenset({DisputeState.OPEN, DisputeState.WON, DisputeState.LOST}),
}
"""Legal next states. An older response of Stripe with any other move changes nothing."""

FROM_STRIPE: dict[str, DisputeState] = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "appeal_needs_response": DisputeState.OPEN,
    "appeal_under_review": DisputeState.OPEN,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "prevented": DisputeState.CLOSED,
}
"""Stripe's status to ours. A word that is not here counts as open: the careful reading."""


def may_become(now: DisputeState, then: DisputeState) -> bool:
    """Tell whether a dispute in state `now` may move to `then`."""
    return then in ALLOWED[now]
