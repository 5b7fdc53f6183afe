"""Which events of Stripe mean something to us, and what to look at when one comes.

An event is only a hint: what follows is always decided on the object fetched anew from Stripe.
To react to another event, add a line here.
"""

from enum import StrEnum


class EventTarget(StrEnum):
    """What to fetch when an event comes.

    session: the session that it is about · payment: the session of the payment, with its refunds
    and disputes · try: the session on which somebody tried to pay in vain.
    """

    SESSION = "session"
    PAYMENT = "payment"
    TRY = "try"
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
}
"""The events to subscribe to (docs/ops/stripe-integration.md lists the same)."""


def event_target(event_type: str) -> EventTarget:
    """Return what to fetch for this type of event; nothing for types that we do not use."""
    return EVENTS.get(event_type, EventTarget.NOTHING)
