"""Deliver events to the webhook endpoints, with retries until each responds with 2xx."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.store import Body, Filter, Store
from coursebook.sandbox.webhook_delivery.endpoints import ENABLED, endpoints_for, secrets_of
from coursebook.sandbox.webhook_delivery.endpoints import KIND as ENDPOINT
from coursebook.sandbox.webhook_delivery.signatures import signature_header

KIND = "delivery"
MAX_CONCURRENT = 8
"""Concurrent deliveries per endpoint."""
TIMEOUT = 20.0
MAX_RETRY_DELAY = 3600.0
GIVE_UP_AFTER = 3 * 24 * 3600
REORDER_WINDOW_MS = 300
UNDERWAY = ("waiting", "gathered")
IDLE_SECONDS = 1.0
LOOK_AHEAD = 100
"""Extra due deliveries to read, because those of a running sequence have to wait."""

ModeName = Literal["normal", "drop", "hold", "duplicate", "reorder"]
MODES = ("normal", "drop", "hold", "duplicate", "reorder")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mode:
    """The delivery mode; `delay_ms` delays each delivery, or is the window of `reorder`."""

    name: ModeName = "normal"
    delay_ms: int = 0


class WebhookDelivery:
    """The delivery queues, one per endpoint.

    Deliveries are documents, so a restart resumes the unfinished ones. Stripe guarantees no order
    and does not wait for one delivery before the next: events of one payment, and both copies of a
    duplicated one, are sent concurrently (docs.stripe.com/webhooks, "Event ordering").
    """

    def __init__(self, options: SandboxOptions, store: Store, clock: Clock) -> None:
        """Prepare the queues; `start` begins to send."""
        self._options = options
        self._store = store
        self._clock = clock
        self._mode = Mode()
        self._wake = asyncio.Event()
        self._running: dict[str, Body] = {}
        self._answered: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def mode(self) -> Mode:
        """The current delivery mode."""
        return self._mode

    def switch(self, mode: Mode) -> None:
        """Change the delivery mode."""
        self._mode = mode
        self._wake.set()

    def wake(self) -> None:
        """Check for due deliveries after a change of the clock or the store."""
        self._wake.set()

    async def start(self) -> None:
        """Start delivering, including what an earlier run left."""
        connections = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, limits=connections)
        self._release_gathered()
        self.give_up_without_endpoint()
        self._spawn(self._run())

    async def stop(self) -> None:
        """Stop delivering; deliveries in flight stay undelivered."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    def enqueue(self, event: Body) -> int:
        """Enqueue the deliveries of an event by the current mode; return their endpoint count."""
        targets = endpoints_for(self._store, event["type"])
        payload = {**event, "pending_webhooks": len(targets)}
        copies = 2 if self._mode.name == "duplicate" else 1
        for endpoint in targets * copies:
            self._add(payload, endpoint, self._mode)
        if targets and self._mode.name == "reorder":
            window = (self._mode.delay_ms or REORDER_WINDOW_MS) / 1000
            self._spawn(self._after(window, self._release_gathered))
        self._wake.set()
        return len(targets)

    def resend(self, event: Body) -> None:
        """Deliver an event again, regardless of the mode."""
        targets = endpoints_for(self._store, event["type"])
        for endpoint in targets:
            self._add({**event, "pending_webhooks": len(targets)}, endpoint, Mode())
        self._wake.set()

    def release(self) -> None:
        """Send all held, delayed and dropped deliveries, and return to normal mode.

        Failed deliveries keep the time of their next attempt.
        """
        self.switch(Mode())
        now = self._clock.now()
        for delivery in reversed(self._store.find(KIND, Filter(status="waiting"))):
            if not delivery["answers"] and delivery["next_at"] > now:
                self._write(delivery, state="waiting", due=now)
        for delivery in self._store.find(KIND, Filter(status="dropped")):
            self._write(delivery, state="waiting", due=now)
        self._release_gathered()

    async def forget(self) -> None:
        """Drop what waits, return to normal mode, and wait for what is being sent."""
        self._store.delete_created_before(KIND, self._clock.seconds() + 1)
        self.switch(Mode())
        while self._running:  # noqa: ASYNC110 - each is in a task of its own
            await asyncio.sleep(0.005)

    def give_up_without_endpoint(self) -> None:
        """End the deliveries whose endpoint was deleted."""
        endpoint_ids = {each["id"] for each in self._store.find(ENDPOINT)}
        with self._store.transaction():
            for state in (*UNDERWAY, "dropped"):
                for delivery in self._store.find(KIND, Filter(status=state)):
                    if delivery.get("endpoint") not in endpoint_ids:
                        self._give_up(delivery)

    def all(self, limit: int = 100) -> list[Body]:
        """Return the newest deliveries."""
        return self._store.find(KIND, limit=limit)

    def is_underway(self) -> bool:
        """Whether any delivery is still queued; dropped ones do not count."""
        return any(self._store.find(KIND, Filter(status=state), limit=1) for state in UNDERWAY)

    async def first_answer(self, event_id: str, seconds: float) -> None:
        """Wait for the first attempt of each delivery of an event, at most `seconds`."""
        if self._mode.name in ("hold", "drop") or self._is_answered(event_id):
            return
        answered = self._answered.setdefault(event_id, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await answered.wait()
        except TimeoutError:
            log.warning("webhook.timed_out event=%s seconds=%g", event_id, seconds)
        finally:
            self._answered.pop(event_id, None)

    def _is_answered(self, event_id: str) -> bool:
        """Whether every delivery of an event was attempted."""
        deliveries = self._store.find(KIND, Filter(parent=event_id))
        return all(each["answers"] or each["state"] == "given_up" for each in deliveries)

    def _add(self, event: Body, endpoint: Body, mode: Mode) -> None:
        now = self._clock.now()
        delivery: Body = {
            "id": new_id("dlv_"),
            "event": event["id"],
            "type": event["type"],
            "endpoint": endpoint["id"],
            "url": endpoint["url"],
            "sequence": f"{endpoint['id']} {_payment_of(event['data']['object'])}"
            if mode.name == "reorder"
            else "",
            "created": int(now),
            "payload": event,
            "answers": [],
        }
        states = {"drop": "dropped", "reorder": "gathered"}
        state = states.get(mode.name, "waiting")
        due = None if state != "waiting" else now + mode.delay_ms / 1000
        self._write(delivery, state=state, due=due)

    def _write(self, delivery: Body, *, state: str, due: float | None = None) -> None:
        delivery["state"] = state
        delivery["next_at"] = due
        self._store.put(
            KIND,
            delivery["id"],
            delivery,
            parent=delivery["event"],
            status=state,
            created=delivery["created"],
            due=due,
        )

    def _release_gathered(self) -> None:
        """Release what `reorder` has gathered, newest first."""
        now = self._clock.now()
        for index, delivery in enumerate(self._store.find(KIND, Filter(status="gathered"))):
            self._write(delivery, state="waiting", due=now - 1 + index / 1_000_000)
        self._wake.set()

    async def _after(self, seconds: float, act: Callable[[], None]) -> None:
        await asyncio.sleep(seconds)
        act()

    async def _run(self) -> None:
        while True:
            self._launch()
            upcoming = self._store.next_due(KIND)
            pause = IDLE_SECONDS
            if upcoming is not None:
                pause = min(max(upcoming - self._clock.now(), 0.01), IDLE_SECONDS)
            if self._running or self._mode.name == "hold":
                pause = IDLE_SECONDS
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    def _launch(self) -> None:
        if self._mode.name == "hold":
            return
        now = self._clock.now()
        for endpoint in self._store.find(ENDPOINT):
            key = endpoint["id"]
            capacity = MAX_CONCURRENT - sum(d["endpoint"] == key for d in self._running.values())
            if capacity <= 0:
                continue
            due = self._store.due_deliveries(key, now, limit=MAX_CONCURRENT + LOOK_AHEAD)
            if endpoint["status"] != ENABLED:
                for delivery in due:
                    self._give_up(delivery)
                continue
            for delivery in due:
                if capacity and self._can_send(delivery):
                    self._running[delivery["id"]] = delivery
                    self._spawn(self._attempt(delivery))
                    capacity -= 1

    def _can_send(self, delivery: Body) -> bool:
        """Whether a delivery is not in flight and no earlier one of its reordered sequence is."""
        sequence = delivery.get("sequence")
        return delivery["id"] not in self._running and not (
            sequence and any(sequence == each.get("sequence") for each in self._running.values())
        )

    def _give_up(self, delivery: Body) -> None:
        """End a delivery whose endpoint is deleted or disabled: Stripe does not retry those."""
        self._write(delivery, state="given_up")
        self._count_pending(delivery["event"])

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, delivery: Body) -> None:
        try:
            answer = await self._send(delivery)
            self._record(delivery, answer)
        finally:
            self._running.pop(delivery["id"], None)
            self._wake.set()
        waiting = self._answered.get(delivery["event"])
        if waiting and self._is_answered(delivery["event"]):
            waiting.set()

    async def _send(self, delivery: Body) -> Body:
        assert self._client is not None
        body = json.dumps(delivery["payload"], indent=2, ensure_ascii=False).encode()
        at = int(self._clock.real_now())
        secrets = secrets_of(self._store, self._options, delivery.get("endpoint", ""))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "coursebook-sandbox",
            "Stripe-Signature": signature_header(body, secrets, at),
        }
        started = time.monotonic()
        answer: Body = {"at": at, "status": None, "error": None, "taken": False}
        try:
            response = await self._client.post(delivery["url"], content=body, headers=headers)
            answer |= {"status": response.status_code, "taken": response.is_success}
        except (httpx.HTTPError, OSError) as error:
            answer["error"] = type(error).__name__
        answer["ms"] = round((time.monotonic() - started) * 1000)
        return answer

    def _record(self, delivery: Body, answer: Body) -> None:
        delivery["answers"].append(answer)
        with self._store.transaction():
            if answer["taken"]:
                self._write(delivery, state="delivered")
                self._count_pending(delivery["event"])
            elif self._store.get(ENDPOINT, delivery["endpoint"]) is None:
                self._give_up(delivery)
            elif self._clock.now() - delivery["created"] > GIVE_UP_AFTER:
                self._write(delivery, state="given_up")
            else:
                delay = self._options.retry_base_seconds * 2 ** (len(delivery["answers"]) - 1)
                due = self._clock.now() + min(delay, MAX_RETRY_DELAY)
                self._write(delivery, state="waiting", due=due)

    def _count_pending(self, event_id: str) -> None:
        """Count the endpoints that have not accepted an event, without deleted ones."""
        event = self._store.get("event", event_id)
        if event is None:
            return
        endpoint_ids = {each["id"] for each in self._store.find(ENDPOINT)}
        is_delivered: dict[str, bool] = {}
        for each in self._store.find(KIND, Filter(parent=event_id)):
            if (key := each["endpoint"]) in endpoint_ids:
                is_delivered[key] = is_delivered.get(key, False) or each["state"] == "delivered"
        event["pending_webhooks"] = list(is_delivered.values()).count(False)
        self._store.put(
            "event",
            event_id,
            event,
            parent=event["type"],
            status="undelivered" if event["pending_webhooks"] else "delivered",
            created=event["created"],
        )


def _payment_of(body: Body) -> str:
    """Return the id of the payment that an object belongs to."""
    if body.get("object") == "payment_intent":
        return str(body["id"])
    return str(body.get("payment_intent") or body["id"])
