"""Sample people of one course, in the states that a school meets: for the sandbox only.

Their money was taken by hand, so that none of it has to exist at Stripe. Each state is reached on
the same path, and with the same trace, as that of any other booking.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from coursebook.domain.booking import BookingSource, EndCause, SeatState
from coursebook.domain.booking_edits.offline_payment import Method
from coursebook.domain.promise import promise_of
from coursebook.domain.terms import Terms
from coursebook.persistence.course_search.courses import state_of
from coursebook.persistence.engine.databases import Database
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Booking, Course
from coursebook.persistence.unit_of_work import UnitOfWork, writing
from coursebook.services.bookings.offline_payments import (
    Handover,
    end_place,
    expect_payment,
    give_back_by_hand,
    mark_given_back,
    receive_payment,
)
from coursebook.services.locked_booking import LockedBookingAndCourse
from coursebook.services.seeding.seed import ACTOR, LOCK_TIMEOUT_SECONDS, confirm_free, student_of

COURSE = "sing-bach-by-sunday"
RESERVED = timedelta(days=7)
CAUSE = "Sample booking."
Step = Callable[[LockedBookingAndCourse], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Person:
    """A sample person: what happens to their booking, and what the school notes about it.

    `days_ago`: when they booked. `guest`: who takes part in their place.
    """

    name: str
    happens: Step
    days_ago: int
    note: str = ""
    tags: tuple[str, ...] = ()
    guest: str = ""
    pays: bool = True


async def _paid(locked: LockedBookingAndCourse) -> None:
    receive_payment(locked, locked.booking.price, Handover(Method.TRANSFER, locked.today))
    locked.confirm(CAUSE)


async def _paid_in_cash(locked: LockedBookingAndCourse) -> None:
    receive_payment(locked, locked.booking.price, Handover(Method.CASH, locked.today))
    locked.confirm(CAUSE)


async def _pays_later(locked: LockedBookingAndCourse) -> None:
    due = Handover(Method.TRANSFER, locked.today + timedelta(days=5))
    expect_payment(locked, locked.booking.price, due, CAUSE)
    locked.confirm(CAUSE)


async def _is_late(locked: LockedBookingAndCourse) -> None:
    due = Handover(Method.TRANSFER, locked.today - timedelta(days=2))
    expect_payment(locked, locked.booking.price, due, CAUSE)
    locked.confirm(CAUSE)


async def _paid_half(locked: LockedBookingAndCourse) -> None:
    half = locked.booking.price // 2
    receive_payment(locked, half, Handover(Method.CASH, locked.today))
    rest = Handover(Method.CASH, locked.today + timedelta(days=9))
    expect_payment(locked, locked.booking.price - half, rest, CAUSE)
    locked.confirm(CAUSE)


async def _is_a_guest(locked: LockedBookingAndCourse) -> None:
    await confirm_free(locked)


async def _got_half_back(locked: LockedBookingAndCourse) -> None:
    await _paid(locked)
    await _give_back(locked, locked.booking.price // 2)


async def _keeps_a_place(locked: LockedBookingAndCourse) -> None:
    until = locked.now + RESERVED
    locked.booking.reserved_until = locked.booking.hold_expires_at = until
    due = Handover(Method.TRANSFER, until.date())
    expect_payment(locked, locked.booking.price, due, CAUSE)


async def _cancelled(locked: LockedBookingAndCourse) -> None:
    await confirm_free(locked)
    await end_place(locked, EndCause.STUDENT, CAUSE)


async def _was_cancelled(locked: LockedBookingAndCourse) -> None:
    await _paid_in_cash(locked)
    await _give_back(locked, locked.booking.price)
    await end_place(locked, EndCause.OPERATOR, CAUSE)


async def _give_back(locked: LockedBookingAndCourse, amount: int) -> None:
    payment = await give_back_by_hand(locked, amount, CAUSE)
    await mark_given_back(locked, payment, locked.today)


PEOPLE = (
    Person("Ana Castelo", _paid, 9, note="Nut allergy"),
    Person("Carla Lima", _paid_in_cash, 8, guest="Bruno Lima"),
    Person("Jonas Keller", _pays_later, 6, tags=("alto",)),
    Person("Marta Reis", _is_late, 20, tags=("soprano",), note="Called on Monday: pays this week"),
    Person("Lea Brandt", _paid_half, 12, note="The rest in cash at the door"),
    Person("Tomás Figueira", _got_half_back, 15, tags=("tenor",), note="Comes on Saturday only"),
    Person(
        "Wilhelmina van der Hoeven-Achterberg",
        _paid,
        5,
        tags=("soprano", "first time"),
        note="Needs a chair with a high back, and a place near the door",
    ),
    Person("Sofia Conti", _is_a_guest, 11, note="Plays the organ", pays=False),
    Person("Priya Raman", _paid, 3, tags=("alto",)),
    Person("Nils Andersen", _keeps_a_place, 1),
    Person("Yuki Tanaka", _cancelled, 14, pays=False),
    Person("Omar Haddad", _was_cancelled, 13, note="Broke his leg"),
)
"""Invented people. Their addresses end in .test, which no mail can reach (RFC 2606)."""


async def seed_people(database: Database, now: datetime) -> int:
    """Add the people to their course; return how many. Once: who has booked it is left alone."""
    async with writing(database) as work:
        await work.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        found = await work.courses.find(COURSE)
        course = await work.courses.lock(found.id) if found is not None else None
        if course is None or state_of(course).has_begun(now + RESERVED):
            return 0
        return sum([await _add(work, course, person, now) for person in PEOPLE])


async def _add(work: UnitOfWork, course: Course, person: Person, now: datetime) -> bool:
    student = await student_of(work, person.name, now)
    await work.flush()
    of_both = col(Booking.user_id) == student.id, col(Booking.course_id) == course.id
    if await work.session.scalar(sa.select(col(Booking.id)).where(*of_both).limit(1)):
        return False
    booked_at = now - timedelta(days=person.days_ago)
    booking = Booking(
        id=new_id("bkg"),
        user_id=student.id,
        course_id=course.id,
        place=SeatState.HELD.value,
        price=course.price if person.pays else 0,
        list_price=None if person.pays else course.price,
        currency=course.currency,
        promise=promise_of(Terms.from_json(course.terms), course.starts_at).to_json(),
        source=BookingSource.OPERATOR.value,
        participant_name=person.guest,
        note=person.note,
        tags=[*person.tags],
        created_at=booked_at,
        updated_at=now,
    )
    locked = LockedBookingAndCourse(work, booking, ACTOR, now, course)
    work.bookings.add(booking)
    await work.flush()  # before its audit row, which refers to it
    locked.open_hold(CAUSE)
    await person.happens(locked)
    return True
