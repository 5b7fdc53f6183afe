"""The Stripe events that we use, and the object to fetch for each.

An event is only a hint: decisions use the object as fetched from Stripe afterwards. To handle
another event, add a line here.
"""

from enum import StrEnum


class EventTarget(StrEnum):
    """The object to fetch for an event.

    session: the session in the event · payment: the session of the payment, with its refunds and
    disputes · try: the session with a failed payment attempt · payout: the payout, with what is in
    it.
    """

    SESSION = "session"
    PAYMENT = "payment"
    TRY = "try"
    PAYOUT = "payout"
    NOTHING = "nothing"


EVENTS: dict[str, EventTarget] = {
    "checkout.session.completed": EventTarget.SESSION,
    "checkout.session.async_payment_succeeded": EventTarget.SESSION,
    "checkout.session.async_payment_failed": EventTarget.SESSION,
    "checkout.session.expired": EventTarget.SESSION,
    "payment_intent.payment_failed": EventTarget.TRY,
    "refund.created": EventTarget.PAYMENT,
    "refund.updated": EventTarget.PAYMENT,
    "refund.failed": EventTarget.PAYMENT,
    "charge.refunded": EventTarget.PAYMENT,
    "charge.dispute.created": EventTarget.PAYMENT,
    "charge.dispute.updated": EventTarget.PAYMENT,
    "charge.dispute.funds_withdrawn": EventTarget.PAYMENT,
    "charge.dispute.funds_reinstated": EventTarget.PAYMENT,
    "charge.dispute.closed": EventTarget.PAYMENT,
    "payout.created": EventTarget.PAYOUT,
    "payout.updated": EventTarget.PAYOUT,
    "payout.paid": EventTarget.PAYOUT,
    "payout.failed": EventTarget.PAYOUT,
    "payout.canceled": EventTarget.PAYOUT,
    "payout.reconciliation_completed": EventTarget.PAYOUT,
}
"""The events to subscribe to (docs/ops/stripe-integration.md lists the same)."""


def event_target(event_type: str) -> EventTarget:
    """Return the object to fetch for a type of event, NOTHING for types that we do not use."""
    return EVENTS.get(event_type, EventTarget.NOTHING)
