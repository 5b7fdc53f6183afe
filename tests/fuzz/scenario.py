"""What one run of the state machine stands on: a world, its traffic, its postbox, its books."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import SeatState
from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import Course
from coursebook.services.reconciliation.reconciler import Reconciler
from tests.fuzz.in_memory_harness import House
from tests.fuzz.interleaving import Traffic
from tests.fuzz.invariants import Moment, check_moment, check_strangers
from tests.fuzz.money_oracle import Proven, prove
from tests.fuzz.webhook_queue import Postbox
from tests.support.booking_invariants import (
    Books,
    check_disputes,
    check_money,
    check_places,
    check_trail,
)
from tests.support.harness import Student, World, eur

T = TypeVar("T")
REST_ROUNDS = 40
SOON = timedelta(minutes=25)
"""Until the last course begins: sooner than a payment page ends."""
HALF_UNTIL = timedelta(hours=48)
"""Before the start of a course: the last moment of the usual terms."""
FARTHEST = timedelta(hours=20)
"""Stripe refuses a session that ends more than 24 hours after its real time."""


@dataclass
class Theatre:
    """What all runs share."""

    house: House
    loop: asyncio.AbstractEventLoop
    tally: Counter[str] = field(default_factory=Counter)


class Stage:
    """One run. Every method is called from outside the loop and runs it to a standstill."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self._loop = theatre.loop
        self.is_broken = False
        self.is_faulty = False
        self.forgotten: set[str] = set()
        self.strangers: dict[str, bool] = {}
        self.passed = timedelta()
        self.owners: dict[str, Student] = {}
        self._loop.run_until_complete(self._open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop; remember that the run is over when it breaks."""
        try:
            return self._loop.run_until_complete(work)
        except BaseException:
            self.is_broken = True
            raise

    def close(self) -> None:
        """End everything, also after a failure."""
        self._loop.run_until_complete(self._end())

    async def _open(self) -> None:
        self.world: World = await self.theatre.house.new_world()
        self.traffic = Traffic(self.world.services)
        self.postbox = Postbox(self.world, self.theatre.house.stripe)
        self.courses: list[Course] = [
            await self.world.course(capacity=2, starts_in=HALF_UNTIL + timedelta(minutes=30)),
            await self.world.course(capacity=1, price=eur(80), starts_in=timedelta(hours=30)),
            await self.world.course(capacity=2, price=eur(0)),
            await self.world.course(capacity=1, starts_in=SOON),
        ]
        self.students = [self.world.student(name) for name in ("ann", "bob", "cem", "dia")]
        await self.look()

    async def _end(self) -> None:
        for action in self.traffic.actions:
            action.task.cancel()
            action.gate.open()
        handling = tuple(self.world.services.webhooks._running)
        for task in handling:
            task.cancel()
        mine = [a.task for a in self.traffic.actions]
        await asyncio.gather(*mine, *handling, return_exceptions=True)
        await self.world.lever("faults", count=0)

    # what the books and Stripe say

    async def look(self) -> Books:
        """Read the books, and prove what must hold at every instant."""
        before = getattr(self, "books", None)
        self.books = await self.theatre.house.reader.books(self.world)
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        self.books.attempts.sort(key=lambda a: (places[a.booking_id], a.number))
        check_places(self.books)
        check_money(self.books)
        check_disputes(self.books)
        check_trail(self.books)
        standing = bool(self.traffic.standing)
        pages = self.sessions("open")
        check_moment(Moment(before or self.books, self.books, pages, self.forgotten, standing))
        if any(b.user_id not in self.owners for b in self.books.bookings):
            emails = await self.theatre.house.reader.emails(self.world)
            self.owners = {user_id: Student(email) for user_id, email in emails.items()}
        return self.books

    def sessions(self, status: str) -> list[dict[str, Any]]:
        """Return the sessions of this run's bookings at Stripe.

        In an order that is the same each time: hypothesis plays a story again when it breaks.
        """
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        found = self.theatre.house.stripe.sessions(status)
        mine = [s for s in found if s["metadata"].get("booking_id") in places]
        mine.sort(
            key=lambda s: (places[s["metadata"]["booking_id"]], int(s["metadata"]["attempt"]))
        )
        return mine

    def charge_of(self, session: dict[str, Any]) -> str:
        """Return the charge that paid a session."""
        return self.theatre.house.stripe.charge_of(session["payment_intent"])

    # how a run ends

    async def time_passes(self, here: timedelta, at_stripe: timedelta) -> None:
        """Move both clocks on."""
        self.world.clock.advance(here)
        self.passed += here
        await self.world.lever("clock/advance", seconds=at_stripe.total_seconds())

    async def begin(self, *, with_stripe: bool) -> None:
        """Let the last course begin; Stripe's clock may stand still meanwhile."""
        here = self.courses[-1].starts_at - self.world.clock() + timedelta(minutes=1)
        if here > timedelta():
            await self.time_passes(here, here + self.passed if with_stripe else timedelta())

    async def come_to_rest(self) -> Proven:
        """Stripe works again, nobody does anything more: everything must find its end by itself."""
        await self.world.lever("faults", count=0)
        while self.traffic.standing:
            await self.traffic.go_on(self.traffic.standing[0])
        await self.traffic.still()
        await self.time_passes(timedelta(minutes=2), timedelta(0))
        for turn in range(REST_ROUNDS):
            self.postbox.collect()
            for event in [
                *self.postbox.waiting,
                *self.postbox.found_again({*self.forgotten, *self.strangers}),
            ]:
                assert (await self.postbox.deliver(event)).status_code == 200
            self.postbox.waiting.clear()
            await self.traffic.still()
            await self.world.worker_round()
            if self._is_at_rest(await self.look()) and turn:  # forgotten pages end as well
                break
            await self.time_passes(timedelta(minutes=40), self.passed + timedelta(minutes=60))
        proven = await prove(self.world)
        check_strangers(proven.books, self.strangers)
        await self._reconcile()
        return proven

    async def _reconcile(self) -> None:
        """The product's own comparison with Stripe finds nothing, and changes nothing."""
        reconciler = Reconciler(self.world.services.tools, every=timedelta(), pause=0)
        run = [seen.run async for seen in reconciler.whole()][-1]
        assert run.found == (), [one.cause for one in run.found]

    def _is_at_rest(self, books: Books) -> bool:
        return (
            all(m.done_at or m.is_dead for m in books.outbox)
            and all(AttemptState(a.state).is_final for a in books.attempts)
            and all(RefundState(r.state).is_final for r in books.refunds)
            and all(b.place != SeatState.HELD.value for b in books.bookings)
        )
