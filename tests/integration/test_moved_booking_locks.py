"""The lock of a booking that moves to another course while the lock is awaited (PostgreSQL)."""

import asyncio
import inspect
from pathlib import Path

import pytest
import sqlalchemy as sa

import coursebook
from coursebook.domain.actor import WORKER
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services import locked_booking
from coursebook.services.locked_booking import BookingMoved, again_if_moved, lock_booking
from tests.support.booking_invariants import check_books
from tests.support.harness import Harness

WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND wait_event_type = 'Lock'"
)


async def until_somebody_waits(harness: Harness) -> None:
    async with asyncio.timeout(10):
        while True:
            async with harness.services.context.database.writing.connect() as connection:
                if await connection.scalar(WAITING):
                    return
            await asyncio.sleep(0.02)


async def test_a_booking_that_moves_while_its_lock_is_awaited_leaves_the_right_course(
    harness: Harness,
):
    source, target = await harness.course(), await harness.course()
    started = await harness.confirmed(harness.student("sam"), source)
    await harness.token(started.student)
    async with writing(harness.services.context.database) as work:
        courses = [await work.courses.lock(id_) for id_ in sorted((source.id, target.id))]
        booking = await work.bookings.lock(started.booking_id)
        assert booking is not None
        path = f"/api/bookings/{started.booking_id}/cancel"
        cancelling = asyncio.create_task(harness.post(path, started.student))
        await until_somebody_waits(harness)
        for course in courses:
            assert course is not None
            course.confirmed = 1 if course.id == target.id else 0
        booking.course_id = target.id
    answer = await cancelling
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "cancelled"
    assert [(await harness.course_now(c)).confirmed for c in (source, target)] == [0, 0]
    await harness.worker_round()
    await check_books(harness)


async def test_three_moves_in_a_row_are_unavailable(harness: Harness, monkeypatch):
    rounds = []
    source, target = await harness.course(), await harness.course()
    started = await harness.confirmed(harness.student("sam"), source)
    database = harness.services.context.database

    @again_if_moved
    async def act() -> None:
        async with writing(database) as work:
            rounds.append(1)

            async def other_course(booking_id: str) -> Course | None:
                return await work.courses.lock(target.id)

            monkeypatch.setattr(work.courses, "lock_course_of", other_course)
            await lock_booking(work, started.booking_id, WORKER, harness.clock())

    with pytest.raises(BookingMoved):
        await act()
    assert len(rounds) == locked_booking.MAX_LOCK_ROUNDS
    (row,) = [b for b in await harness.rows_of(Booking) if b.id == started.booking_id]
    assert row.course_id == source.id


def test_every_use_case_that_locks_a_booking_begins_again():
    root = Path(inspect.getfile(coursebook)).parent
    users = [p for p in root.rglob("*.py") if " lock_booking(" in p.read_text(encoding="utf-8")]
    users.remove(root / "services" / "locked_booking.py")
    users.remove(root / "services" / "checkout" / "next_step.py")  # a step of `payment_start`
    assert [p.name for p in users if "@again_if_moved" not in p.read_text(encoding="utf-8")] == []
