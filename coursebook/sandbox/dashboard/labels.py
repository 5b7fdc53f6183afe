"""Words of the board: what was done, and how a payment, a refund or a delivery stands."""

from dataclasses import dataclass
from typing import Literal

from coursebook.sandbox.store import Body

Tone = Literal["good", "wait", "bad", "calm"]

DONE = {
    "refund": "Refund made. A webhook tells the product.",
    "refund-failed": "Refund failed. A webhook tells the product.",
    "dispute": "Dispute opened. A webhook tells the product.",
    "inquiry": "Inquiry opened. A webhook tells the product.",
    "escalated": "The inquiry is now a dispute. A webhook tells the product.",
    "dispute-closed": "Dispute closed. A webhook tells the product.",
    "settled": "Payment settled. A webhook tells the product.",
    "resent": "The event is being sent again.",
    "clock": "The clock has moved forward, and everything due has happened.",
    "deliveries": "Delivery mode changed.",
    "released": "Held events are being sent, and deliveries are normal again.",
    "faults": "The fault will hit the next calls.",
    "faults-gone": "All faults cleared.",
    "foreign": "Another application on the same account was paid.",
    "revoked": "Session ended. Its last token expires within a minute.",
    "no-address": "This is not an email address.",
}


@dataclass(frozen=True)
class Standing:
    """How something stands: a word for people, and a tone that never stands alone."""

    word: str
    tone: Tone


OF_INTENT = {
    "processing": Standing("Processing", "wait"),
    "requires_payment_method": Standing("Failed", "bad"),
}
OF_REFUND = {
    "succeeded": Standing("Succeeded", "good"),
    "pending": Standing("Pending", "wait"),
    "requires_action": Standing("Needs action", "wait"),
    "failed": Standing("Failed", "bad"),
    "canceled": Standing("Canceled", "calm"),
}
OF_CHARGE = {
    "succeeded": Standing("Succeeded", "good"),
    "pending": Standing("Pending", "wait"),
    "failed": Standing("Failed", "bad"),
}
OF_DISPUTE = {
    "needs_response": Standing("Needs a response", "bad"),
    "under_review": Standing("Under review", "wait"),
    "warning_needs_response": Standing("Inquiry: needs a response", "wait"),
    "warning_under_review": Standing("Inquiry: under review", "wait"),
    "warning_closed": Standing("Inquiry closed", "calm"),
    "won": Standing("Won", "good"),
    "lost": Standing("Lost", "bad"),
    "prevented": Standing("Prevented", "calm"),
}
OF_DISPUTED = {
    "needs_response": Standing("Disputed", "bad"),
    "under_review": Standing("Disputed", "bad"),
    "warning_needs_response": Standing("Paid, under inquiry", "wait"),
    "warning_under_review": Standing("Paid, under inquiry", "wait"),
    "lost": Standing("Lost in a dispute", "bad"),
}
"""What a dispute makes of a payment; one that ended well leaves it as it was."""
OF_DELIVERY = {
    "delivered": Standing("Delivered", "good"),
    "waiting": Standing("Waiting", "wait"),
    "gathered": Standing("Waiting to be reordered", "wait"),
    "dropped": Standing("Dropped", "bad"),
    "given_up": Standing("Given up after three days", "bad"),
}


def standing(words: dict[str, Standing], status: str) -> Standing:
    """Return the words for a status; one that has none is shown as it is."""
    return words.get(status) or Standing(status.replace("_", " ").capitalize(), "calm")


def payment_standing(
    session: Body, intent: Body | None, charge: Body | None, dispute: Body | None
) -> Standing:
    """Return how a payment stands as a whole; `charge` and `dispute` are the newest."""
    if session["status"] == "expired":
        return Standing("Expired", "calm")
    if session["status"] == "open":
        return _open(intent)
    if session["payment_status"] == "no_payment_required":
        return Standing("Complete, nothing to pay", "good")
    if session["payment_status"] == "unpaid" and intent is not None:
        return standing(OF_INTENT, intent["status"])
    disputed = OF_DISPUTED.get(dispute["status"]) if dispute else None
    return disputed or _paid(charge)


def method_in_words(charge: Body) -> str:
    """Return what was paid with: brand and last four digits."""
    method = charge["payment_method_details"]
    brand = method["card"]["brand"].capitalize() if method["type"] == "card" else "Bank debit"
    return f"{brand} •••• {method[method['type']]['last4']}"


def _open(intent: Body | None) -> Standing:
    if intent is not None and intent["status"] == "requires_action":
        return Standing("Asks for authentication", "wait")
    if intent is not None and intent["last_payment_error"]:
        return Standing("Declined, can be tried again", "wait")
    return Standing("Waiting for payment", "wait")


def _paid(charge: Body | None) -> Standing:
    if charge is not None and charge["refunded"]:
        return Standing("Refunded", "calm")
    if charge is not None and charge["amount_refunded"]:
        return Standing("Partly refunded", "calm")
    return Standing("Paid", "good")
