"""The balance: a balance transaction per movement of money, and a stored total per currency."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.pagination import EXPAND
from coursebook.sandbox.stripe.parameters import fields
from coursebook.sandbox.stripe.resources import save

RETRIEVE = fields(EXPAND)
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


def book(
    context: Context, source: Body, amount: int, kind: str, category: str | None = None
) -> Body:
    """Move money: in with a positive `amount` of minor units, out with a negative one.

    `source` is the charge, refund or dispute. Returns the balance transaction.
    """
    now, currency = context.clock.seconds(), source["currency"]
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
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": category or kind,
        "source": source["id"],
        "status": "available",
        "type": kind,
    }
    before = context.store.get(TOTAL, currency) or {"amount": 0}
    total = {"amount": before["amount"] + amount, "currency": currency}
    context.store.put(TOTAL, currency, total)
    return save(context, entry)


def backfill_totals(context: Context) -> None:
    """Compute the totals for a file that an older version wrote without them."""
    if context.store.find(TOTAL, limit=1):
        return
    for currency, amount in context.store.sums(KIND, "currency", "net"):
        context.store.put(TOTAL, currency, {"amount": amount, "currency": currency})
