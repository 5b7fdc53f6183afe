"""What one run of the state machine stands on: a world, its traffic, its postbox, its books."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import Place
from coursebook.domain.refund import RefundState
from coursebook.persistence.tables import Course, User
from coursebook.persistence.work import reading
from tests.proof.postbox import Postbox
from tests.proof.sped import Lines, sped_world
from tests.proof.traffic import Traffic
from tests.proof.truth import Proven, all_of, prove
from tests.support.books import Books, check_money, check_places, check_trail, read_books
from tests.support.world import Student, World, eur

T = TypeVar("T")
REST_ROUNDS = 40
FARTHEST = timedelta(hours=20)
"""Stripe refuses a session that ends more than 24 hours after its real time."""


@dataclass
class Theatre:
    """What all runs share. `new_database` gives the address of an empty, migrated one."""

    lines: Lines
    runner: asyncio.Runner
    new_database: Callable[[], str]
    tally: Counter[str] = field(default_factory=Counter)


class Stage:
    """One run. Every method is called from outside the loop and runs it to a standstill."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self._runner = theatre.runner
        self._stack = AsyncExitStack()
        self.is_broken = False
        self.forgotten: set[str] = set()
        self.passed = timedelta()
        self.owners: dict[str, Student] = {}
        self._runner.run(self._open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop; remember that the run is over when it breaks."""
        try:
            return self._runner.run(work)
        except BaseException:
            self.is_broken = True
            raise

    def close(self) -> None:
        """End everything, also after a failure."""
        self._runner.run(self._end())

    async def _open(self) -> None:
        url = self.theatre.new_database()
        self.world: World = await self._stack.enter_async_context(
            sped_world(self.theatre.lines, url)
        )
        self.traffic = Traffic(self.world.services)
        self.postbox = Postbox(self.world)
        self.since = int((await self.world.lever("clock/advance", seconds=0))["now"])
        await self.postbox.begin()
        self.courses: list[Course] = [
            await self.world.course(capacity=2, starts_in=timedelta(hours=60)),
            await self.world.course(capacity=1, price=eur(80), starts_in=timedelta(hours=30)),
            await self.world.course(capacity=2, price=eur(0)),
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
        await self._stack.aclose()

    # what the books and Stripe say

    async def look(self) -> Books:
        """Read the books, and prove what must hold at every instant."""
        self.books = await read_books(self.world)
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        self.books.attempts.sort(key=lambda a: (places[a.booking_id], a.number))
        check_places(self.books)
        check_money(self.books)
        check_trail(self.books)
        if any(b.user_id not in self.owners for b in self.books.bookings):
            async with reading(self.world.services.tools.database) as work:
                users = (await work.session.scalars(sa.select(User))).all()
            self.owners = {u.id: Student(u.email) for u in users}
        return self.books

    async def sessions(self, **query: Any) -> list[dict[str, Any]]:
        """Return the sessions of this run at Stripe, oldest first.

        In an order that is the same each time: hypothesis plays a story again when it breaks.
        """
        places = {b.id: n for n, b in enumerate(self.books.bookings)}
        found = await all_of(self.world, "checkout/sessions", self.since, **query)
        mine = [s["metadata"] | {"session": s} for s in found if "booking_id" in s["metadata"]]
        mine = [m for m in mine if m["booking_id"] in places]
        mine.sort(key=lambda m: (places[m["booking_id"]], int(m["attempt"])))
        return [m["session"] for m in mine]

    # how a run ends

    async def time_passes(self, here: timedelta, at_stripe: timedelta) -> None:
        """Move both clocks on."""
        self.world.clock.advance(here)
        self.passed += here
        await self.world.lever("clock/advance", seconds=at_stripe.total_seconds())

    async def come_to_rest(self) -> Proven:
        """Stripe works again, nobody does anything more: everything must find its end by itself."""
        await self.world.lever("faults", count=0)
        while self.traffic.standing:
            await self.traffic.go_on(self.traffic.standing[0])
        await self.traffic.still()
        for _ in range(REST_ROUNDS):
            await self.postbox.collect()
            for event in [*self.postbox.waiting, *self.postbox.found_again(self.forgotten)]:
                assert (await self.postbox.deliver(event)).status_code == 200
            self.postbox.waiting.clear()
            await self.traffic.still()
            await self.world.worker_round()
            if self._is_at_rest(await self.look()):
                break
            await self.time_passes(timedelta(minutes=15), self.passed + timedelta(minutes=40))
        return await prove(self.world, since=self.since)

    def _is_at_rest(self, books: Books) -> bool:
        return (
            all(m.done_at or m.is_dead for m in books.outbox)
            and all(AttemptState(a.state).is_final for a in books.attempts)
            and all(RefundState(r.state).is_final for r in books.refunds)
            and all(b.place != Place.HELD.value for b in books.bookings)
        )


@contextmanager
def sqlite_files(template: Path, folder: Path) -> Iterator[Callable[[], str]]:
    """Give a fresh copy of a migrated file each time."""
    path = folder / "proof.db"

    def fresh() -> str:
        for old in folder.glob("proof.db*"):
            old.unlink()
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    yield fresh
