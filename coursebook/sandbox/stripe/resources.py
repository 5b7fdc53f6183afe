"""Stripe objects in the store: saving, finding, expanding and showing them.

A stored body is the Stripe object itself. Keys that begin with an underscore are the sandbox's own
notes and are never shown.
"""

from collections.abc import Collection
from copy import deepcopy

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import missing
from coursebook.sandbox.store import Body
from coursebook.sandbox.stripe.expansion import expand, public

PARENT_KEY = {
    "checkout.session": "payment_intent",
    "payment_intent": "_session",
    "charge": "payment_intent",
    "refund": "payment_intent",
    "dispute": "payment_intent",
    "promotion_code": "_code",
    "event": "type",
}
NOUN = {
    "balance_transaction": "balance transaction",
    "promotion_code": "promotion code",
    "webhook_endpoint": "webhook endpoint",
}


def save(context: Context, body: Body, *, due: float | None = None) -> Body:
    """Write an object; `due` is the sandbox time at which something will happen to it by itself."""
    kind = body["object"]
    context.store.put(
        kind,
        body["id"],
        body,
        parent=body.get(PARENT_KEY.get(kind, ""), "") or "",
        status=body.get("status") or body.get("_status") or "",
        created=body["created"],
        due=due,
    )
    return body


def load(context: Context, kind: str, key: str, param: str) -> Body:
    """Return an object, or refuse with `resource_missing` naming the parameter."""
    body = context.store.get(kind, key)
    if body is None:
        raise missing(NOUN.get(kind, kind), key, param)
    return body


def shown(context: Context, body: Body, paths: Collection[str] = ()) -> Body:
    """Return what the caller may see, with the asked-for references filled in."""
    seen = public(body)
    if paths:
        seen = deepcopy(seen)
        for path in paths:
            expand(context, seen, path)
    return seen
