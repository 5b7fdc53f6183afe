"""Calls about webhook endpoints: create, retrieve, update, delete, list."""

import re
from typing import Any
from urllib.parse import urlsplit

from coursebook.sandbox.context import Context
from coursebook.sandbox.errors import StripeRefusal, bad_parameter
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.options import LOOPBACK_HOSTS
from coursebook.sandbox.store import Body, Filter
from coursebook.sandbox.stripe.events import API_VERSION
from coursebook.sandbox.stripe.pagination import CURSORS, EXPAND, page
from coursebook.sandbox.stripe.parameters import (
    Check,
    Raw,
    changes,
    fields,
    flag,
    list_of,
    merged,
    metadata,
    only,
    text,
    url,
)
from coursebook.sandbox.stripe.resources import load, shown
from coursebook.sandbox.webhook_delivery.endpoints import (
    CONFIGURED,
    DISABLED,
    ENABLED,
    KIND,
    new_endpoint,
)
from coursebook.sandbox.webhook_delivery.endpoints import (
    CREATED as MADE,
)

MAX_ENDPOINTS = 16
EVENT_KIND = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)+")


def own_machine(value: Raw, param: str) -> str:
    """Accept a loopback address: the sandbox sends nothing to another machine."""
    address = str(url(value, param))
    if urlsplit(address).hostname not in LOOPBACK_HOSTS:
        sentence = "The sandbox sends events to addresses of this machine only, such as localhost."
        raise bad_parameter(sentence, param, "url_invalid")
    return address


def event_kind(value: Raw, param: str) -> str:
    """Accept a type of event, or `*`."""
    kind = str(text(200)(value, param))
    if not EVENT_KIND.fullmatch(kind):
        raise bad_parameter(f"Invalid enabled event: {kind}", param)
    return kind


CREATED: dict[str, Check] = {
    **EXPAND,
    "url": own_machine,
    "enabled_events": list_of(event_kind, 300),
    "description": text(5000),
    "metadata": metadata,
    "api_version": only(text(60), API_VERSION),
    "connect": only(flag, allowed=False),
}
CREATE = fields(CREATED, required="enabled_events url")
UPDATED: dict[str, Check] = {
    **EXPAND,
    "url": own_machine,
    "enabled_events": list_of(event_kind, 300),
    "description": text(5000),
    "metadata": changes,
    "disabled": flag,
}
RETRIEVE = fields(EXPAND)
UPDATE = fields(UPDATED)
DELETE = fields({})
LIST = fields(CURSORS)


def create(context: Context, params: dict[str, Any]) -> Body:
    """Create an endpoint. Only this response has its signing secret."""
    if len(context.store.find(KIND, Filter(status=MADE), limit=MAX_ENDPOINTS)) >= MAX_ENDPOINTS:
        raise StripeRefusal(
            f"There are {MAX_ENDPOINTS} webhook endpoints already; no more are possible."
        )
    _check_some_events(params)
    now, key = context.clock.seconds(), new_id("we_")
    body = new_endpoint(key, params["url"], params["enabled_events"], now) | {
        "api_version": params.get("api_version"),
        "description": params.get("description"),
        "metadata": params.get("metadata", {}),
        "_secret": new_id("whsec_", 32),
    }
    context.store.put(KIND, key, body, status=MADE, created=now)
    return {**shown(context, body, params.get("expand", ())), "secret": body["_secret"]}


def retrieve(context: Context, params: dict[str, Any], key: str) -> Body:
    """Return one endpoint."""
    return shown(context, load(context, KIND, key, "webhook_endpoint"), params.get("expand", ()))


def update(context: Context, params: dict[str, Any], key: str) -> Body:
    """Update or disable an endpoint."""
    body = load(context, KIND, key, "webhook_endpoint")
    _check_some_events(params)
    for name in ("url", "enabled_events", "description"):
        if name in params:
            body[name] = params[name]
    if "metadata" in params:
        body["metadata"] = merged(body["metadata"], params["metadata"])
    if "disabled" in params:
        body["status"] = DISABLED if params["disabled"] else ENABLED
    kind = MADE if body["_secret"] else CONFIGURED
    context.store.put(KIND, key, body, status=kind, created=body["created"])
    context.deliveries.wake()
    return shown(context, body, params.get("expand", ()))


def delete(context: Context, _params: dict[str, Any], key: str) -> Body:
    """Delete an endpoint and end its deliveries."""
    load(context, KIND, key, "webhook_endpoint")
    context.store.delete(KIND, key)
    context.deliveries.give_up_without_endpoint()
    return {"id": key, "object": KIND, "deleted": True}


def listing(context: Context, params: dict[str, Any]) -> Body:
    """Return a page of endpoints."""
    return page(context, KIND, "/v1/webhook_endpoints", params, Filter())


def _check_some_events(params: dict[str, Any]) -> None:
    if params.get("enabled_events") == []:
        raise bad_parameter("Name at least one kind of events.", "enabled_events")
