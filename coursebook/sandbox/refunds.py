"""Refunds: create (full, partial), retrieve, list, and what becomes of them later."""

from typing import Any

from coursebook.sandbox.cards import BY_NAME
from coursebook.sandbox.currencies import written
from coursebook.sandbox.errors import StripeRefusal, bad_parameter, missing
from coursebook.sandbox.events import emit
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.lists import EXPAND, PAGED, page
from coursebook.sandbox.parameters import Check, choice, fields, integer, metadata, text
from coursebook.sandbox.payment_objects import balance_entry
from coursebook.sandbox.resources import load, save, shown
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.world import World

RIPE_AFTER = 60

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
LISTED: dict[str, Check] = {**PAGED, "charge": text(255), "payment_intent": text(255)}
LIST = fields(LISTED)


def create(world: World, params: dict[str, Any]) -> Body:
    """Give money back."""
    charge = _charge_of(world, params)
    amount = _amount(charge, params.get("amount"))
    refund = make(world, charge, amount, params.get("reason"), params.get("metadata", {}))
    return shown(world, refund, params.get("expand", ()))


def retrieve(world: World, params: dict[str, Any], key: str) -> Body:
    """Return one refund."""
    return shown(world, load(world, "refund", key, "refund"), params.get("expand", ()))


def listing(world: World, params: dict[str, Any]) -> Body:
    """Return a page of refunds."""
    where = (("charge", params["charge"]),) if "charge" in params else ()
    only = Filter(parent=params.get("payment_intent"), where=where)
    return page(world, "refund", "/v1/refunds", params, only)


def make(
    world: World, charge: Body, amount: int, reason: str | None, notes: dict[str, str]
) -> Body:
    """Refund an amount that is known to be allowed; the card decides how the refund goes on."""
    habit = BY_NAME[charge["_card"]].refund
    now = world.clock.seconds()
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
        "status": "pending" if habit == "pends" else "succeeded",
        "transfer_reversal": None,
        "_habit": habit,
        "_livemode": charge["livemode"],
    }
    if charge["payment_method_details"]["type"] != "card":
        refund["destination_details"] = {"type": "sepa_debit"}
    entry = balance_entry(refund, -amount, "refund", now)
    refund["balance_transaction"] = save(world, entry)["id"]
    if refund["status"] == "pending":
        refund["pending_reason"] = "processing"
    save(world, refund, due=None if habit == "succeeds" else world.clock.now() + RIPE_AFTER)
    _move(world, charge, amount)
    emit(world, "refund.created", refund)
    emit(world, "charge.refunded", charge)
    return refund


def ripen(world: World, refund: Body) -> None:
    """Do what the card's habit has in store for a refund."""
    if refund["_habit"] == "fails_later":
        fail(world, refund)
        return
    refund |= {"status": "succeeded", "pending_reason": None}
    save(world, refund)
    emit(world, "refund.updated", refund, {"status": "pending"})


def fail(world: World, refund: Body) -> Body:
    """Let a refund fail: the money is back on our side."""
    if refund["status"] not in ("pending", "succeeded"):
        raise StripeRefusal(f"A refund that is {refund['status']} cannot fail.")
    before = refund["status"]
    entry = balance_entry(refund, refund["amount"], "refund_failure", world.clock.seconds())
    refund |= {
        "failure_balance_transaction": save(world, entry)["id"],
        "failure_reason": "lost_or_stolen_card",
        "pending_reason": None,
        "status": "failed",
    }
    save(world, refund)
    _move(world, load(world, "charge", refund["charge"], "charge"), -refund["amount"])
    emit(world, "refund.updated", refund, {"status": before})
    emit(world, "refund.failed", refund)
    return refund


def _charge_of(world: World, params: dict[str, Any]) -> Body:
    if ("charge" in params) == ("payment_intent" in params):
        sentence = "One of the following params should be provided for this request:"
        raise bad_parameter(f"{sentence} payment_intent or charge.", "payment_intent")
    if "charge" in params:
        charge = load(world, "charge", params["charge"], "charge")
    else:
        key = params["payment_intent"]
        intent = world.store.get("payment_intent", key)
        if intent is None:
            raise missing("payment_intent", key, "payment_intent")
        if intent["status"] != "succeeded":
            raise StripeRefusal(
                f"This PaymentIntent ({key}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
        charge = load(world, "charge", intent["latest_charge"], "charge")
    if charge["status"] != "succeeded":
        raise StripeRefusal(f"Charge {charge['id']} has not been paid.", param="charge")
    return charge


def _amount(charge: Body, asked: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise StripeRefusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if asked is None else asked
    if amount > left:
        what = "unrefunded amount on charge" if charge["amount_refunded"] else "charge amount"
        shown_amount = written(amount, charge["currency"])
        raise StripeRefusal(
            f"Refund amount ({shown_amount}) is greater than {what}"
            f" ({written(left, charge['currency'])})",
            param="amount",
        )
    return amount


def _move(world: World, charge: Body, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    save(world, charge)
