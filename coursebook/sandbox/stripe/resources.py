"""Stripe objects in the store: save, load and show them.

A stored body is the Stripe object itself. Keys that begin with an underscore are private to the
sandbox and never shown.
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
    "balance_transaction": "_payout",
    "promotion_code": "_code",
    "event": "type",
}
NOUN = {
    "balance_transaction": "balance transaction",
    "promotion_code": "promotion code",
    "webhook_endpoint": "webhook endpoint",
}


def save(context: Context, body: Body, *, due: float | None = None) -> Body:
    """Save an object; `due` is the sandbox time of its timer."""
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
    """Return an object. Raises `resource_missing` for the parameter."""
    body = context.store.get(kind, key)
    if body is None:
        raise missing(NOUN.get(kind, kind), key, param)
    return body


def shown(context: Context, body: Body, paths: Collection[str] = ()) -> Body:
    """Return the public object with the paths of `expand` filled in."""
    response = public(body)
    if paths:
        response = deepcopy(response)
        for path in paths:
            expand(context, response, path)
    return response
