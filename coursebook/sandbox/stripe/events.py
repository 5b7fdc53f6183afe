"""Events: record changes of objects, serve them over the API, and enqueue their deliveries."""

import json
from contextvars import ContextVar
from typing import Any

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import bad_parameter
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.pagination import EXPAND, PAGED, page
from coursebook.sandbox.stripe.parameters import Check, fields, flag, list_of, text
from coursebook.sandbox.stripe.resources import load, shown

API_VERSION = "2026-10-28.endive"
RETENTION = 30 * 24 * 3600
NO_REQUEST: dict[str, str | None] = {"id": None, "idempotency_key": None}
current_account: ContextVar[str | None] = ContextVar("current_account", default=None)
current_request: ContextVar[dict[str, str | None]] = ContextVar(
    "current_request", default=NO_REQUEST
)

RETRIEVE = fields(EXPAND)
LISTED: dict[str, Check] = {
    **PAGED,
    "type": text(200),
    "types": list_of(text(200), 20),
    "delivery_success": flag,
}
LIST = fields(LISTED)


def emit(context: Context, kind: str, body: Body, previous: Body | None = None) -> Body:
    """Record an event of a type with the current object, and enqueue it. Returns the event."""
    data: dict[str, Any] = {"object": shown(context, body)}
    if previous:
        data["previous_attributes"] = previous
    event: Body = {
        "id": new_id("evt_"),
        "object": "event",
        "api_version": API_VERSION,
        "created": context.clock.seconds(),
        "data": json.loads(json.dumps(data)),
        "livemode": bool(body.get("livemode", False)),
        "pending_webhooks": 0,
        "request": dict(current_request.get()),
        "type": kind,
    }
    if account := current_account.get():
        event["account"] = account
    return _send(context, event)


def emit_again(context: Context, event: Body) -> Body:
    """Record a second event for the same fact, as Stripe sometimes does."""
    return _send(context, {**event, "id": new_id("evt_"), "created": context.clock.seconds()})


def _send(context: Context, event: Body) -> Body:
    event["pending_webhooks"] = context.deliveries.enqueue(event)
    status = "undelivered" if event["pending_webhooks"] else "delivered"
    context.store.put(
        "event", event["id"], event, parent=event["type"], status=status, created=event["created"]
    )
    return event


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one event."""
    return shown(context, load(context, "event", key, "id"), params.get("expand", ()))


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of events of the last 30 days."""
    kinds = tuple(params.get("types", ()))
    if "type" in params:
        if kinds:
            raise bad_parameter("You may not specify both `type` and `types`.", "types")
        kinds = (params["type"],)
    oldest = context.clock.seconds() - RETENTION
    bounds = (*params.get("created", ()), ("gte", oldest))
    statuses = {True: "delivered", False: "undelivered", None: None}
    return page(
        context,
        "event",
        "/v1/events",
        {**params, "created": bounds},
        Filter(any_parent=kinds, status=statuses[params.get("delivery_success")]),
    )
