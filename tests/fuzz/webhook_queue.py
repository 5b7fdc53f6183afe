"""A queue of Stripe's events: the test delivers each one late, twice, out of order or never."""

import json
from typing import Any

import httpx

from coursebook.payments.event_targets import EventTarget, event_target
from tests.fuzz.in_process_sandbox import InProcessSandbox
from tests.support.harness import Harness
from tests.support.stripe_objects import post_raw, signature


class WebhookQueue:
    """Holds the events since the last look; the sandbox itself delivers nothing."""

    def __init__(self, harness: Harness, stripe: InProcessSandbox) -> None:
        self._harness = harness
        self._stripe = stripe
        self._taken = 0
        self.waiting: list[dict[str, Any]] = []
        self.lost: list[dict[str, Any]] = []

    def collect(self) -> None:
        """Fetch the new events from Stripe."""
        fresh = self._stripe.events_after(self._taken)
        self._taken += len(fresh)
        self.waiting += [e for e in fresh if event_target(e["type"]) is not EventTarget.NOTHING]

    def lose(self, at: int) -> None:
        """Drop one event."""
        self.lost.append(self.waiting.pop(at))

    async def deliver(self, event: dict[str, Any]) -> httpx.Response:
        """Deliver one event to our webhook, signed."""
        body = json.dumps(event)
        return await post_raw(self._harness, body, signature(self._harness, body))

    def found_again(self, sessions: set[str]) -> list[dict[str, Any]]:
        """Return lost events that no later fetch makes up for; Stripe resends those for days.

        Those are refunds made in Stripe's dashboard, and events on sessions (`sessions`) that we
        consider over.
        """
        found = [
            e
            for e in self.lost
            if event_target(e["type"]) is EventTarget.PAYMENT
            or e["data"]["object"]["id"] in sessions
        ]
        self.lost = [e for e in self.lost if e not in found]
        return found
