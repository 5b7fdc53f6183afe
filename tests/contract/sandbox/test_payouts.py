"""Payouts of the sandbox, and the balance transactions in them."""

from typing import Any

from tests.support import cards

DAY = 24 * 3600
TOLD = ("payout.created", "payout.reconciliation_completed", "payout.updated")


def movements(client: Any, payout: str) -> list[Any]:
    """Return everything in a payout but the payout itself."""
    listed = client.v1.balance_transactions.list({"payout": payout, "limit": 100}).data
    return [entry for entry in listed if entry.type != "payout"]


def test_a_payout_has_payments_refunds_and_disputes_and_adds_up(client, open_session, sandbox):
    sandbox.control("payouts")
    paid = sandbox.pay(open_session(amount=9000).id)["session"]
    sandbox.pay(open_session().id, cards.DISPUTED)
    refund = client.v1.refunds.create({"payment_intent": paid["payment_intent"], "amount": 3000})
    (made,) = sandbox.control("payouts")["payouts"]
    payout = client.v1.payouts.retrieve(made["id"])
    entries = movements(client, payout.id)
    assert sorted((entry.type, entry.amount, entry.fee) for entry in entries) == [
        ("adjustment", -4500, 2000),
        ("charge", 4500, 93),
        ("charge", 9000, 160),
        ("refund", -3000, 0),
    ]
    assert payout.amount == sum(entry.net for entry in entries) == 3747
    assert refund.balance_transaction in {entry.id for entry in entries}
    own = client.v1.balance_transactions.retrieve(payout.balance_transaction)
    assert (own.type, own.net, own.source) == ("payout", -3747, payout.id)


def test_a_payout_arrives_by_itself_or_fails(client, open_session, sandbox):
    sandbox.pay(open_session().id)
    first = sandbox.control("payouts")["payouts"][0]["id"]
    sandbox.pay(open_session().id)
    second = sandbox.control("payouts")["payouts"][0]["id"]
    failed = sandbox.control(f"payouts/{second}/fail")["payout"]
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    sandbox.control("clock/advance", seconds=2 * DAY)
    assert client.v1.payouts.retrieve(first).status == "paid"
    assert client.v1.payouts.list({"status": "failed"}).data[0].id == second
    (again,) = client.v1.payouts.list({"limit": 1}).data
    assert failed["failure_balance_transaction"] in {e.id for e in movements(client, again.id)}
    listed = client.v1.events.list({"types": [*TOLD, "payout.paid", "payout.failed"], "limit": 100})
    told = [event.type for event in listed.data if event.data.object["id"] == first]
    assert told[::-1] == [*TOLD, "payout.paid"]
