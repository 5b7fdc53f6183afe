"""Disputes and inquiries: how one opens, what money does then, and how it ends.

Sources: docs.stripe.com/disputes and /testing. An inquiry (`warning_…`) moves no money. The bank of
a SEPA debit honours every dispute at once (support.stripe.com, «SEPA Direct Debit payment
disputes»), so such a dispute is lost as soon as it is open.
"""

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.resources import save

DAY = 24 * 3600
DAYS_TO_ANSWER = 7
DAYS_OF_AN_INQUIRY = 120
WAITING = ("needs_response", "warning_needs_response")
REVIEWED = ("under_review", "warning_under_review")
BLOCKS_REFUNDS = ("needs_response", "under_review", "lost")
EMPTY_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure"
    " cancellation_rebuttal customer_communication customer_email_address customer_name"
    " customer_purchase_ip customer_signature duplicate_charge_documentation"
    " duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy"
    " refund_policy_disclosure refund_refusal_explanation service_date service_documentation"
    " shipping_address shipping_carrier shipping_date shipping_documentation"
    " shipping_tracking_number uncategorized_file uncategorized_text"
)
REASONS = (
    "bank_cannot_process check_returned credit_not_processed customer_initiated"
    " debit_not_authorized duplicate fraudulent general incorrect_account_details"
    " insufficient_funds noncompliant product_not_received product_unacceptable"
    " subscription_canceled unrecognized"
)


def open_dispute(
    world: Context, charge: Body, reason: str = "fraudulent", *, inquiry: bool = False
) -> Body:
    """Let the buyer's bank dispute what is left of a charge. Raises `StripeRefusal`."""
    with world.store.transaction():
        amount = charge["amount"] - charge["amount_refunded"]
        _check(world, charge, amount)
        dispute = _new(charge, amount, reason, inquiry=inquiry, now=world.clock.seconds())
        keep(world, dispute)
        save(world, charge | {"disputed": True, "_dispute": dispute["id"]})
        emit(world, "charge.dispute.created", dispute)
        if not inquiry:
            _withdraw(world, dispute)
        if charge["payment_method_details"]["type"] == "sepa_debit":
            close(world, dispute, won=False)
    return dispute


def close(world: Context, dispute: Body, *, won: bool) -> Body:
    """End a dispute; an inquiry ends as `warning_closed` either way. Raises `StripeRefusal`."""
    if not is_open(dispute):
        raise StripeRefusal(f"This dispute is already closed; its status is {dispute['status']}.")
    with world.store.transaction():
        before = dispute["status"]
        inquiry = before.startswith("warning_")
        dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
        if won and not inquiry:
            entry = book(world, dispute, dispute["amount"], "adjustment", "dispute_reversal")
            dispute["balance_transactions"].append(entry)
        keep(world, dispute)
        if won and not inquiry:
            emit(world, "charge.dispute.funds_reinstated", dispute)
        emit(world, "charge.dispute.closed", dispute, {"status": before})
    return dispute


def escalate(world: Context, dispute: Body) -> Body:
    """Let an inquiry become a dispute, which takes the money. Raises `StripeRefusal`."""
    if not (is_open(dispute) and dispute["status"].startswith("warning_")):
        raise StripeRefusal(f"Only an open inquiry can escalate, this is {dispute['status']}.")
    with world.store.transaction():
        before = dispute["status"]
        dispute |= {"status": "needs_response", "is_charge_refundable": False}
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        dispute["evidence_details"]["due_by"] = world.clock.seconds() + DAYS_TO_ANSWER * DAY
        keep(world, dispute)
        emit(world, "charge.dispute.updated", dispute, {"status": before})
        _withdraw(world, dispute)
    return dispute


def submit(world: Context, dispute: Body, *, before: str) -> None:
    """Hand the evidence in. Two test words decide at once (docs.stripe.com/testing)."""
    details = dispute["evidence_details"]
    details |= {
        "submission_count": details["submission_count"] + 1,
        "submission_method": "manual",
    }
    waiting = before.replace("needs_response", "under_review")
    dispute["status"] = waiting
    keep(world, dispute)
    emit(world, "charge.dispute.updated", dispute, {"status": before})
    word = dispute["evidence"]["uncategorized_text"]
    if word in ("winning_evidence", "losing_evidence"):
        close(world, dispute, won=word == "winning_evidence")


def overdue(world: Context, dispute: Body) -> None:
    """End what nobody has answered in time: a dispute is lost, an inquiry closed."""
    dispute["evidence_details"]["past_due"] = True
    close(world, dispute, won=False)


def refundable(world: Context, charge: Body) -> None:
    """Raise `StripeRefusal` when a dispute forbids to refund a charge."""
    dispute = world.store.get("dispute", charge.get("_dispute", ""))
    if dispute and dispute["status"] in BLOCKS_REFUNDS:
        sentence = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefusal(sentence, code="charge_disputed", param="charge")


def refunded(world: Context, charge: Body) -> None:
    """Close the open inquiry of a charge that was given back in full."""
    dispute = world.store.get("dispute", charge.get("_dispute", ""))
    if dispute and charge["refunded"] and is_open(dispute):
        close(world, dispute, won=False)


def is_open(dispute: Body) -> bool:
    """Whether a dispute has not ended."""
    return dispute["status"] in WAITING + REVIEWED


def _check(world: Context, charge: Body, amount: int) -> None:
    if not charge["paid"] or amount <= 0:
        raise StripeRefusal("Only a charge that is paid and not refunded can be disputed.")
    known = world.store.get("dispute", charge.get("_dispute", ""))
    if known and known["status"] != "warning_closed":
        raise StripeRefusal(f"The charge has a dispute already: {known['id']}.")


def _withdraw(world: Context, dispute: Body) -> None:
    entry = book(world, dispute, -dispute["amount"], "adjustment", "dispute")
    dispute["balance_transactions"].append(entry)
    keep(world, dispute)
    emit(world, "charge.dispute.funds_withdrawn", dispute)


def keep(world: Context, dispute: Body) -> None:
    """Write a dispute; only one that waits for an answer, or is an inquiry, ends by itself."""
    due = None
    if dispute["status"] == "needs_response":
        due = dispute["evidence_details"]["due_by"]
    elif dispute["status"].startswith("warning_") and is_open(dispute):
        due = dispute["created"] + DAYS_OF_AN_INQUIRY * DAY
    save(world, dispute, due=due)


def _new(charge: Body, amount: int, reason: str, *, inquiry: bool, now: int) -> Body:
    body: Body = {
        "id": new_id("du_"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EMPTY_EVIDENCE.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + DAYS_TO_ANSWER * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": charge["livemode"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    method = charge["payment_method_details"]
    if method["type"] == "card":
        body["payment_method_details"] = {
            "card": {
                "brand": method["card"]["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": method["card"]["brand"],
                "network_reason_code": None,
            },
            "type": "card",
        }
    return body
