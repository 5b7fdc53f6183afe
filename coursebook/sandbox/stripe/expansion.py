"""Expand references and hidden parts of a response (`expand`).

A path goes through objects and lists: `data.payment_intent`, `line_items.data.price.product`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.store import Body, Filter

MAX_DEPTH = 4
MAX_REFUNDS = 10

# The kind of object behind each id, per kind of object. None: always null in the sandbox. A test
# checks this against Stripe's schema.
REFERENCES: dict[str, dict[str, str | None]] = {
    "checkout.session": {
        "payment_intent": "payment_intent",
        **dict.fromkeys(
            ("customer", "invoice", "payment_link", "setup_intent", "subscription"), None
        ),
    },
    "session discount": {"coupon": "coupon", "promotion_code": "promotion_code"},
    "payment_intent": {
        "latest_charge": "charge",
        **dict.fromkeys(("application", "customer", "on_behalf_of", "review", "source"), None),
    },
    "charge": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        **dict.fromkeys(
            ("application", "application_fee", "customer", "on_behalf_of", "review"), None
        ),
        "source_transfer": None,
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        **dict.fromkeys(("customer", "source_transfer_reversal", "transfer_reversal"), None),
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "balance_transaction": {"source": "any source"},
    "payout": {
        "application_fee": None,
        "balance_transaction": "balance_transaction",
        "destination": None,
        "failure_balance_transaction": "balance_transaction",
        "original_payout": "payout",
        "reversed_by": "payout",
    },
    "price": {"product": "product"},
    "product": {"default_price": None, "tax_code": None},
    "promotion_code": {"customer": None},
    "promotion": {"coupon": "coupon"},
    "discount": {"promotion_code": "promotion_code", "customer": None},
    "discount source": {"coupon": "coupon"},
}
PLAIN_PARTS = {  # nested objects without an `object` field
    ("checkout.session", "discounts"): "session discount",
    ("promotion_code", "promotion"): "promotion",
    ("discount", "source"): "discount source",
}
Node = tuple[Body, str]  # an object and its kind
SOURCES = {"ch_": "charge", "py_": "charge", "re_": "refund", "du_": "dispute", "po_": "payout"}


def expand(context: Context, body: Body, path: str, root: str = "") -> None:
    """Replace the ids at `path` with their objects. Raises `StripeRefusal`.

    `root` is the id of the object that contains `body`, if `body` is a part of one.
    """
    parts = path.split(".")
    if len(parts) > MAX_DEPTH:
        raise bad_parameter("You cannot expand more than 4 levels of a property.", "expand")
    nodes: list[Node] = [(body, str(body["object"]))]
    top = root or str(body.get("id", ""))
    for index, name in enumerate(parts):
        if index == len(parts) - 1 and not all(_is_expandable(kind, name) for _, kind in nodes):
            raise _refusal(path)
        nodes = [child for node in nodes for child in _step(context, node, name, path, top)]


def _is_expandable(kind: str, name: str) -> bool:
    return (kind, name) in INCLUDED or name in REFERENCES.get(kind, {})


def _step(context: Context, node: Node, name: str, path: str, root: str) -> list[Node]:
    body, kind = node
    include = INCLUDED.get((kind, name))
    if include is not None and name not in body:
        body[name] = include(context, body, root)
    if name not in body:
        raise _refusal(path)
    value = body[name]
    if isinstance(value, dict | list):
        rows = value if isinstance(value, list) else [value]
        plain = PLAIN_PARTS.get((kind, name), f"{kind}.{name}")
        return [(row, str(row.get("object", plain))) for row in rows if isinstance(row, dict)]
    if name not in REFERENCES.get(kind, {}):
        raise _refusal(path)
    if value is None:
        return []
    body[name] = public(_target(context, REFERENCES[kind][name], value))
    return [(body[name], str(body[name]["object"]))]


def _target(context: Context, kind: str | None, key: object) -> Body:
    if kind == "any source":
        kind = SOURCES.get(str(key)[:3])
    target = context.store.get(kind or "", str(key))
    if target is None:
        raise StripeRefusal(f"The sandbox has lost {key}.", status=500, kind="api_error")
    return target


def _refusal(path: str) -> StripeRefusal:
    return bad_parameter(f"This property cannot be expanded ({path}).", "expand")


def public(body: Mapping[str, Any]) -> Body:
    """Return an object without private keys."""
    return {key: value for key, value in body.items() if not key.startswith("_")}


def line_item_list(session_id: str, items: list[Body], *, has_more: bool = False) -> Body:
    """Return line items as Stripe lists them."""
    return {
        "object": "list",
        "data": [public(item) for item in items],
        "has_more": has_more,
        "url": f"/v1/checkout/sessions/{session_id}/line_items",
    }


def _line_items(context: Context, _body: Body, root: str) -> Body:
    return line_item_list(root, _session(context, root)["_line_items"])


def _refunds(context: Context, body: Body, _root: str) -> Body:
    only = Filter(parent=body["payment_intent"], where=(("charge", body["id"]),))
    refunds = context.store.find("refund", only, limit=MAX_REFUNDS + 1)
    return {
        "object": "list",
        "data": [public(refund) for refund in refunds[:MAX_REFUNDS]],
        "has_more": len(refunds) > MAX_REFUNDS,
        "url": f"/v1/charges/{body['id']}/refunds",
    }


def _breakdown(context: Context, body: Body, root: str) -> Body:
    return {"discounts": _discounts(context, body, root), "taxes": []}


def _discounts(context: Context, body: Body, root: str) -> list[Body]:
    discount = _session(context, root).get("_discount")
    return [{"amount": body["amount_discount"], "discount": dict(discount)}] if discount else []


def _taxes(_context: Context, _body: Body, _root: str) -> list[Body]:
    return []


def _session(context: Context, key: str) -> Body:
    return context.store.get("checkout.session", key) or {"_line_items": []}


INCLUDED: dict[tuple[str, str], Callable[[Context, Body, str], Body | list[Body]]] = {
    ("checkout.session", "line_items"): _line_items,
    ("checkout.session.total_details", "breakdown"): _breakdown,
    ("item", "discounts"): _discounts,
    ("item", "taxes"): _taxes,
    ("charge", "refunds"): _refunds,
}
