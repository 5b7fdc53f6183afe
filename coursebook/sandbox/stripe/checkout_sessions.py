"""Checkout Sessions: create, retrieve, list, expire, line items."""

from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter, missing
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.discounts import apply_parameter
from coursebook.sandbox.stripe.events import emit
from coursebook.sandbox.stripe.expansion import expand as expand_path
from coursebook.sandbox.stripe.expansion import line_item_list
from coursebook.sandbox.stripe.pagination import DEFAULT_LIMIT, inside, page
from coursebook.sandbox.stripe.parameters import merged
from coursebook.sandbox.stripe.payments import cancel_intent
from coursebook.sandbox.stripe.resources import load, save, shown
from coursebook.sandbox.stripe.session_objects import new_session, products

KIND = "checkout.session"


def create(context: Context, params: dict[str, Any]) -> Body:
    """Create a session."""
    return shown(context, open_session(context, params), params.get("expand", ()))


def open_session(context: Context, params: dict[str, Any]) -> Body:
    """Create and save a session with its products. Raises `StripeRefusal`."""
    clock = context.clock
    session = new_session(
        params, clock.seconds(), int(clock.real_now()), context.options.public_url
    )
    if params.get("allow_promotion_codes") and "discounts" in params:
        sentence = "You may only specify one of these parameters: allow_promotion_codes, discounts."
        raise bad_parameter(sentence, "discounts")
    apply_parameter(context, session, params.get("discounts", []))
    for product in products(session, params):
        save(context, product)
    return save(context, session, due=session["_closes_at"])


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one session."""
    return shown(context, load(context, KIND, key, "session"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of sessions."""
    where = []
    if "customer_details" in params:
        where.append(("customer_details.email", params["customer_details"]["email"]))
    only = Filter(
        parent=params.get("payment_intent"), status=params.get("status"), where=tuple(where)
    )
    return page(context, KIND, "/v1/checkout/sessions", params, only)


def line_items(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return a page of the line items of a session, in order."""
    items = load(context, KIND, key, "session")["_line_items"]
    limit, ids = params.get("limit", DEFAULT_LIMIT), [item["id"] for item in items]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise missing("line item", params[name], name)
    if "starting_after" in params:
        items = items[ids.index(params["starting_after"]) + 1 :]
    if "ending_before" in params:
        items = items[: ids.index(params["ending_before"])]
    page_items = items[-limit:] if "ending_before" in params else items[:limit]
    response = line_item_list(key, page_items, has_more=len(items) > limit)
    for path in params.get("expand", ()):
        for item in response["data"]:
            expand_path(context, item, inside(path), key)
    return response


def update(context: Context, params: dict[str, Any], key: str) -> Body:
    """Change the metadata of a session."""
    session = load(context, KIND, key, "session")
    if "metadata" in params:
        session["metadata"] = merged(session["metadata"], params["metadata"])
        save(context, session, due=session["_closes_at"] if session["status"] == "open" else None)
    return shown(context, session, params.get("expand", ()))


def expire(context: Context, params: dict[str, Any], key: str) -> Body:
    """Expire an open session."""
    session = load(context, KIND, key, "session")
    if session["status"] != "open":
        raise StripeRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
    return shown(context, close_unpaid(context, session), params.get("expand", ()))


def close_unpaid(context: Context, session: Body) -> Body:
    """Expire an open session, and cancel its PaymentIntent."""
    session |= {"status": "expired", "url": None}
    save(context, session)
    if session["payment_intent"]:
        cancel_intent(context, session["payment_intent"])
    emit(context, "checkout.session.expired", session)
    return session
