"""PaymentIntents: retrieve and list; they are made by the payment page only."""

from typing import Any

from coursebook.sandbox.lists import EXPAND, PAGED, page
from coursebook.sandbox.parameters import fields, text
from coursebook.sandbox.resources import load, shown
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.world import World

RETRIEVE = fields({**EXPAND, "client_secret": text(255)})
LIST = fields(PAGED, refused="customer customer_account")


def retrieve(world: World, params: dict[str, Any], key: str) -> Body:
    """Return one PaymentIntent."""
    return shown(world, load(world, "payment_intent", key, "intent"), params.get("expand", ()))


def listing(world: World, params: dict[str, Any]) -> Body:
    """Return a page of PaymentIntents."""
    return page(world, "payment_intent", "/v1/payment_intents", params, Filter())
