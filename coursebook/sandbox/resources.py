"""Stripe objects in the store: saving, finding, expanding and showing them.

A stored body is the Stripe object itself. Keys that begin with an underscore are the sandbox's own
notes and are never shown.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from coursebook.sandbox.errors import StripeRefusal, bad_parameter, missing
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.world import World

PARENT_KEY = {
    "checkout.session": "payment_intent",
    "payment_intent": "_session",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "event": "type",
}
NOUN = {"checkout.session": "checkout.session", "balance_transaction": "balance transaction"}
EXPANDABLE = {
    "payment_intent": "payment_intent",
    "latest_charge": "charge",
    "charge": "charge",
    "balance_transaction": "balance_transaction",
}
DEEPEST_EXPANSION = 4
SHOWN_REFUNDS = 10


def save(world: World, body: Body, *, due: float | None = None) -> Body:
    """Write an object; `due` is the sandbox time at which something will happen to it by itself."""
    kind = body["object"]
    world.store.put(
        kind,
        body["id"],
        body,
        parent=body.get(PARENT_KEY.get(kind, ""), "") or "",
        status=body.get("status") or body.get("_status") or "",
        created=body["created"],
        due=due,
    )
    return body


def load(world: World, kind: str, key: str, param: str) -> Body:
    """Return an object, or refuse with `resource_missing` naming the parameter."""
    body = world.store.get(kind, key)
    if body is None:
        raise missing(NOUN.get(kind, kind), key, param)
    return body


def shown(world: World, body: Body, expand: Iterable[str] = ()) -> Body:
    """Return what the caller may see, with the asked-for references filled in."""
    seen = _public(body)
    for path in expand:
        _expand(world, body, seen, path.split("."), path)
    return seen


def _public(body: Mapping[str, Any]) -> Body:
    return {key: value for key, value in body.items() if not key.startswith("_")}


def _expand(world: World, body: Body, seen: Body, path: list[str], whole: str) -> None:
    if len(path) > DEEPEST_EXPANSION:
        raise bad_parameter("You cannot expand more than 4 levels of a property.", "expand")
    name, rest = path[0], path[1:]
    if name == "line_items" and body["object"] == "checkout.session" and not rest:
        seen[name] = line_item_list(body, body["_line_items"])
        return
    if name == "refunds" and body["object"] == "charge" and not rest:
        seen[name] = _refund_list(world, body)
        return
    if name not in EXPANDABLE or name not in body:
        raise bad_parameter(f"This property cannot be expanded ({whole}).", "expand")
    if body[name] is None:
        return
    key = body[name]
    target = world.store.get(EXPANDABLE[name], key)
    if target is None:
        raise StripeRefusal(f"The sandbox has lost {key}.", status=500, kind="api_error")
    if not isinstance(seen[name], dict):
        seen[name] = _public(target)
    if rest:
        _expand(world, target, seen[name], rest, whole)


def line_item_list(session: Body, items: list[Body], *, has_more: bool = False) -> Body:
    """Return line items as Stripe lists them."""
    return {
        "object": "list",
        "data": items,
        "has_more": has_more,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def _refund_list(world: World, charge: Body) -> Body:
    only = Filter(parent=charge["payment_intent"], where=(("charge", charge["id"]),))
    found = world.store.find("refund", only, limit=SHOWN_REFUNDS + 1)
    return {
        "object": "list",
        "data": [_public(refund) for refund in found[:SHOWN_REFUNDS]],
        "has_more": len(found) > SHOWN_REFUNDS,
        "url": f"/v1/charges/{charge['id']}/refunds",
    }
