"""The courier: brings events to the webhook address until they are answered with 2xx."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx

from coursebook.sandbox.clock import Clock
from coursebook.sandbox.endpoints import listening, secrets_of
from coursebook.sandbox.ids import new_id
from coursebook.sandbox.options import SandboxOptions
from coursebook.sandbox.signing import signature_header
from coursebook.sandbox.store import Body, Filter, Store

KIND = "delivery"
AT_ONCE = 8
ANSWER_SECONDS = 20.0
LONGEST_PAUSE = 3600.0
GIVE_UP_AFTER = 3 * 24 * 3600
REORDER_WINDOW_MS = 300
UNDERWAY = ("waiting", "gathered")
IDLE_SECONDS = 1.0

ModeName = Literal["normal", "drop", "hold", "duplicate", "reorder"]
MODES = ("normal", "drop", "hold", "duplicate", "reorder")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mode:
    """How deliveries are treated; `delay_ms` postpones each, or is the window of `reorder`."""

    name: ModeName = "normal"
    delay_ms: int = 0


class Courier:
    """Deliveries are documents, so what was not answered before a stop goes out after the start.

    Events of one payment go out one after the other, different payments side by side.
    """

    def __init__(self, options: SandboxOptions, store: Store, clock: Clock) -> None:
        """Prepare; nothing is sent before `start`."""
        self._options = options
        self._store = store
        self._clock = clock
        self._mode = Mode()
        self._wake = asyncio.Event()
        self._running: dict[str, str] = {}
        self._answered: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def mode(self) -> Mode:
        """How deliveries are treated now."""
        return self._mode

    def switch(self, mode: Mode) -> None:
        """Treat deliveries differently from now on."""
        self._mode = mode
        self._wake.set()

    def wake(self) -> None:
        """Look at what is due, because the clock or the store has changed."""
        self._wake.set()

    async def start(self) -> None:
        """Begin to deliver; takes up what an earlier run has left."""
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False)
        self._let_go()
        self._keep(self._run())

    async def stop(self) -> None:
        """Stop delivering; what is on its way counts as not answered."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.aclose()

    def enqueue(self, event: Body) -> int:
        """Plan the deliveries of an event as the mode says; returns how many are awaited."""
        wanted = listening(self._store, event["type"])
        payload = {**event, "pending_webhooks": len(wanted)}
        copies = 2 if self._mode.name == "duplicate" else 1
        for endpoint in wanted * copies:
            self._plan(payload, endpoint, self._mode)
        if wanted and self._mode.name == "reorder":
            window = (self._mode.delay_ms or REORDER_WINDOW_MS) / 1000
            self._keep(self._after(window, self._let_go))
        self._wake.set()
        return len(wanted)

    def resend(self, event: Body) -> None:
        """Deliver an event once more, whatever the mode."""
        for endpoint in listening(self._store, event["type"]):
            self._plan({**event, "pending_webhooks": 1}, endpoint, Mode())
        self._wake.set()

    def release(self) -> None:
        """Send all that is held back, delayed or dropped, and go back to normal.

        What was refused keeps the time of its next try.
        """
        self.switch(Mode())
        now = self._clock.now()
        for delivery in reversed(self._store.find(KIND, Filter(status="waiting"))):
            if not delivery["answers"] and delivery["next_at"] > now:
                self._write(delivery, state="waiting", due=now)
        for delivery in self._store.find(KIND, Filter(status="dropped")):
            self._write(delivery, state="waiting", due=now)
        self._let_go()

    def all(self, limit: int = 100) -> list[Body]:
        """Return the newest deliveries, for people and tests."""
        return self._store.find(KIND, limit=limit)

    def is_underway(self) -> bool:
        """Whether something is still to be brought by itself; dropped ones are not."""
        return any(self._store.find(KIND, Filter(status=it), limit=1) for it in UNDERWAY)

    async def first_answer(self, event_id: str, seconds: float) -> None:
        """Wait until an event was tried once, but no longer than `seconds`."""
        if self._mode.name in ("hold", "drop") or self._is_answered(event_id):
            return
        answered = self._answered.setdefault(event_id, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await answered.wait()
        except TimeoutError:
            log.warning("The webhook did not answer for %s in %.0f s.", event_id, seconds)
        finally:
            self._answered.pop(event_id, None)

    def _is_answered(self, event_id: str) -> bool:
        """Whether every delivery of an event was tried once."""
        return all(each["answers"] for each in self._store.find(KIND, Filter(parent=event_id)))

    def _plan(self, event: Body, endpoint: Body, mode: Mode) -> None:
        now = self._clock.now()
        delivery: Body = {
            "id": new_id("dlv_"),
            "event": event["id"],
            "type": event["type"],
            "endpoint": endpoint["id"],
            "url": endpoint["url"],
            "group": f"{endpoint['id']} {_group(event['data']['object'])}",
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

    def _let_go(self) -> None:
        """Send what `reorder` has gathered, the newest first."""
        now = self._clock.now()
        for place, delivery in enumerate(self._store.find(KIND, Filter(status="gathered"))):
            self._write(delivery, state="waiting", due=now - 1 + place / 1_000_000)
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
            if len(self._running) or self._mode.name == "hold":
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
        for delivery in self._store.due(KIND, self._clock.now()):
            if len(self._running) >= AT_ONCE:
                return
            if delivery["id"] in self._running or delivery["group"] in self._running.values():
                continue
            self._running[delivery["id"]] = delivery["group"]
            self._keep(self._attempt(delivery))

    def _keep(self, work: object) -> None:
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
        known = secrets_of(self._store, self._options, delivery.get("endpoint", ""))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "coursebook-sandbox",
            "Stripe-Signature": signature_header(body, known, at),
        }
        began = time.monotonic()
        answer: Body = {"at": at, "status": None, "error": None, "taken": False}
        try:
            reply = await self._client.post(delivery["url"], content=body, headers=headers)
            answer |= {"status": reply.status_code, "taken": reply.is_success}
        except (httpx.HTTPError, OSError) as problem:
            answer["error"] = type(problem).__name__
        answer["ms"] = round((time.monotonic() - began) * 1000)
        return answer

    def _record(self, delivery: Body, answer: Body) -> None:
        delivery["answers"].append(answer)
        with self._store.transaction():
            if answer["taken"]:
                self._write(delivery, state="delivered")
                self._mark_delivered(delivery["event"])
            elif self._clock.now() - delivery["created"] > GIVE_UP_AFTER:
                self._write(delivery, state="given_up")
            else:
                pause = self._options.retry_base_seconds * 2 ** (len(delivery["answers"]) - 1)
                due = self._clock.now() + min(pause, LONGEST_PAUSE)
                self._write(delivery, state="waiting", due=due)

    def _mark_delivered(self, event_id: str) -> None:
        """Count anew how many endpoints have not taken an event."""
        event = self._store.get("event", event_id)
        if event is None:
            return
        taken: dict[str, bool] = {}
        for each in self._store.find(KIND, Filter(parent=event_id)):
            taken[each["url"]] = taken.get(each["url"], False) or each["state"] == "delivered"
        event["pending_webhooks"] = list(taken.values()).count(False)
        self._store.put(
            "event",
            event_id,
            event,
            parent=event["type"],
            status="undelivered" if event["pending_webhooks"] else "delivered",
            created=event["created"],
        )


def _group(body: Body) -> str:
    """Return the payment an object belongs to, so that its events keep their order."""
    if body.get("object") == "payment_intent":
        return str(body["id"])
    return str(body.get("payment_intent") or body["id"])
