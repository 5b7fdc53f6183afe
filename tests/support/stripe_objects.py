"""Reads objects from the Stripe API and sends hand-made signed events."""

import json
import time
from typing import Any

import httpx
import stripe

from tests.support.harness import Harness, Started

WEBHOOK = "/api/stripe/webhook"


async def ask_stripe(harness: Harness, path: str, **query: Any) -> dict[str, Any]:
    """GET a path of Stripe's API."""
    headers = {"Authorization": f"Bearer {harness.services.settings.stripe_secret_key}"}
    answer = await harness._sandbox.get(f"/v1/{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def newest_sessions(harness: Harness, **query: Any) -> list[dict[str, Any]]:
    """Return the newest sessions of the account, including those of this test."""
    return list((await ask_stripe(harness, "checkout/sessions", limit=40, **query))["data"])


async def sessions_of(harness: Harness, booking_id: str) -> list[dict[str, Any]]:
    """Return every session with a booking's id in its metadata, newest first."""
    sessions = await newest_sessions(harness)
    return [s for s in sessions if s["metadata"].get("booking_id") == booking_id]


async def session_at_stripe(harness: Harness, started: Started) -> dict[str, Any]:
    """Return the Checkout Session of a checkout from Stripe."""
    return await ask_stripe(harness, f"checkout/sessions/{started.session_id}")


async def refunds_at_stripe(harness: Harness, started: Started) -> list[dict[str, Any]]:
    """Return the refunds of a checkout's payment, newest first."""
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    return list((await ask_stripe(harness, "refunds", payment_intent=payment))["data"])


async def charge_of(harness: Harness, started: Started) -> str:
    """Return the id of the charge that paid a checkout."""
    payment = (await session_at_stripe(harness, started))["payment_intent"]
    return str((await ask_stripe(harness, f"payment_intents/{payment}"))["latest_charge"])


async def event_of(harness: Harness, started: Started, kind: str) -> dict[str, Any]:
    """Return the newest event of a kind about a checkout's session."""
    events = (await ask_stripe(harness, "events", type=kind, limit=40))["data"]
    return next(e for e in events if e["data"]["object"]["id"] == started.session_id)


def an_event(kind: str, thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a hand-made event; `thing` is its object."""
    return {
        "id": f"evt_by_hand_{time.monotonic_ns()}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
        **more,
    }


def signature(
    harness: Harness, body: str, *, at: int | None = None, secret: str | None = None
) -> str:
    """Return the signature header that Stripe would send with this body."""
    signing_secret = secret or harness.services.settings.stripe_webhook_secret[0]
    return stripe.WebhookSignature.generate_signature_header(body, signing_secret, at)


async def deliver(harness: Harness, event: dict[str, Any], **signed: Any) -> httpx.Response:
    """Send an event to our webhook as Stripe does, and wait until it is handled."""
    body = json.dumps(event, indent=2)
    answer = await post_raw(harness, body, signature(harness, body, **signed))
    await harness.services.webhooks.drain()
    return answer


async def post_raw(harness: Harness, body: str, header: str | None) -> httpx.Response:
    """POST these bytes with this signature header to our webhook."""
    headers = {"Content-Type": "application/json"}
    if header is not None:
        headers["Stripe-Signature"] = header
    return await harness.api.post(WEBHOOK, content=body.encode(), headers=headers)
