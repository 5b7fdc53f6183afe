"""The balance: a balance transaction per movement of money, and a stored total per currency."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.fees import NO_FEE, Fee
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import Check, fields, text
from coursebook.sandbox.stripe.resources import load, save, shown

RETRIEVE = fields(EXPAND)
RETRIEVE_MOVEMENT = fields(EXPAND)
LISTED: dict[str, Check] = {**PAGED, "payout": text(255)}
LIST = fields(LISTED, refused="currency source type")
KIND = "balance_transaction"
TOTAL = "balance_total"


def retrieve(context: Context, _params: dict[str, Any]) -> Body:
    """Return the totals; all money is available at once."""
    totals = sorted(context.store.find(TOTAL), key=lambda total: str(total["currency"]))
    available = [
        {**total, "source_types": {"card": total["amount"]}}
        for total in totals or [{"amount": 0, "currency": "usd"}]
    ]
    pending = [{**row, "amount": 0, "source_types": {"card": 0}} for row in available]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}


def retrieve_movement(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one balance transaction."""
    return shown(context, load(context, KIND, key, "id"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of balance transactions, those of one payout with `payout`."""
    only = Filter(parent=params["payout"]) if "payout" in params else Filter()
    if "payout" in params:
        load(context, "payout", params["payout"], "payout")
    return page(context, KIND, "/v1/balance_transactions", params, only)


def book(
    context: Context,
    source: Body,
    amount: int,
    kind: str,
    category: str | None = None,
    *,
    fee: Fee = NO_FEE,
    payout: str = "",
) -> Body:
    """Move money: in with a positive `amount` of minor units, out with a negative one.

    `source` is the charge, refund, dispute or payout, `payout` the id of the payout that has it
    from the start. Returns the balance transaction.
    """
    now, currency = context.clock.seconds(), source["currency"]
    net = amount - fee.amount
    entry = {
        "id": new_id("txn_"),
        "object": KIND,
        "amount": amount,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee.amount,
        "fee_details": fee.details(currency),
        "net": net,
        "reporting_category": category or kind,
        "source": source["id"],
        "status": "available",
        "type": kind,
        "_payout": payout,
    }
    before = context.store.get(TOTAL, currency) or {"amount": 0}
    total = {"amount": before["amount"] + net, "currency": currency}
    context.store.put(TOTAL, currency, total)
    return save(context, entry)


def backfill_totals(context: Context) -> None:
    """Compute the totals for a file that an older version wrote without them."""
    if context.store.find(TOTAL, limit=1):
        return
    for currency, amount in context.store.sums(KIND, "currency", "net"):
        context.store.put(TOTAL, currency, {"amount": amount, "currency": currency})
