"""The checks of `coursebook doctor` at Stripe: key, webhook endpoints, undelivered events.

Every call is read-only.
"""

import json
import secrets
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import stripe

from coursebook.payments.event_targets import EVENTS
from coursebook.payments.gateway import StripeRefused, StripeUnreachable

TIMEOUT = 10.0
PAGE_SIZE = 100


@dataclass(frozen=True)
class Account:
    """The mode of our key, and Stripe's clock (`now`, None when the answer has no date)."""

    livemode: bool
    now: datetime | None


@dataclass(frozen=True)
class Endpoint:
    """A webhook endpoint at Stripe."""

    url: str
    is_enabled: bool
    events: frozenset[str]
    api_version: str | None

    def missing(self, more_events: Iterable[str] = ()) -> list[str]:
        """Return the events that we (or extensions) need and the endpoint does not receive."""
        needed = (*EVENTS, *more_events)
        return [] if "*" in self.events else [event for event in needed if event not in self.events]


@dataclass(frozen=True)
class SignedEvent:
    """A test event with a valid signature."""

    id: str
    body: str = field(repr=False)
    signature: str = field(repr=False)


class StripeCheckup:
    """Read-only calls to Stripe. Each may raise StripeRefused or StripeUnreachable."""

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        self._http = stripe.HTTPXClient(timeout=TIMEOUT)
        addresses: Any = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(secret_key, http_client=self._http, **addresses)

    async def account(self) -> Account:
        """Fetch the balance: the cheapest call that every key may make."""
        balance = await _translated(self._client.v1.balance.retrieve_async())
        answer = balance.last_response
        date = str(dict(answer.headers).get("date", "")) if answer else ""
        return Account(bool(balance.livemode), parsedate_to_datetime(date) if date else None)

    async def endpoints(self) -> list[Endpoint]:
        """List the webhook endpoints."""
        page = await _translated(self._client.v1.webhook_endpoints.list_async({"limit": PAGE_SIZE}))
        return [
            Endpoint(
                endpoint.url,
                endpoint.status == "enabled",
                frozenset(endpoint.enabled_events),
                endpoint.api_version,
            )
            for endpoint in page.data
        ]

    async def undelivered(self) -> int:
        """Count the events that Stripe could not deliver (at most 100, of 30 days)."""
        query: Any = {"delivery_success": False, "types": list(EVENTS), "limit": PAGE_SIZE}
        return len((await _translated(self._client.v1.events.list_async(query))).data)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


def signed_event(secret: str, now: datetime, *, livemode: bool) -> SignedEvent:
    """Return a signed event of an unknown type, which is stored without effect."""
    event_id = f"evt_doctor_{secrets.token_hex(12)}"
    body = json.dumps(
        {
            "id": event_id,
            "object": "event",
            "api_version": stripe.api_version,
            "created": int(now.timestamp()),
            "data": {"object": {"id": "doctor", "object": "coursebook.doctor"}},
            "livemode": livemode,
            "pending_webhooks": 0,
            "request": None,
            "type": "coursebook.doctor",
        }
    )
    sign = cast(Any, stripe.WebhookSignature).generate_signature_header
    return SignedEvent(event_id, body, sign(body, secret, int(now.timestamp())))


def our_api_version() -> str:
    """Return the Stripe API version of the pinned SDK."""
    return str(stripe.api_version)


async def _translated(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - objects of the SDK
    try:
        return await call
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise StripeRefused(str(error.user_message or error), error.code) from error
    except stripe.InvalidRequestError as error:
        raise StripeRefused(str(error.user_message or error), error.code) from error
    except stripe.StripeError as error:
        raise StripeUnreachable(str(error.user_message or error)) from error
