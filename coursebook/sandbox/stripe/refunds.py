"""Refunds: create (full or partial), retrieve, list, update, and their later outcomes."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter, missing
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.currencies import written
from coursebook.sandbox.stripe.disputes import check_refundable, refunded
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, of_payment, page
from coursebook.sandbox.stripe.parameters import (
    Check,
    changes,
    choice,
    fields,
    integer,
    merged,
    metadata,
    text,
)
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.stripe.test_cards import BY_NAME

SETTLE_DELAY = 60

CREATED: dict[str, Check] = {
    **EXPAND,
    "amount": integer(1),
    "charge": text(255),
    "payment_intent": text(255),
    "reason": choice("duplicate fraudulent requested_by_customer"),
    "metadata": metadata,
}
CREATE = fields(
    CREATED,
    refused="currency customer instructions_email origin refund_application_fee reverse_transfer",
)
RETRIEVE = fields(EXPAND)
UPDATED: dict[str, Check] = {**EXPAND, "metadata": changes}
UPDATE = fields(UPDATED)
CANCEL = fields(EXPAND)
LISTED: dict[str, Check] = {**PAGED, "charge": text(255), "payment_intent": text(255)}
LIST = fields(LISTED)


def create(context: Context, params: dict[str, Any]) -> Body:
    """Create a refund."""
    charge = _charge_of(context, params)
    amount = allowed_amount(context, charge, params.get("amount"))
    refund = make(context, charge, amount, params.get("reason"), params.get("metadata", {}))
    return shown(context, refund, params.get("expand", ()))


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one refund."""
    return shown(context, load(context, "refund", key, "refund"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of refunds."""
    return page(context, "refund", "/v1/refunds", params, of_payment(context, params))


def update(context: Context, params: dict[str, Any], key: str) -> Body:
    """Change the metadata of a refund."""
    refund = load(context, "refund", key, "refund")
    if "metadata" in params:
        refund["metadata"] = merged(refund["metadata"], params["metadata"])
        save(context, refund, due=refund.get("_ripe_at"))
        emit(context, "refund.updated", refund)
    return shown(context, refund, params.get("expand", ()))


def cancel(context: Context, _params: dict[str, Any], key: str) -> Body:
    """Refuse: only a refund with `requires_action` can be cancelled, and cards have none."""
    refund = load(context, "refund", key, "refund")
    raise StripeRefusal(
        f"Refund {key} cannot be canceled: it has a status of `{refund['status']}`, and only"
        " refunds with a status of `requires_action` can be.",
        param="refund",
    )


def make(
    context: Context, charge: Body, amount: int, reason: str | None, notes: dict[str, str]
) -> Body:
    """Refund an allowed amount; the test card decides the outcome."""
    behavior = BY_NAME[charge["_card"]].refund
    now = context.clock.seconds()
    refund: Body = {
        "id": new_id("re_"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": notes,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if behavior == "pends" else "succeeded",
        "transfer_reversal": None,
        "_habit": behavior,
        "_livemode": charge["livemode"],
    }
    if charge["payment_method_details"]["type"] != "card":
        refund["destination_details"] = {"type": "sepa_debit"}
    refund["balance_transaction"] = book(context, refund, -amount, "refund")["id"]
    if refund["status"] == "pending":
        refund["pending_reason"] = "processing"
    if behavior != "succeeds":
        refund["_ripe_at"] = context.clock.now() + SETTLE_DELAY
    save(context, refund, due=refund.get("_ripe_at"))
    _add_refunded(context, charge, amount)
    emit(context, "refund.created", refund)
    emit(context, "charge.refunded", charge)
    refunded(context, charge)
    return refund


def succeed_pending(context: Context, refund: Body) -> None:
    """Complete a pending refund, or fail it, as the test card says."""
    if refund["_habit"] == "fails_later":
        fail(context, refund)
        return
    refund |= {"status": "succeeded", "pending_reason": None, "_ripe_at": None}
    save(context, refund)
    emit(context, "refund.updated", refund, {"status": "pending"})


def fail(context: Context, refund: Body) -> Body:
    """Fail a refund; the money returns to the balance. Raises `StripeRefusal`."""
    if refund["status"] not in ("pending", "succeeded"):
        raise StripeRefusal(f"A refund that is {refund['status']} cannot fail.")
    _reverse(context, refund, "failed")
    emit(context, "refund.failed", refund)
    return refund


def cancel_pending(context: Context, refund: Body) -> Body:
    """Cancel a pending refund, as in the dashboard. Raises `StripeRefusal`."""
    if refund["status"] != "pending":
        raise StripeRefusal(f"A refund that is {refund['status']} cannot be cancelled.")
    return _reverse(context, refund, "canceled")


def _reverse(context: Context, refund: Body, status: str) -> Body:
    before = refund["status"]
    entry = book(context, refund, refund["amount"], "refund_failure")
    refund |= {
        "failure_balance_transaction": entry["id"],
        "pending_reason": None,
        "status": status,
        "_ripe_at": None,
    }
    if status == "failed":
        refund["failure_reason"] = "lost_or_stolen_card"
    save(context, refund)
    _add_refunded(context, load(context, "charge", refund["charge"], "charge"), -refund["amount"])
    emit(context, "refund.updated", refund, {"status": before})
    return refund


def _charge_of(context: Context, params: dict[str, Any]) -> Body:
    if ("charge" in params) == ("payment_intent" in params):
        sentence = "One of the following params should be provided for this request:"
        raise bad_parameter(f"{sentence} payment_intent or charge.", "payment_intent")
    if "charge" in params:
        charge = load(context, "charge", params["charge"], "charge")
    else:
        key = params["payment_intent"]
        intent = context.store.get("payment_intent", key)
        if intent is None:
            raise missing("payment_intent", key, "payment_intent")
        if intent["status"] != "succeeded":
            raise StripeRefusal(
                f"This PaymentIntent ({key}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
        charge = load(context, "charge", intent["latest_charge"], "charge")
    return charge


def allowed_amount(context: Context, charge: Body, amount: int | None = None) -> int:
    """Return the amount to refund: `amount` or all that is left. Raises `StripeRefusal`."""
    if charge["status"] != "succeeded":
        raise StripeRefusal(f"Charge {charge['id']} has not been paid.", param="charge")
    check_refundable(context, charge)
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise StripeRefusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if amount is None else amount
    if amount > left:
        what = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        shown_amount = written(amount, charge["currency"])
        raise StripeRefusal(
            f"Refund amount ({shown_amount}) is greater than {what}"
            f" ({written(left, charge['currency'])})",
            param="amount",
        )
    return amount


def _add_refunded(context: Context, charge: Body, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    save(context, charge)
