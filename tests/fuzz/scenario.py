"""One run of the state machine: its harness, scheduler, webhook queue and database snapshots."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import Course
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.fuzz.in_memory_harness import InMemoryProduct
from tests.fuzz.interleaving import Scheduler
from tests.fuzz.invariants import Step, check_step, check_strangers
from tests.fuzz.money_oracle import OracleResult, check_against_stripe
from tests.fuzz.webhook_queue import WebhookQueue
from tests.support.booking_invariants import (
    Books,
    check_disputes,
    check_money,
    check_places,
    check_trail,
    check_waiting_lists,
)
from tests.support.harness import Harness, Student, eur

T = TypeVar("T")
MAX_IDLE_ROUNDS = 110
"""Rounds of 40 minutes: a place that the school holds until the day after tomorrow ends in them."""
SOON = timedelta(minutes=25)
"""Until the last course begins: sooner than a payment page ends."""
HALF_UNTIL = timedelta(hours=48)
"""Before the start of a course: the last moment of the usual terms."""
MAX_ELAPSED = timedelta(hours=20)
"""Stripe refuses a session that ends more than 24 hours after its real time."""


@dataclass
class SharedProduct:
    """The product, event loop and counters that all runs share."""

    product: InMemoryProduct
    loop: asyncio.AbstractEventLoop
    tally: Counter[str] = field(default_factory=Counter)


class Scenario:
    """One run. Call its synchronous methods outside the event loop: they run the loop."""

    def __init__(self, shared: SharedProduct) -> None:
        self.shared = shared
        self._loop = shared.loop
        self.is_broken = False
        self.is_faulty = False
        self.forgotten: set[str] = set()
        self.choices: dict[str, list[Any]] = {}
        self.strangers: dict[str, bool] = {}
        self.passed = timedelta()
        self.owners: dict[str, Student] = {}
        self.decide: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._loop.run_until_complete(self._open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop; mark the run as over if it fails."""
        try:
            return self._loop.run_until_complete(work)
        except BaseException:
            self.is_broken = True
            raise

    def close(self) -> None:
        """Stop everything, also after a failure."""
        self._loop.run_until_complete(self._end())

    async def _open(self) -> None:
        self.harness: Harness = await self.shared.product.new_harness()
        self.scheduler = Scheduler(self.harness.services)
        self.webhook_queue = WebhookQueue(self.harness, self.shared.product.stripe)
        self.courses: list[Course] = [
            await self.harness.course(capacity=2, starts_in=HALF_UNTIL + timedelta(minutes=30)),
            await self.harness.course(capacity=1, price=eur(80), starts_in=timedelta(hours=30)),
            await self.harness.course(capacity=2, price=eur(0)),
            await self.harness.course(capacity=1, starts_in=SOON),
        ]
        self.students = [self.harness.student(name) for name in ("ann", "bob", "cem", "dia")]
        await self.look()

    async def _end(self) -> None:
        for action in self.scheduler.actions:
            action.task.cancel()
            action.stop_point.open()
        handling = tuple(self.harness.services.webhooks._running)
        for task in handling:
            task.cancel()
        mine = [a.task for a in self.scheduler.actions]
        await asyncio.gather(*mine, *handling, return_exceptions=True)
        await self.harness.control("faults", count=0)

    # rows and sessions

    async def look(self) -> Books:
        """Read all rows and check the invariants."""
        before = getattr(self, "books", None)
        self.books = await self.shared.product.reader.books(self.harness)
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        self.books.attempts.sort(key=lambda a: (places[a.booking_id], a.number))
        check_places(self.books)
        check_waiting_lists(self.books)
        check_money(self.books)
        check_disputes(self.books)
        check_trail(self.books)
        paused = bool(self.scheduler.paused)
        pages = self.sessions("open")
        step = Step(before or self.books, self.books, pages, self.forgotten, paused, self.choices)
        check_step(step)
        if any(b.user_id not in self.owners for b in self.books.bookings):
            emails = await self.shared.product.reader.emails(self.harness)
            self.owners = {user_id: Student(email) for user_id, email in emails.items()}
        return self.books

    def sessions(self, status: str) -> list[dict[str, Any]]:
        """Return the sessions of this run's bookings at Stripe.

        The order is deterministic, because hypothesis repeats a failing run.
        """
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        found = self.shared.product.stripe.sessions(status)
        mine = [s for s in found if s["metadata"].get("booking_id") in places]
        mine.sort(
            key=lambda s: (places[s["metadata"]["booking_id"]], int(s["metadata"]["attempt"]))
        )
        return mine

    def charge_of(self, session: dict[str, Any]) -> str:
        """Return the charge of a session."""
        return self.shared.product.stripe.charge_of(session["payment_intent"])

    # how a run ends

    async def time_passes(self, here: timedelta, at_stripe: timedelta) -> None:
        """Advance both clocks."""
        self.harness.clock.advance(here)
        self.passed += here
        await self.harness.control("clock/advance", seconds=at_stripe.total_seconds())

    async def begin(self, *, with_stripe: bool) -> None:
        """Start the last course; optionally leave Stripe's clock where it is."""
        here = self.courses[-1].starts_at - self.harness.clock() + timedelta(minutes=1)
        if here > timedelta():
            await self.time_passes(here, here + self.passed if with_stripe else timedelta())

    async def run_until_idle(self) -> OracleResult:
        """End faults and user actions: everything must reach a final state on its own."""
        await self.harness.control("faults", count=0)
        while self.scheduler.paused:
            await self.scheduler.resume(self.scheduler.paused[0])
        await self.scheduler.run_until_paused()
        await self.time_passes(timedelta(minutes=2), timedelta(0))
        for turn in range(MAX_IDLE_ROUNDS):
            self.webhook_queue.collect()
            for event in [
                *self.webhook_queue.waiting,
                *self.webhook_queue.found_again({*self.forgotten, *self.strangers}),
            ]:
                assert (await self.webhook_queue.deliver(event)).status_code == 200
            self.webhook_queue.waiting.clear()
            await self.scheduler.run_until_paused()
            await self.harness.worker_round()
            if self.decide is not None:
                await self.decide()
            is_idle = self._is_idle(await self.look())
            self.webhook_queue.collect()  # a refund of this round may have closed an inquiry
            if is_idle and turn and not self.webhook_queue.waiting:  # unrecorded sessions end too
                break
            await self.time_passes(timedelta(minutes=40), self.passed + timedelta(minutes=60))
        result = await check_against_stripe(self.harness)
        check_strangers(result.books, self.strangers)
        await self._reconcile()
        return result

    async def _reconcile(self) -> None:
        """Check that reconciliation finds no difference and changes nothing."""
        reconciler = Reconciler(self.harness.services.context, every=timedelta(), pause=0)
        run = [seen.run async for seen in reconciler.run_to_end()][-1]
        assert run.differences == (), [difference.cause for difference in run.differences]

    def _is_idle(self, books: Books) -> bool:
        return (
            all(m.done_at or m.is_dead for m in books.outbox)
            and all(AttemptState(a.state).is_final for a in books.attempts)
            and all(RefundState(r.state).is_final for r in books.refunds)
            and all(b.place != SeatState.HELD.value for b in books.bookings)
        )
