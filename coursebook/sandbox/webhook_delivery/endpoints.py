"""Webhook endpoints: the one from the command line, and those created over the API."""

import hashlib

from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body, Filter, Store

KIND = "webhook_endpoint"
CONFIGURED = "configured"
CREATED = "made"
ENABLED, DISABLED = "enabled", "disabled"


def configure(store: Store, options: SandboxOptions, now: int) -> None:
    """Store the endpoint of the command line, replacing that of an earlier run."""
    for old in store.find(KIND, Filter(status=CONFIGURED)):
        if old["url"] != options.webhook_url:
            store.delete(KIND, old["id"])
    if options.webhook_url is None:
        return
    key = "we_" + hashlib.sha256(options.webhook_url.encode()).hexdigest()[:24]
    if store.get(KIND, key) is None:
        body = new_endpoint(key, options.webhook_url, ["*"], now)
        store.put(KIND, key, body, status=CONFIGURED, created=now)


def new_endpoint(key: str, url: str, kinds: list[str], now: int) -> Body:
    """Return an endpoint for the given kinds of events."""
    return {
        "id": key,
        "object": KIND,
        "api_version": None,
        "application": None,
        "created": now,
        "description": None,
        "enabled_events": kinds,
        "livemode": False,
        "metadata": {},
        "status": ENABLED,
        "url": url,
        "_secret": None,
    }


def endpoints_for(store: Store, kind: str) -> list[Body]:
    """Return the enabled endpoints for a type of event, oldest first."""
    return [
        endpoint
        for endpoint in store.find(KIND)[::-1]
        if endpoint["status"] == ENABLED and {"*", kind} & set(endpoint["enabled_events"])
    ]


def enabled_urls(store: Store) -> list[str]:
    """Return the distinct URLs of the enabled endpoints, oldest endpoint first."""
    endpoints = store.find(KIND)[::-1]
    return list(dict.fromkeys(each["url"] for each in endpoints if each["status"] == ENABLED))


def secrets_of(store: Store, options: SandboxOptions, key: str) -> tuple[str, ...]:
    """Return the signing secrets of an endpoint."""
    endpoint = store.get(KIND, key)
    return (endpoint["_secret"],) if endpoint and endpoint["_secret"] else options.webhook_secrets
