"""The documented rights of the restricted Stripe key are exactly those that the code needs."""

import re

from tests.support.documents import ROOT, all_pages, page, rows

READS = {"list", "retrieve", ""}
NAMES = {
    "checkout.sessions": "Checkout Sessions",
    "refunds": "Refunds",
    "payment_intents": "PaymentIntents",
    "disputes": "Disputes",
    "balance": "Balance",
    "balance_transactions": "Balance Transactions",
    "payouts": "Payouts",
    "events": "Events",
    "webhook_endpoints": "Webhook Endpoints",
}
EXPANDED = {"Charges": "read"}
"""What comes inside of another answer needs its own right."""


def _called() -> dict[str, str]:
    """Return each Stripe resource that the code uses, with the least right it needs."""
    found: dict[str, str] = {}
    for path in (ROOT / "coursebook/payments").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        for resource, what in re.findall(r"_client\.v1\.([a-z_.]+)\.(\w+)_async", source):
            right = "read" if what in READS else "write"
            found[NAMES[resource]] = (
                "write" if "write" in (right, found.get(NAMES[resource])) else right
            )
        if "sessions.create_async" in source:
            found["Checkout Sessions"] = "write"
    return found


def _table() -> dict[str, str]:
    return {
        row[0]: row[1]
        for row in rows(page("docs/ops/stripe-integration.md").text)
        if row[1] in ("read", "write")
    }


def test_the_table_lists_exactly_the_rights_the_code_needs():
    assert _table() == _called() | EXPANDED


def test_there_is_only_one_table():
    telling = [
        document.path.name
        for document in all_pages()
        if any(
            row[0].startswith("Checkout Sessions") and row[1] == "write"
            for row in rows(document.text)
        )
    ]
    assert telling == ["stripe-integration.md"]
