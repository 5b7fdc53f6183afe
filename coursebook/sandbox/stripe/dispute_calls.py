"""Calls about disputes: retrieve, list, update the evidence, close."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.disputes import WAITING, keep, submit
from coursebook.sandbox.stripe.disputes import close as end
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, of_payment, page
from coursebook.sandbox.stripe.parameters import Check, changes, fields, flag, merged, only, text
from coursebook.sandbox.stripe.resources import load, shown

KIND = "dispute"
WORDS = (
    "access_activity_log billing_address cancellation_policy_disclosure cancellation_rebuttal"
    " customer_email_address customer_name customer_purchase_ip duplicate_charge_explanation"
    " duplicate_charge_id product_description refund_policy_disclosure refund_refusal_explanation"
    " service_date shipping_address shipping_carrier shipping_date shipping_tracking_number"
    " uncategorized_text"
)
FILES = (
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation"
    " receipt refund_policy service_documentation shipping_documentation uncategorized_file"
)
EVIDENCE = fields(
    dict.fromkeys(WORDS.split(), text(20_000)), refused=f"appeal enhanced_evidence {FILES}"
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


def retrieve(world: Context, params: dict[str, Any], key: str) -> Body:
    """Return one dispute."""
    return shown(world, load(world, KIND, key, "dispute"), params.get("expand", ()))


def listing(world: Context, params: dict[str, Any]) -> Body:
    """Return a page of disputes."""
    return page(world, KIND, "/v1/disputes", params, of_payment(world, params))


def update(world: Context, params: dict[str, Any], key: str) -> Body:
    """Keep evidence, and hand it in unless `submit` is false."""
    dispute = load(world, KIND, key, "dispute")
    if "metadata" in params:
        dispute["metadata"] = merged(dispute["metadata"], params["metadata"])
    if "evidence" not in params and "submit" not in params:
        keep(world, dispute)
        emit(world, "charge.dispute.updated", dispute)
        return shown(world, dispute, params.get("expand", ()))
    if not _waits(dispute):
        sentence = f"Evidence cannot be given: the dispute has a status of `{dispute['status']}`."
        raise StripeRefusal(sentence, param="evidence")
    dispute["evidence"] |= params.get("evidence", {})
    dispute["evidence_details"]["has_evidence"] = True
    if params.get("submit", True):
        submit(world, dispute, before=dispute["status"])
    else:
        keep(world, dispute)
        emit(world, "charge.dispute.updated", dispute)
    return shown(world, dispute, params.get("expand", ()))


def close(world: Context, params: dict[str, Any], key: str) -> Body:
    """Give in: the dispute is lost."""
    dispute = load(world, KIND, key, "dispute")
    if not _waits(dispute):
        sentence = f"The dispute cannot be closed: it has a status of `{dispute['status']}`."
        raise StripeRefusal(sentence)
    return shown(world, end(world, dispute, won=False), params.get("expand", ()))


def _waits(dispute: Body) -> bool:
    return dispute["status"] in WAITING
