"""Where events go: the address the sandbox was started with, and those made over the API."""

import hashlib

from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body, Filter, Store

KIND = "webhook_endpoint"
CONFIGURED = "configured"
MADE = "made"
ENABLED, DISABLED = "enabled", "disabled"


def configure(store: Store, options: SandboxOptions, now: int) -> None:
    """Keep the address of the command line as an endpoint, in the place of an earlier one."""
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


def listening(store: Store, kind: str) -> list[Body]:
    """Return the enabled endpoints that want events of a kind, the oldest first."""
    enabled = (one for one in store.find(KIND)[::-1] if one["status"] == ENABLED)
    return [one for one in enabled if {"*", kind} & set(one["enabled_events"])]


def enabled_urls(store: Store) -> list[str]:
    """Return the addresses that events go to, the oldest endpoint first."""
    enabled = (one["url"] for one in store.find(KIND)[::-1] if one["status"] == ENABLED)
    return list(dict.fromkeys(enabled))


def secrets_of(store: Store, options: SandboxOptions, key: str) -> tuple[str, ...]:
    """Return what the deliveries of an endpoint are signed with."""
    found = store.get(KIND, key)
    return (found["_secret"],) if found and found["_secret"] else options.webhook_secrets
