"""Courses that the school cancelled, and the places on them that still have to end."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.attempt import AttemptState
from coursebook.domain.booking import LIVE, EndCause, SeatState
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseCancellation,
    OfflinePayment,
    OutboxMessage,
    PaymentAttempt,
    Refund,
    User,
)

_LIVE = [place.value for place in LIVE]
_IS_OPEN = col(CourseCancellation.finished_at).is_(None)


class CourseCancellations:
    """The table `course_cancellation`, and what belongs to one course of it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, cancellation: CourseCancellation) -> None:
        """Add the cancellation of a course that is locked."""
        self._session.add(cancellation)

    async def find(self, course_id: str) -> CourseCancellation | None:
        """Return the cancellation of a course."""
        return await self._session.get(CourseCancellation, course_id)

    async def places_to_end(self, after_id: str, limit: int) -> list[str]:
        """Return the ids of live bookings on cancelled courses, in their order after an id.

        Leave out held places whose payment a bank is working on: they end when it has decided.
        """
        query = places_to_end().where(col(Booking.id) > after_id)
        query = query.order_by(col(Booking.id)).limit(limit)
        return list((await self._session.scalars(query)).all())

    async def without_places(self) -> list[str]:
        """Return the ids of courses whose cancellation is open, with no place left to end."""
        return list((await self._session.scalars(cancellations_without_places())).all())

    async def concerned(self, course_id: str) -> list[tuple[Booking, User]]:
        """Return the bookings that are live, or ended because the course was cancelled."""
        is_concerned = sa.or_(
            col(Booking.place).in_(_LIVE),
            col(Booking.end_cause) == EndCause.COURSE_CANCELLED.value,
        )
        query = (
            sa.select(Booking, User)
            .join(User, col(User.id) == col(Booking.user_id))
            .where(col(Booking.course_id) == course_id, is_concerned)
            .order_by(sa.func.lower(col(User.name)), col(Booking.id))
        )
        return [(booking, user) for booking, user in (await self._session.execute(query)).all()]

    async def processing(self, booking_ids: list[str]) -> set[str]:
        """Return which of these bookings have a payment that a bank is working on."""
        query = sa.select(col(PaymentAttempt.booking_id)).where(
            col(PaymentAttempt.booking_id).in_(booking_ids),
            col(PaymentAttempt.state) == AttemptState.PROCESSING.value,
            col(PaymentAttempt.is_foreign).is_(False),
        )
        return set((await self._session.scalars(query)).all())

    async def refunds_since(self, booking_ids: list[str], since: datetime) -> list[Refund]:
        """Return the refunds of these bookings that were decided since a moment."""
        query = sa.select(Refund).where(
            col(Refund.booking_id).in_(booking_ids), col(Refund.created_at) >= since
        )
        return list((await self._session.scalars(query)).all())

    async def mails(self, booking_ids: list[str], kind: str) -> tuple[int, int, int]:
        """Return how many mails of a kind are sent, waiting and given up."""
        is_done = col(OutboxMessage.done_at).is_not(None)
        is_dead = col(OutboxMessage.is_dead)
        counts = [
            sa.func.coalesce(sa.func.sum(sa.case((when, 1), else_=0)), 0)
            for when in (is_done, sa.and_(~is_done, ~is_dead), sa.and_(~is_done, is_dead))
        ]
        query = sa.select(*counts).where(
            col(OutboxMessage.booking_id).in_(booking_ids), col(OutboxMessage.kind) == kind
        )
        sent, waiting, failed = (await self._session.execute(query)).one()
        return int(sent), int(waiting), int(failed)

    async def to_give_back_by_hand(self, booking_ids: list[str]) -> dict[str, int]:
        """Return what still has to be given back by hand for each booking."""
        query = (
            sa.select(col(OfflinePayment.booking_id), sa.func.sum(col(OfflinePayment.amount)))
            .where(
                col(OfflinePayment.booking_id).in_(booking_ids),
                col(OfflinePayment.direction) == Direction.OUT.value,
                col(OfflinePayment.state) == OfflineState.EXPECTED.value,
            )
            .group_by(col(OfflinePayment.booking_id))
        )
        return {booking_id: int(left) for booking_id, left in await self._session.execute(query)}


def places_to_end() -> sa.Select[str]:
    """Return the query of `CourseCancellations.places_to_end`."""
    is_processing = sa.exists().where(
        col(PaymentAttempt.booking_id) == col(Booking.id),
        col(PaymentAttempt.state) == AttemptState.PROCESSING.value,
        col(PaymentAttempt.is_foreign).is_(False),
    )
    # SQLite would read every live booking for a join.
    cancelled = sa.select(col(CourseCancellation.course_id)).where(_IS_OPEN)
    return sa.select(col(Booking.id)).where(
        col(Booking.course_id).in_(cancelled),
        col(Booking.place).in_(_LIVE),
        sa.or_(col(Booking.place) == SeatState.CONFIRMED.value, ~is_processing),
    )


def cancellations_without_places() -> sa.Select[str]:
    """Return the query of `CourseCancellations.without_places`."""
    return (
        sa.select(col(CourseCancellation.course_id))
        .join(Course, col(Course.id) == col(CourseCancellation.course_id))
        .where(_IS_OPEN, col(Course.held) + col(Course.confirmed) == 0)
    )
