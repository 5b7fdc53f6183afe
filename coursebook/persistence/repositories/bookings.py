"""Bookings: a student's list, one row under lock, and the overdue ones for the worker."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, SeatState
from coursebook.persistence.engine.new_rows import NewRows
from coursebook.persistence.people_search.index import number_end_of
from coursebook.persistence.schema.keyset import Key, below
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    OutboxMessage,
    PaymentAttempt,
    User,
)

ENDING_BATCH_SIZE = 25

_LOCKED = (
    sa.select(Booking)
    .where(col(Booking.id) == sa.bindparam("booking_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LIVE = [place.value for place in LIVE]
_NEWEST = (
    sa.select(Booking)
    .where(
        col(Booking.user_id) == sa.bindparam("user"),
        col(Booking.course_id) == sa.bindparam("course"),
        col(Booking.place).in_(
            [p.value for p in (SeatState.HELD, SeatState.CONFIRMED, SeatState.EXPIRED)]
        ),
    )
    .order_by(
        sa.case((col(Booking.place) == SeatState.EXPIRED.value, 1), else_=0),
        col(Booking.created_at).desc(),
    )
    .limit(1)
)
_OWN_PLACE = (
    sa.select(
        Booking,
        col(Course.starts_at),
        col(Course.timezone),
        col(PaymentAttempt.state),
        col(PaymentAttempt.last_error),
    )
    .join(User, col(User.id) == col(Booking.user_id))
    .join(Course, col(Course.id) == col(Booking.course_id))
    .outerjoin(PaymentAttempt, col(PaymentAttempt.booking_id) == col(Booking.id))
    .where(
        col(User.subject) == sa.bindparam("subject"),
        col(Booking.course_id) == sa.bindparam("course"),
        col(Booking.place).in_(_LIVE),
    )
    .order_by(col(PaymentAttempt.number))
)


class Bookings:
    """The table `booking`."""

    def __init__(self, session: AsyncSession, new_rows: NewRows) -> None:
        self._session = session
        self._new_rows = new_rows

    def add(self, booking: Booking) -> None:
        """Add a new booking."""
        self._session.add(booking)

    def add_of_student(self, booking: Booking) -> None:
        """Add the booking that a student makes: there is no other participant to index."""
        booking.number_end = number_end_of(booking.id)
        self._new_rows.add(booking)

    async def find(self, booking_id: str) -> Booking | None:
        """Return a booking, without a lock."""
        return await self._session.get(Booking, booking_id)

    async def by_ids(self, booking_ids: Collection[str]) -> dict[str, Booking]:
        """Return these bookings by id, in one query, without a lock."""
        query = sa.select(Booking).where(col(Booking.id).in_(booking_ids))
        return {booking.id: booking for booking in (await self._session.scalars(query)).all()}

    async def lock(self, booking_id: str) -> Booking | None:
        """Return a booking under its row lock. Always lock its course first."""
        return (await self._session.scalars(_LOCKED, {"booking_id": booking_id})).first()

    async def lock_live(self, course_id: str) -> list[Booking]:
        """Return the held and confirmed bookings of a locked course, under their row locks."""
        query = _of_course(course_id).with_for_update().execution_options(populate_existing=True)
        return list((await self._session.scalars(query)).all())

    async def live(self, course_id: str) -> list[Booking]:
        """Return the held and confirmed bookings of a course, without locks."""
        return list((await self._session.scalars(_of_course(course_id))).all())

    async def reserved_of(self, course_ids: Collection[str]) -> dict[str, int]:
        """Return how many held places of these courses are reserved until a moment, by course id.

        Courses without one are missing.
        """
        course_id = col(Booking.course_id)
        query = sa.select(course_id, sa.func.count()).where(
            course_id.in_(course_ids),
            col(Booking.place) == SeatState.HELD.value,
            col(Booking.reserved_until).is_not(None),
        )
        rows = await self._session.execute(query.group_by(course_id))
        return {str(row[0]): int(row[1]) for row in rows}

    async def newest_of(self, user_id: str, course_id: str) -> Booking | None:
        """Return the student's live booking on a course, else the newest expired one."""
        parameters = {"user": user_id, "course": course_id}
        return (await self._session.scalars(_NEWEST, parameters)).first()

    async def live_of_subject(
        self, subject: str, course_id: str
    ) -> tuple[Booking, datetime, str, list[tuple[str | None, str | None]]] | None:
        """Return a person's live booking on a course, in one query.

        Also return the start and the zone of the course, and the state and last error of each
        attempt, oldest first.
        """
        parameters = {"subject": subject, "course": course_id}
        rows = (await self._session.execute(_OWN_PLACE, parameters)).all()
        if not rows:
            return None
        attempts: list[tuple[str | None, str | None]] = [
            (state, error) for *_, state, error in rows if state
        ]
        booking, starts_at, timezone = rows[0][:3]
        return booking, starts_at, timezone, attempts

    async def page_of(
        self,
        user_id: str,
        places: tuple[SeatState, ...] | None,
        before: Key | None,
        limit: int,
    ) -> list[Booking]:
        """Return a student's bookings, newest first, that come after a key (created_at, id)."""
        query = (
            sa.select(Booking)
            .where(col(Booking.user_id) == user_id)
            .order_by(col(Booking.created_at).desc(), col(Booking.id).desc())
        )
        if places is not None:
            query = query.where(col(Booking.place).in_([p.value for p in places]))
        if before is not None:
            query = query.where(below(Booking.created_at, Booking.id, before))
        return list((await self._session.scalars(query.limit(limit))).all())

    async def ending(self, now: datetime, since: datetime, till: datetime) -> list[tuple[str, str]]:
        """Return held bookings whose hold ends between now and `till`, each with its open session.

        Leave out bookings that were reminded after `since`.
        """
        query = ending_holds(now, since, till)
        query = query.order_by(col(Booking.hold_expires_at)).limit(ENDING_BATCH_SIZE)
        return [
            (booking_id, str(session_id))
            for booking_id, session_id in (await self._session.execute(query)).all()
        ]

    async def has_live_namesake(self, course_id: str, user: User) -> bool:
        """Return whether somebody with this name and address has a live place on a course."""
        if not user.email:
            return False
        query = (
            sa.select(col(Booking.id))
            .join(User, col(User.id) == col(Booking.user_id))
            .where(
                col(Booking.course_id) == course_id,
                col(Booking.place).in_(_LIVE),
                sa.func.lower(col(User.email)) == user.email.lower(),
                sa.func.lower(col(User.name)) == user.name.lower(),
            )
        )
        return (await self._session.scalars(query.limit(1))).first() is not None

    async def held_or_unsettled(self) -> list[str]:
        """Return the ids of bookings that are held or have an attempt that is not final."""
        held = sa.select(col(Booking.id)).where(col(Booking.place) == SeatState.HELD.value)
        unsettled = sa.select(col(PaymentAttempt.booking_id)).where(
            col(PaymentAttempt.state).in_([s.value for s in AttemptState if not s.is_final])
        )
        return sorted((await self._session.scalars(sa.union(held, unsettled))).all())

    async def all_of(self, user_id: str) -> list[Booking]:
        """Return every booking of a person, in the order of their courses."""
        query = sa.select(Booking).where(col(Booking.user_id) == user_id)
        order = (col(Booking.course_id), col(Booking.id))
        return list((await self._session.scalars(query.order_by(*order))).all())

    async def overdue(self, now: datetime, limit: int) -> list[str]:
        """Return the ids of held bookings whose hold has ended, the oldest first."""
        query = ended_holds(now).order_by(col(Booking.hold_expires_at)).limit(limit)
        return list((await self._session.scalars(query)).all())


def _of_course(course_id: str) -> sa.Select[Any]:
    """Return the query for the live bookings of a course, in the order of their ids."""
    query = sa.select(Booking).where(col(Booking.course_id) == course_id)
    return query.where(col(Booking.place).in_(_LIVE)).order_by(col(Booking.id))


def ending_holds(now: datetime, since: datetime, till: datetime) -> sa.Select[str, str | None]:
    """Return the query of `Bookings.ending`: booking and session."""
    reminded = sa.exists().where(
        col(OutboxMessage.booking_id) == col(Booking.id),
        col(OutboxMessage.kind) == "mail:hold_ending",
        col(OutboxMessage.created_at) >= since,
    )
    return (
        sa.select(col(Booking.id), col(PaymentAttempt.session_id))
        .join(PaymentAttempt, col(PaymentAttempt.booking_id) == col(Booking.id))
        .where(
            col(Booking.place) == SeatState.HELD.value,
            col(Booking.hold_expires_at) > now,
            col(Booking.hold_expires_at) <= till,
            col(PaymentAttempt.state) == AttemptState.OPEN.value,
            col(PaymentAttempt.session_id).is_not(None),
            ~reminded,
        )
    )


def ended_holds(now: datetime) -> sa.Select[str]:
    """Return the query for the ids of held bookings whose hold has ended.

    Every hold ends at the start of the course, except while a bank processes the payment.
    """
    is_over = sa.or_(col(Booking.hold_expires_at) <= now, col(Course.starts_at) <= now)
    return (
        sa.select(col(Booking.id))
        .join(Course, col(Course.id) == col(Booking.course_id))
        .where(
            col(Booking.place) == SeatState.HELD.value,
            col(Booking.hold_expires_at).is_not(None),
            is_over,
        )
    )
