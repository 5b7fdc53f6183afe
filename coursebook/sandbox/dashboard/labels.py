"""Texts of the dashboard: results of forms, and status labels."""

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
    "payout": "Money is on its way to the bank. A webhook tells the product.",
    "payout-paid": "The payout reached the bank. A webhook tells the product.",
    "payout-failed": "The bank sent the payout back. A webhook tells the product.",
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
class StatusLabel:
    """The label of a status; its tone repeats the word, so that color is not the only cue."""

    word: str
    tone: Tone


OF_INTENT = {
    "processing": StatusLabel("Processing", "wait"),
    "requires_payment_method": StatusLabel("Failed", "bad"),
}
OF_REFUND = {
    "succeeded": StatusLabel("Succeeded", "good"),
    "pending": StatusLabel("Pending", "wait"),
    "requires_action": StatusLabel("Needs action", "wait"),
    "failed": StatusLabel("Failed", "bad"),
    "canceled": StatusLabel("Canceled", "calm"),
}
OF_PAYOUT = {
    "pending": StatusLabel("Pending", "wait"),
    "in_transit": StatusLabel("On its way", "wait"),
    "paid": StatusLabel("Paid", "good"),
    "failed": StatusLabel("Failed", "bad"),
    "canceled": StatusLabel("Canceled", "calm"),
}
OF_CHARGE = {
    "succeeded": StatusLabel("Succeeded", "good"),
    "pending": StatusLabel("Pending", "wait"),
    "failed": StatusLabel("Failed", "bad"),
}
OF_DISPUTE = {
    "needs_response": StatusLabel("Needs a response", "bad"),
    "under_review": StatusLabel("Under review", "wait"),
    "warning_needs_response": StatusLabel("Inquiry: needs a response", "wait"),
    "warning_under_review": StatusLabel("Inquiry: under review", "wait"),
    "warning_closed": StatusLabel("Inquiry closed", "calm"),
    "won": StatusLabel("Won", "good"),
    "lost": StatusLabel("Lost", "bad"),
    "prevented": StatusLabel("Prevented", "calm"),
}
OF_DISPUTED = {
    "needs_response": StatusLabel("Disputed", "bad"),
    "under_review": StatusLabel("Disputed", "bad"),
    "warning_needs_response": StatusLabel("Paid, under inquiry", "wait"),
    "warning_under_review": StatusLabel("Paid, under inquiry", "wait"),
    "lost": StatusLabel("Lost in a dispute", "bad"),
}
"""Labels of a disputed payment; other dispute statuses leave the payment's own label."""
OF_DELIVERY = {
    "delivered": StatusLabel("Delivered", "good"),
    "waiting": StatusLabel("Waiting", "wait"),
    "gathered": StatusLabel("Waiting to be reordered", "wait"),
    "dropped": StatusLabel("Dropped", "bad"),
    "given_up": StatusLabel("Given up after three days", "bad"),
}


def status_label(labels: dict[str, StatusLabel], status: str) -> StatusLabel:
    """Return the label of a status; an unknown status is its own label."""
    return labels.get(status) or StatusLabel(status.replace("_", " ").capitalize(), "calm")


def payment_status_label(
    session: Body, intent: Body | None, charge: Body | None, dispute: Body | None
) -> StatusLabel:
    """Return the label of a payment; `charge` and `dispute` are the newest."""
    if session["status"] == "expired":
        return StatusLabel("Expired", "calm")
    if session["status"] == "open":
        return _open(intent)
    if session["payment_status"] == "no_payment_required":
        return StatusLabel("Complete, nothing to pay", "good")
    if session["payment_status"] == "unpaid" and intent is not None:
        return status_label(OF_INTENT, intent["status"])
    disputed = OF_DISPUTED.get(dispute["status"]) if dispute else None
    return disputed or _paid(charge)


def method_in_words(charge: Body) -> str:
    """Return the payment method: brand and last four digits."""
    method = charge["payment_method_details"]
    brand = method["card"]["brand"].capitalize() if method["type"] == "card" else "Bank debit"
    return f"{brand} •••• {method[method['type']]['last4']}"


def _open(intent: Body | None) -> StatusLabel:
    if intent is not None and intent["status"] == "requires_action":
        return StatusLabel("Asks for authentication", "wait")
    if intent is not None and intent["last_payment_error"]:
        return StatusLabel("Declined, can be tried again", "wait")
    return StatusLabel("Waiting for payment", "wait")


def _paid(charge: Body | None) -> StatusLabel:
    if charge is not None and charge["refunded"]:
        return StatusLabel("Refunded", "calm")
    if charge is not None and charge["amount_refunded"]:
        return StatusLabel("Partly refunded", "calm")
    return StatusLabel("Paid", "good")
