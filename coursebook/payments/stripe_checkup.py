"""What `coursebook doctor` asks Stripe: is the key good, does Stripe know our address, is all told.

Beside the gateway the only module that imports stripe. It changes nothing at Stripe.
"""

import json
import secrets
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import stripe

from coursebook.payments.event_targets import EVENTS
from coursebook.payments.gateway import StripeRefused, StripeUnreachable

TIMEOUT_SECONDS = 10.0
MOST = 100


@dataclass(frozen=True)
class Account:
    """What an answer of Stripe says of our key. `now` is Stripe's clock, None: it did not say."""

    livemode: bool
    now: datetime | None


@dataclass(frozen=True)
class Endpoint:
    """An address that Stripe sends events to."""

    url: str
    is_enabled: bool
    events: frozenset[str]
    api_version: str | None

    def missing(self) -> list[str]:
        """Return which of the events that we need it is not sent."""
        return [] if "*" in self.events else [one for one in EVENTS if one not in self.events]


@dataclass(frozen=True)
class Signed:
    """An event that means nothing, signed as Stripe signs."""

    id: str
    body: str = field(repr=False)
    signature: str = field(repr=False)


class StripeCheckup:
    """Asks Stripe questions. Each may raise StripeRefused or StripeUnreachable."""

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS)
        addresses: Any = {"base_addresses": {"api": api_base}} if api_base else {}
        self._client = stripe.StripeClient(secret_key, http_client=self._http, **addresses)

    async def account(self) -> Account:
        """Ask for the balance: the cheapest call that every key may make."""
        found = await _asked(self._client.v1.balance.retrieve_async())
        answer = found.last_response
        date = str(dict(answer.headers).get("date", "")) if answer else ""
        return Account(bool(found.livemode), parsedate_to_datetime(date) if date else None)

    async def endpoints(self) -> list[Endpoint]:
        """List the addresses that events are sent to."""
        found = await _asked(self._client.v1.webhook_endpoints.list_async({"limit": MOST}))
        return [
            Endpoint(
                one.url, one.status == "enabled", frozenset(one.enabled_events), one.api_version
            )
            for one in found.data
        ]

    async def undelivered(self) -> int:
        """Count events of ours that Stripe could not deliver (100 at most, of 30 days)."""
        asked: Any = {"delivery_success": False, "types": list(EVENTS), "limit": MOST}
        return len((await _asked(self._client.v1.events.list_async(asked))).data)

    async def close(self) -> None:
        """Give connections back."""
        await self._http.close_async()  # type: ignore[no-untyped-call]


def signed_event(secret: str, now: datetime, *, livemode: bool) -> Signed:
    """Return an event of a kind that does not exist, which is stored without effect."""
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
    return Signed(event_id, body, sign(body, secret, int(now.timestamp())))


def our_api_version() -> str:
    """Return the version of Stripe's API that the pinned SDK speaks."""
    return str(stripe.api_version)


async def _asked(call: Awaitable[Any]) -> Any:  # noqa: ANN401 - Stripe's own objects
    try:
        return await call
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        raise StripeRefused(str(problem.user_message or problem), problem.code) from problem
    except stripe.InvalidRequestError as problem:
        raise StripeRefused(str(problem.user_message or problem), problem.code) from problem
    except stripe.StripeError as problem:
        raise StripeUnreachable(str(problem.user_message or problem)) from problem
