"""Charges: retrieve and list."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import Check, fields, text
from coursebook.sandbox.stripe.resources import load, shown

RETRIEVE = fields(EXPAND)
LISTED: dict[str, Check] = {**PAGED, "payment_intent": text(255)}
LIST = fields(LISTED, refused="customer transfer_group")


def retrieve(world: Context, params: dict[str, Any], key: str) -> Body:
    """Return one charge."""
    return shown(world, load(world, "charge", key, "charge"), params.get("expand", ()))


def listing(world: Context, params: dict[str, Any]) -> Body:
    """Return a page of charges."""
    only = Filter(parent=params.get("payment_intent"))
    return page(world, "charge", "/v1/charges", params, only)
