"""Which events of Stripe mean something to us, and what to look at when one comes.

An event is only a hint: what follows is always decided on the object fetched anew from Stripe.
To react to another event, add a line here.
"""

from enum import StrEnum


class LookAt(StrEnum):
    """What to fetch when an event comes.

    session: the session that it is about · payment: the session of the payment, with its refunds
    and disputes · try: the session on which somebody tried to pay in vain.
    """

    SESSION = "session"
    PAYMENT = "payment"
    TRY = "try"
    NOTHING = "nothing"


EVENTS: dict[str, LookAt] = {
    "checkout.session.completed": LookAt.SESSION,
    "checkout.session.async_payment_succeeded": LookAt.SESSION,
    "checkout.session.async_payment_failed": LookAt.SESSION,
    "checkout.session.expired": LookAt.SESSION,
    "payment_intent.payment_failed": LookAt.TRY,
    "refund.created": LookAt.PAYMENT,
    "refund.updated": LookAt.PAYMENT,
    "refund.failed": LookAt.PAYMENT,
    "charge.refunded": LookAt.PAYMENT,
    "charge.dispute.created": LookAt.PAYMENT,
    "charge.dispute.updated": LookAt.PAYMENT,
    "charge.dispute.funds_withdrawn": LookAt.PAYMENT,
    "charge.dispute.funds_reinstated": LookAt.PAYMENT,
    "charge.dispute.closed": LookAt.PAYMENT,
}
"""The events to subscribe to (docs/ops/stripe-integration.md lists the same)."""


def look_at(event_type: str) -> LookAt:
    """Return what to fetch for this type of event; nothing for types that we do not use."""
    return EVENTS.get(event_type, LookAt.NOTHING)
