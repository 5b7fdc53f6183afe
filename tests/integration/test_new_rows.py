"""Rows that are inserted together: a booking, its attempt and its audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import TypeVar

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from coursebook.domain.actor import Actor
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.repositories.audit import Change
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt
from coursebook.persistence.unit_of_work import SecondLiveBooking, UnitOfWork, reading, writing
from tests.support.rows import NOW, a_booking, a_course, a_user, an_attempt

STUDENT = Actor("student", "user_sandbox_sam")
Row = TypeVar("Row", bound=SQLModel)
EVENTS = ("hold", "payment")


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


@pytest.fixture
async def course(database: Database) -> Course:
    return await stored(database, a_course())


async def stored(database: Database, row: Row) -> Row:
    async with writing(database) as work:
        work.session.add(row)
    return row


async def book(database: Database, course: Course, booking: Booking | None = None) -> Booking:
    booking = booking or a_booking(await stored(database, a_user()), course)
    async with writing(database) as work:
        add(work, booking)
    return booking


def add(work: UnitOfWork, booking: Booking) -> PaymentAttempt:
    attempt = an_attempt(booking)
    work.bookings.add_of_student(booking)
    work.attempts.add(attempt)
    for event in EVENTS:
        change = Change(booking.id, "booking", event, None, "held", data={"event": event})
        work.audit.write(change, actor=STUDENT, request_id="", now=NOW)
    return attempt


@contextmanager
def cache_results(database: Database) -> Iterator[list[str]]:
    """List what SQLAlchemy's cache of compiled statements had for each one inside the block."""
    engine, results = database.writing.sync_engine, list[str]()

    def note(_connection, _cursor, _text, _parameters, context, _many) -> None:
        if context.compiled is not None:
            results.append(context.cache_hit.name)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield results
    sa.event.remove(engine, "before_cursor_execute", note)


async def test_rows_of_three_tables_arrive_in_their_order(database: Database, course: Course):
    bookings = [await book(database, course) for _ in range(3)]
    async with reading(database) as work:
        entries = await work.audit.of_bookings([booking.id for booking in bookings])
        (attempt,) = await work.attempts.of_booking(bookings[0].id)
        stored_booking = await work.bookings.find(bookings[0].id)
    for booking in bookings:
        trail = entries[booking.id]
        assert tuple(entry.event for entry in trail) == EVENTS
        assert trail[1].data == {"event": "payment"}
        assert trail[1].at == NOW
    assert attempt.params == {}
    assert stored_booking is not None
    assert stored_booking.model_dump() == bookings[0].model_dump()
    assert stored_booking.number_end == bookings[0].id[-6:].lower()


async def test_rows_that_were_written_can_be_changed_in_the_same_transaction(
    database: Database, course: Course
):
    booking = a_booking(await stored(database, a_user()), course)
    async with writing(database) as work:
        attempt = add(work, booking)
        await work.flush()
        booking.place, attempt.state = "confirmed", "succeeded"
    async with reading(database) as work:
        (attempt,) = await work.attempts.of_booking(booking.id)
        stored_booking = await work.bookings.find(booking.id)
    assert stored_booking is not None
    assert (stored_booking.place, attempt.state) == ("confirmed", "succeeded")


async def test_a_second_live_booking_leaves_nothing(database: Database, course: Course):
    first = await book(database, course)
    async with reading(database) as work:
        user = await work.users.by_id(first.user_id)
    assert user is not None
    second = a_booking(user, course)
    with pytest.raises(SecondLiveBooking):
        await book(database, course, second)
    async with reading(database) as work:
        assert await work.bookings.find(second.id) is None
        assert await work.audit.of_booking(second.id) == []


async def test_no_statement_of_a_booking_is_compiled_twice(database: Database, course: Course):
    await book(database, course)
    with cache_results(database) as results:
        await book(database, course)
    assert [name for name, _ in groupby(results)] == ["CACHE_HIT"]
