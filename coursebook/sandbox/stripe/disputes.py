"""Disputes and inquiries: open, escalate, close, evidence, and the movements of money.

Sources: docs.stripe.com/disputes and /testing. An inquiry (`warning_…`) moves no money. The bank of
a SEPA debit honours every dispute at once (support.stripe.com, "SEPA Direct Debit payment
disputes"), so such a dispute is lost at once.
"""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.expansion import public
from coursebook.sandbox.stripe.fees import fee_of_dispute
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, of_payment, page
from coursebook.sandbox.stripe.parameters import Check, changes, fields, flag, merged, only, text
from coursebook.sandbox.stripe.resources import load, save, shown

KIND = "dispute"
DAY = 24 * 3600
DAYS_TO_ANSWER = 7
DAYS_OF_AN_INQUIRY = 120
WAITING = ("needs_response", "warning_needs_response")
REVIEWED = ("under_review", "warning_under_review")
BLOCKS_REFUNDS = ("needs_response", "under_review", "lost")
EVIDENCE_TEXTS = (
    "access_activity_log billing_address cancellation_policy_disclosure cancellation_rebuttal"
    " customer_email_address customer_name customer_purchase_ip duplicate_charge_explanation"
    " duplicate_charge_id product_description refund_policy_disclosure refund_refusal_explanation"
    " service_date shipping_address shipping_carrier shipping_date shipping_tracking_number"
    " uncategorized_text"
)
EVIDENCE_FILES = (
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation"
    " receipt refund_policy service_documentation shipping_documentation uncategorized_file"
)
EMPTY_EVIDENCE = sorted(f"{EVIDENCE_TEXTS} {EVIDENCE_FILES}".split())
REASONS = (
    "bank_cannot_process check_returned credit_not_processed customer_initiated"
    " debit_not_authorized duplicate fraudulent general incorrect_account_details"
    " insufficient_funds noncompliant product_not_received product_unacceptable"
    " subscription_canceled unrecognized"
)

EVIDENCE = fields(
    dict.fromkeys(EVIDENCE_TEXTS.split(), text(20_000)),
    refused=f"appeal enhanced_evidence {EVIDENCE_FILES}",
)

RETRIEVE = fields(EXPAND)
CLOSE = fields(EXPAND)
UPDATED: dict[str, Check] = {
    **EXPAND,
    "evidence": EVIDENCE,
    "metadata": changes,
    "submit": flag,
    "intended_submission_method": only(text(40), "manual"),
}
UPDATE = fields(UPDATED)
LISTED: dict[str, Check] = {**PAGED, "charge": text(255), "payment_intent": text(255)}
LIST = fields(LISTED)


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one dispute."""
    return shown(context, load(context, KIND, key, "dispute"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of disputes."""
    return page(context, KIND, "/v1/disputes", params, of_payment(context, params))


def update(context: Context, params: dict[str, Any], key: str) -> Body:
    """Save evidence, and submit it unless `submit` is false."""
    dispute = load(context, KIND, key, "dispute")
    if "metadata" in params:
        dispute["metadata"] = merged(dispute["metadata"], params["metadata"])
    if "evidence" not in params and "submit" not in params:
        save_dispute(context, dispute)
        emit(context, "charge.dispute.updated", dispute)
        return shown(context, dispute, params.get("expand", ()))
    if dispute["status"] not in WAITING:
        sentence = f"Evidence cannot be given: the dispute has a status of `{dispute['status']}`."
        raise StripeRefusal(sentence, param="evidence")
    dispute["evidence"] |= params.get("evidence", {})
    dispute["evidence_details"]["has_evidence"] = True
    if params.get("submit", True):
        submit(context, dispute, before=dispute["status"])
    else:
        save_dispute(context, dispute)
        emit(context, "charge.dispute.updated", dispute)
    return shown(context, dispute, params.get("expand", ()))


def close(context: Context, params: dict[str, Any], key: str) -> Body:
    """Accept the dispute: it is lost."""
    dispute = load(context, KIND, key, "dispute")
    if dispute["status"] not in WAITING:
        sentence = f"The dispute cannot be closed: it has a status of `{dispute['status']}`."
        raise StripeRefusal(sentence)
    return shown(context, close_dispute(context, dispute, won=False), params.get("expand", ()))


def open_dispute(
    context: Context, charge: Body, reason: str = "fraudulent", *, inquiry: bool = False
) -> Body:
    """Open a dispute about the unrefunded part of a charge. Raises `StripeRefusal`."""
    with context.store.transaction():
        amount = charge["amount"] - charge["amount_refunded"]
        _check(context, charge, amount)
        dispute = _new(charge, amount, reason, inquiry=inquiry, now=context.clock.seconds())
        save_dispute(context, dispute)
        save(context, charge | {"disputed": True, "_dispute": dispute["id"]})
        emit(context, "charge.dispute.created", dispute)
        if not inquiry:
            _withdraw(context, dispute)
        if charge["payment_method_details"]["type"] == "sepa_debit":
            close_dispute(context, dispute, won=False)
    return dispute


def close_dispute(context: Context, dispute: Body, *, won: bool) -> Body:
    """Close a dispute; an inquiry becomes `warning_closed` either way. Raises `StripeRefusal`."""
    if not is_open(dispute):
        raise StripeRefusal(f"This dispute is already closed; its status is {dispute['status']}.")
    with context.store.transaction():
        before = dispute["status"]
        inquiry = before.startswith("warning_")
        dispute["status"] = "warning_closed" if inquiry else "won" if won else "lost"
        if won and not inquiry:
            entry = book(context, dispute, dispute["amount"], "adjustment", "dispute_reversal")
            dispute["balance_transactions"].append(public(entry))
        save_dispute(context, dispute)
        if won and not inquiry:
            emit(context, "charge.dispute.funds_reinstated", dispute)
        emit(context, "charge.dispute.closed", dispute, {"status": before})
    return dispute


def escalate(context: Context, dispute: Body) -> Body:
    """Escalate an inquiry to a dispute, which withdraws the money. Raises `StripeRefusal`."""
    if not (is_open(dispute) and dispute["status"].startswith("warning_")):
        raise StripeRefusal(f"Only an open inquiry can escalate, this is {dispute['status']}.")
    with context.store.transaction():
        before = dispute["status"]
        dispute |= {"status": "needs_response", "is_charge_refundable": False}
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        dispute["evidence_details"]["due_by"] = context.clock.seconds() + DAYS_TO_ANSWER * DAY
        save_dispute(context, dispute)
        emit(context, "charge.dispute.updated", dispute, {"status": before})
        _withdraw(context, dispute)
    return dispute


def submit(context: Context, dispute: Body, *, before: str) -> None:
    """Submit the evidence. Two test texts decide at once (docs.stripe.com/testing)."""
    details = dispute["evidence_details"]
    details |= {
        "submission_count": details["submission_count"] + 1,
        "submission_method": "manual",
    }
    dispute["status"] = before.replace("needs_response", "under_review")
    save_dispute(context, dispute)
    emit(context, "charge.dispute.updated", dispute, {"status": before})
    evidence = dispute["evidence"]["uncategorized_text"]
    if evidence in ("winning_evidence", "losing_evidence"):
        close_dispute(context, dispute, won=evidence == "winning_evidence")


def close_overdue(context: Context, dispute: Body) -> None:
    """Close an unanswered dispute: a dispute is lost, an inquiry closed."""
    dispute["evidence_details"]["past_due"] = True
    close_dispute(context, dispute, won=False)


def check_refundable(context: Context, charge: Body) -> None:
    """Raise `StripeRefusal` if a dispute forbids a refund of a charge."""
    dispute = context.store.get("dispute", charge.get("_dispute", ""))
    if dispute and dispute["status"] in BLOCKS_REFUNDS:
        sentence = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefusal(sentence, code="charge_disputed", param="charge")


def refunded(context: Context, charge: Body) -> None:
    """Close the open inquiry about a charge that is refunded in full."""
    dispute = context.store.get("dispute", charge.get("_dispute", ""))
    if dispute and charge["refunded"] and is_open(dispute):
        close_dispute(context, dispute, won=False)


def is_open(dispute: Body) -> bool:
    """Whether a dispute is still open."""
    return dispute["status"] in WAITING + REVIEWED


def _check(context: Context, charge: Body, amount: int) -> None:
    if not charge["paid"] or amount <= 0:
        raise StripeRefusal("Only a charge that is paid and not refunded can be disputed.")
    earlier = context.store.get("dispute", charge.get("_dispute", ""))
    if earlier and earlier["status"] != "warning_closed":
        raise StripeRefusal(f"The charge has a dispute already: {earlier['id']}.")


def _withdraw(context: Context, dispute: Body) -> None:
    fee = fee_of_dispute()
    entry = book(context, dispute, -dispute["amount"], "adjustment", "dispute", fee=fee)
    dispute["balance_transactions"].append(public(entry))
    save_dispute(context, dispute)
    emit(context, "charge.dispute.funds_withdrawn", dispute)


def save_dispute(context: Context, dispute: Body) -> None:
    """Save a dispute; a timer closes one that needs a response, or an open inquiry."""
    due = None
    if dispute["status"] == "needs_response":
        due = dispute["evidence_details"]["due_by"]
    elif dispute["status"].startswith("warning_") and is_open(dispute):
        due = dispute["created"] + DAYS_OF_AN_INQUIRY * DAY
    save(context, dispute, due=due)


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
        "evidence": {**dict.fromkeys(EMPTY_EVIDENCE), "enhanced_evidence": {}},
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
