"""Checkout Sessions: create, retrieve, list, expire, line items."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter, missing
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.discounts import apply_parameter
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.expansion import expand as expand_path
from coursebook.sandbox.stripe.included import line_item_list
from coursebook.sandbox.stripe.pagination import DEFAULT_LIMIT, inside, page
from coursebook.sandbox.stripe.parameters import merged
from coursebook.sandbox.stripe.payments import cancel_intent
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.stripe.session_objects import new_session, products

KIND = "checkout.session"


def create(world: Context, params: dict[str, Any]) -> Body:
    """Open a session."""
    return shown(world, begin(world, params), params.get("expand", ()))


def begin(world: Context, params: dict[str, Any]) -> Body:
    """Make and keep a session with its products. Raises `StripeRefusal`."""
    clock = world.clock
    session = new_session(params, clock.seconds(), int(clock.real_now()), world.options.public_url)
    if params.get("allow_promotion_codes") and "discounts" in params:
        sentence = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise bad_parameter(sentence, "discounts")
    apply_parameter(world, session, params.get("discounts", []))
    for product in products(session, params):
        save(world, product)
    return save(world, session, due=session["_closes_at"])


def retrieve(world: Context, params: dict[str, Any], key: str) -> Body:
    """Return one session."""
    return shown(world, load(world, KIND, key, "session"), params.get("expand", ()))


def listing(world: Context, params: dict[str, Any]) -> Body:
    """Return a page of sessions."""
    where = []
    if "customer_details" in params:
        where.append(("customer_details.email", params["customer_details"]["email"]))
    only = Filter(
        parent=params.get("payment_intent"), status=params.get("status"), where=tuple(where)
    )
    return page(world, KIND, "/v1/checkout/sessions", params, only)


def line_items(world: Context, params: dict[str, Any], key: str) -> Body:
    """Return a page of what is sold in a session, in the order it was given."""
    items = load(world, KIND, key, "session")["_line_items"]
    limit, ids = params.get("limit", DEFAULT_LIMIT), [item["id"] for item in items]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise missing("line item", params[name], name)
    if "starting_after" in params:
        items = items[ids.index(params["starting_after"]) + 1 :]
    if "ending_before" in params:
        items = items[: ids.index(params["ending_before"])]
    chosen = items[-limit:] if "ending_before" in params else items[:limit]
    listed = line_item_list(key, chosen, has_more=len(items) > limit)
    for path in params.get("expand", ()):
        for item in listed["data"]:
            expand_path(world, item, inside(path), key)
    return listed


def update(world: Context, params: dict[str, Any], key: str) -> Body:
    """Change the metadata of a session."""
    session = load(world, KIND, key, "session")
    if "metadata" in params:
        session["metadata"] = merged(session["metadata"], params["metadata"])
        save(world, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return shown(world, session, params.get("expand", ()))


def expire(world: Context, params: dict[str, Any], key: str) -> Body:
    """Close an open session at once."""
    session = load(world, KIND, key, "session")
    if session["status"] != "open":
        raise StripeRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
    return shown(world, close_unpaid(world, session), params.get("expand", ()))


def close_unpaid(world: Context, session: Body) -> Body:
    """Let an open session expire; a started payment is cancelled with it."""
    session |= {"status": "expired", "url": None}
    save(world, session)
    if session["payment_intent"]:
        cancel_intent(world, session["payment_intent"])
    emit(world, "checkout.session.expired", session)
    return session
