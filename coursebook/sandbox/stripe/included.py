"""Parts of an object that Stripe shows only when they are asked for by `expand`."""

from collections.abc import Callable, Mapping
from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.store import Body, Filter

SHOWN_REFUNDS = 10


def public(body: Mapping[str, Any]) -> Body:
    """Return an object without the sandbox's own notes."""
    return {key: value for key, value in body.items() if not key.startswith("_")}


def line_item_list(session_id: str, items: list[Body], *, has_more: bool = False) -> Body:
    """Return line items as Stripe lists them."""
    return {
        "object": "list",
        "data": [public(item) for item in items],
        "has_more": has_more,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }


def _line_items(world: Context, _seen: Body, root: str) -> Body:
    return line_item_list(root, _session(world, root)["_line_items"])


def _refunds(world: Context, seen: Body, _root: str) -> Body:
    only = Filter(parent=seen["payment_intent"], where=(("charge", seen["id"]),))
    found = world.store.find("refund", only, limit=SHOWN_REFUNDS + 1)
    return {
        "object": "list",
        "data": [public(refund) for refund in found[:SHOWN_REFUNDS]],
        "has_more": len(found) > SHOWN_REFUNDS,
        "url": f"/v1/charges/{seen['id']}/refunds",
    }


def _breakdown(world: Context, seen: Body, root: str) -> Body:
    return {"discounts": _discounts(world, seen, root), "taxes": []}


def _discounts(world: Context, seen: Body, root: str) -> list[Body]:
    discount = _session(world, root).get("_discount")
    return [{"amount": seen["amount_discount"], "discount": dict(discount)}] if discount else []


def _taxes(_world: Context, _seen: Body, _root: str) -> list[Body]:
    return []


def _session(world: Context, key: str) -> Body:
    return world.store.get("checkout.session", key) or {"_line_items": []}


INCLUDED: dict[tuple[str, str], Callable[[Context, Body, str], Body | list[Body]]] = {
    ("checkout.session", "line_items"): _line_items,
    ("checkout.session.total_details", "breakdown"): _breakdown,
    ("item", "discounts"): _discounts,
    ("item", "taxes"): _taxes,
    ("charge", "refunds"): _refunds,
}
