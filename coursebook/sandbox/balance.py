"""The balance: what the sandbox has taken and not given back, per currency."""

from typing import Any

from coursebook.sandbox.lists import EXPAND
from coursebook.sandbox.parameters import fields
from coursebook.sandbox.store import Body
from coursebook.sandbox.world import World

RETRIEVE = fields(EXPAND)


def retrieve(world: World, _params: dict[str, Any]) -> Body:
    """Return the sums of all balance transactions; everything is available at once."""
    sums = world.store.sums("balance_transaction", "currency", "net")
    available = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sums or [("usd", 0)]
    ]
    pending = [{**row, "amount": 0, "source_types": {"card": 0}} for row in available]
    return {"object": "balance", "available": available, "livemode": False, "pending": pending}
