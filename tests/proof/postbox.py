"""Stripe's events in the hands of the test: delivered late, twice, in any order, or never."""

import json
from typing import Any

import httpx

from coursebook.payments.events import LookAt, look_at
from tests.support.stripe_side import ask_stripe, post_raw, signature
from tests.support.world import World

MOST = 100


class Postbox:
    """Holds the events that Stripe wrote since the last look; the sandbox itself sends nothing."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._newest: str | None = None
        self.waiting: list[dict[str, Any]] = []
        self.lost: list[dict[str, Any]] = []

    async def begin(self) -> None:
        """Forget what was written before this moment."""
        newest = (await ask_stripe(self._world, "events", limit=1))["data"]
        self._newest = newest[0]["id"] if newest else None

    async def collect(self) -> None:
        """Take in what Stripe has written since."""
        while True:
            query = {"limit": MOST} | ({"ending_before": self._newest} if self._newest else {})
            page = await ask_stripe(self._world, "events", **query)
            fresh = page["data"]
            if fresh:
                self._newest = fresh[0]["id"]
            self.waiting += [e for e in reversed(fresh) if look_at(e["type"]) is not LookAt.NOTHING]
            if len(fresh) < MOST or not self._newest:
                return

    def lose(self, at: int) -> None:
        """Let one event never come."""
        self.lost.append(self.waiting.pop(at))

    async def deliver(self, event: dict[str, Any]) -> httpx.Response:
        """Bring one event to our webhook, signed."""
        body = json.dumps(event)
        return await post_raw(self._world, body, signature(self._world, body))

    def found_again(self, sessions: set[str]) -> list[dict[str, Any]]:
        """Return lost events that nothing else tells of, as Stripe sends an event again for days.

        Those are refunds made in Stripe's dashboard, and what happens on pages that we (`sessions`)
        believe to be over.
        """
        found = [
            e
            for e in self.lost
            if look_at(e["type"]) is LookAt.PAYMENT or e["data"]["object"]["id"] in sessions
        ]
        self.lost = [e for e in self.lost if e not in found]
        return found
