"""Kills the process at every external call, one after the other.

That is before and after each call to Stripe, and before each commit. Another process then
continues, and the result must be as if the action had completed or never started.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from coursebook.domain.actor import Actor
from coursebook.services.settlement.holds import sweep_hold
from coursebook.services.settlement.settle import settle
from tests.support.booking_invariants import Books, check_books
from tests.support.booking_states import release_held_seat
from tests.support.harness import Harness, Started
from tests.support.stripe_objects import newest_sessions

CALLS = ("create_session", "session", "expire_session", "refund", "refunds_of", "find_session")
MOST_INSTRUCTIONS = 60

Deed = Callable[[], Awaitable[Any]]


class Killed(BaseException):
    """Simulates SIGKILL: no code may catch it."""


class Reaper:
    """Lets an armed action make a given number of external calls, then kills it."""

    def __init__(self) -> None:
        self._left: int | None = None

    def step(self, *_anything: object) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise Killed

    def around(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def killable(*values: Any) -> Any:
            self.step()
            answer = await call(*values)
            self.step()
            return answer

        return killable

    async def at_every_instruction(self, prepare: Callable[[int], Awaitable[Deed]]) -> int:
        """Repeat an action, killed one external call later each time; return the number of runs."""
        for instruction in range(MOST_INSTRUCTIONS):
            deed = await prepare(instruction)
            self._left = instruction
            try:
                await deed()
            except Killed:
                continue
            finally:
                self._left = None
            return instruction
        raise AssertionError("the action never completes")


@asynccontextmanager
async def reaping(harness: Harness, patch: pytest.MonkeyPatch) -> AsyncIterator[Reaper]:
    """Intercept the calls to Stripe and to the database. No webhook is delivered."""
    await harness.control("deliveries/mode", mode="drop")
    patch.setattr(harness.services.outbox, "_sender", None)  # mails count as sent
    reaper, gateway = Reaper(), harness.services.context.gateway
    for name in CALLS:
        patch.setattr(gateway, name, reaper.around(getattr(gateway, name)))
    engine = harness.services.context.database.writing.sync_engine
    sa.event.listen(engine, "commit", reaper.step)
    yield reaper
    sa.event.remove(engine, "commit", reaper.step)
    await harness.control("deliveries/release")


async def healed(harness: Harness) -> Books:
    """Let another process work for an hour, then check that nothing is left undone."""
    for minutes in (2, 4, 40, 4):
        await harness.later(minutes=minutes)
        await harness.quiet()
        for _ in range(3):
            await harness.worker_round()
    await harness.quiet()
    books = await check_books(harness)
    assert {b.place for b in books.bookings} <= {"confirmed", "cancelled", "expired"}
    assert {a.state for a in books.attempts} <= {"succeeded", "expired", "failed"}
    assert {r.state for r in books.refunds} <= {"succeeded"}
    assert all(m.done_at for m in books.outbox)
    assert books.inbox == []
    mine = {b.id for b in books.bookings}
    pages = await newest_sessions(harness, status="open")
    assert [p for p in pages if p["metadata"].get("booking_id") in mine] == []
    return books


async def paid(harness: Harness, student: str, course: Any) -> Started:
    """Return a paid booking, settled as far as the process got."""
    started = await harness.checkout(harness.student(student), course)
    await harness.pay(started)
    await settle(harness.services.context, started.session_id or "", actor=Actor("test"))
    return started


async def test_killed_while_booking(sqlite_harness: Harness, monkeypatch):
    harness = sqlite_harness
    course = await harness.course(capacity=50)

    async def prepare(instruction: int) -> Deed:
        principal = await harness.principal(harness.student(f"s{instruction}"))
        return lambda: harness.services.checkout.start_checkout(principal, course.id)

    async with reaping(harness, monkeypatch) as reaper:
        assert await reaper.at_every_instruction(prepare) >= 4
    books = await healed(harness)
    assert (books.courses[0].held, books.courses[0].confirmed) == (0, 0)


async def test_killed_while_booking_and_the_student_clicks_again(harness: Harness, monkeypatch):
    course = await harness.course(capacity=50)
    people = []

    async def prepare(instruction: int) -> Deed:
        people.append(harness.student(f"s{instruction}"))
        principal = await harness.principal(people[-1])
        return lambda: harness.services.checkout.start_checkout(principal, course.id)

    async with reaping(harness, monkeypatch) as reaper:
        await reaper.at_every_instruction(prepare)
    for student in people:
        await harness.pay(await harness.checkout(student, course))
    books = await healed(harness)
    assert books.courses[0].confirmed == len(people)
    assert [m.kind for m in books.outbox] == ["mail:booked"] * len(people)


async def test_killed_while_settling_a_payment(harness: Harness, monkeypatch):
    course = await harness.course(capacity=50)

    async def prepare(instruction: int) -> Deed:
        started = await harness.checkout(harness.student(f"s{instruction}"), course)
        await harness.pay(started)
        return lambda: settle(
            harness.services.context, started.session_id or "", actor=Actor("test")
        )

    async with reaping(harness, monkeypatch) as reaper:
        killed = await reaper.at_every_instruction(prepare)
    assert killed >= 3
    books = await healed(harness)
    assert books.courses[0].confirmed == killed + 1
    assert [m.kind for m in books.outbox] == ["mail:booked"] * (killed + 1)


async def test_killed_while_cancelling_and_refunding_a_paid_booking(harness: Harness, monkeypatch):
    course = await harness.course(capacity=50)

    async def prepare(instruction: int) -> Deed:
        started = await paid(harness, f"s{instruction}", course)
        await harness.services.outbox.run()
        principal = await harness.principal(started.student)

        async def deed() -> None:
            await harness.services.bookings.cancel(principal, started.booking_id)
            await harness.services.outbox.run()

        return deed

    async with reaping(harness, monkeypatch) as reaper:
        killed = await reaper.at_every_instruction(prepare)
    assert killed >= 5
    books = await healed(harness)
    gone = [b.id for b in books.bookings if b.place == "cancelled"]
    assert len(gone) >= killed - 1
    assert sorted(r.booking_id for r in books.refunds) == sorted(gone), "one refund each"


async def test_killed_while_cancelling_an_unpaid_booking(sqlite_harness: Harness, monkeypatch):
    harness = sqlite_harness
    course = await harness.course(capacity=50)

    async def prepare(instruction: int) -> Deed:
        started = await harness.checkout(harness.student(f"s{instruction}"), course)
        principal = await harness.principal(started.student)
        return lambda: harness.services.bookings.cancel(principal, started.booking_id)

    async with reaping(harness, monkeypatch) as reaper:
        assert await reaper.at_every_instruction(prepare) >= 5
    books = await healed(harness)
    assert (books.courses[0].held, books.courses[0].confirmed) == (0, 0)


async def test_killed_while_sweeping(sqlite_harness: Harness, monkeypatch):
    harness = sqlite_harness
    course = await harness.course(capacity=50)

    async def prepare(instruction: int) -> Deed:
        started = await harness.checkout(harness.student(f"s{instruction}"), course)
        harness.clock.advance(harness.services.context.hold * 1.2)
        return lambda: sweep_hold(harness.services.context, started.booking_id)

    async with reaping(harness, monkeypatch) as reaper:
        assert await reaper.at_every_instruction(prepare) >= 3
    books = await healed(harness)
    assert (books.courses[0].held, books.courses[0].confirmed) == (0, 0)
    mails = [m for m in books.outbox if m.kind == "mail:hold_expired"]
    assert len(mails) == len(books.bookings)


async def test_killed_while_refunding_a_late_payment(sqlite_harness: Harness, monkeypatch):
    harness = sqlite_harness

    async def prepare(instruction: int) -> Deed:
        full = await harness.course(capacity=1)
        started = await harness.checkout(harness.student(f"s{instruction}"), full)
        await release_held_seat(harness, started)
        await paid(harness, f"t{instruction}", full)
        await harness.pay(started)
        await harness.services.outbox.run()  # finish the previous run first

        async def deed() -> None:
            await settle(harness.services.context, started.session_id or "", actor=Actor("test"))
            await harness.services.outbox.run()

        return deed

    async with reaping(harness, monkeypatch) as reaper:
        killed = await reaper.at_every_instruction(prepare)
    assert killed >= 4
    books = await healed(harness)
    assert len(books.refunds) == killed + 1
    assert {c.confirmed for c in books.courses} == {1}
