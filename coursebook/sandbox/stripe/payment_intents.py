"""PaymentIntents: retrieve and list; they are made by the payment page only."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import fields, text
from coursebook.sandbox.stripe.resources import load, shown

RETRIEVE = fields({**EXPAND, "client_secret": text(255)})
LIST = fields(PAGED, refused="customer customer_account")


def retrieve(world: Context, params: dict[str, Any], key: str) -> Body:
    """Return one PaymentIntent."""
    return shown(world, load(world, "payment_intent", key, "intent"), params.get("expand", ()))


def listing(world: Context, params: dict[str, Any]) -> Body:
    """Return a page of PaymentIntents."""
    return page(world, "payment_intent", "/v1/payment_intents", params, Filter())
