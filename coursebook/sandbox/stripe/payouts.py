"""Payouts: made every day at midnight UTC, or at once by a test control; then they arrive or fail.

A payout has the movements of its currency that no payout has yet: at midnight those that are a day
old, by the control all. A sum below zero waits.
"""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.balance import KIND as MOVEMENT
from coursebook.sandbox.stripe.balance import book
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import Check, fields, text
from coursebook.sandbox.stripe.resources import load, save, shown

KIND = "payout"
SCHEDULE = "payout_schedule"
DAY = 24 * 3600
DAYS_ON_THE_WAY = 2
MAX_MOVEMENTS = 100_000
UNDER_WAY = ("pending", "in_transit")

RETRIEVE = fields(EXPAND)
LISTED: dict[str, Check] = {**PAGED, "status": text(40)}
LIST = fields(LISTED, refused="arrival_date destination")


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one payout."""
    return shown(context, load(context, KIND, key, "payout"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of payouts."""
    return page(context, KIND, "/v1/payouts", params, Filter(status=params.get("status")))


def pay_out(context: Context, *, until: int | None = None) -> list[Body]:
    """Pay out each currency: what moved `until` then, or everything. Returns the new payouts."""
    with context.store.transaction():
        waiting = _waiting(context, context.clock.seconds() if until is None else until)
        return [
            _pay_out(context, currency, entries)
            for currency, entries in sorted(waiting.items())
            if sum(entry["net"] for entry in entries) > 0
        ]


def arrive(context: Context, payout: Body) -> Body:
    """Let a payout reach the bank. Raises `StripeRefusal`."""
    _check_under_way(payout, "arrive")
    return _change(context, payout, "paid")


def fail(context: Context, payout: Body) -> Body:
    """Let the bank send a payout back into the balance. Raises `StripeRefusal`."""
    _check_under_way(payout, "fail")
    entry = book(context, payout, payout["amount"], "payout_failure")
    payout |= {
        "failure_balance_transaction": entry["id"],
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
    }
    return _change(context, payout, "failed")


def keep_schedule(context: Context) -> None:
    """Plan the next midnight, unless one is planned."""
    if context.store.next_due(SCHEDULE) is None:
        _plan(context)


def run_schedule(context: Context, _body: Body) -> None:
    """Pay out what is a day old, and plan the next midnight."""
    pay_out(context, until=context.clock.seconds() - DAY)
    _plan(context)


def _plan(context: Context) -> None:
    midnight = (context.clock.seconds() // DAY + 1) * DAY
    context.store.put(SCHEDULE, SCHEDULE, {"at": midnight}, due=midnight)


def _waiting(context: Context, until: int) -> dict[str, list[Body]]:
    """Return the movements until then that no payout has, by currency."""
    by_currency: dict[str, list[Body]] = {}
    only = Filter(parent="", created=(("lte", until),))
    for entry in context.store.find(MOVEMENT, only, limit=MAX_MOVEMENTS):
        by_currency.setdefault(entry["currency"], []).append(entry)
    return by_currency


def _pay_out(context: Context, currency: str, entries: list[Body]) -> Body:
    amount, now = sum(entry["net"] for entry in entries), context.clock.seconds()
    arrival = (now // DAY + DAYS_ON_THE_WAY) * DAY
    payout: Body = {
        "id": new_id("po_"),
        "object": KIND,
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": True,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": new_id("ba_"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    own = book(context, payout, -amount, "payout", payout=payout["id"])
    payout["balance_transaction"] = own["id"]
    for entry in entries:
        save(context, entry | {"_payout": payout["id"]})
    save(context, payout, due=arrival)
    emit(context, "payout.created", payout)
    emit(context, "payout.reconciliation_completed", payout)
    return payout


def _check_under_way(payout: Body, act: str) -> None:
    if payout["status"] not in UNDER_WAY:
        raise StripeRefusal(f"A payout that is {payout['status']} cannot {act}.")


def _change(context: Context, payout: Body, status: str) -> Body:
    before = payout["status"]
    payout["status"] = status
    save(context, payout)
    emit(context, "payout.updated", payout, {"status": before})
    emit(context, f"payout.{status}", payout)
    return payout
