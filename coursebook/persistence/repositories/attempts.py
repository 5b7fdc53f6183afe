"""Payment attempts, by booking, session or payment, and those to poll at Stripe."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.admission import CourseState
from coursebook.domain.attempt import AttemptState
from coursebook.domain.refund import RefundState
from coursebook.persistence.course_search.courses import STATE_COLUMNS, state_of
from coursebook.persistence.engine.new_rows import NewRows
from coursebook.persistence.schema.tables import Booking, Course, PaymentAttempt, Refund

UNSETTLED = (AttemptState.CREATED, AttemptState.OPEN, AttemptState.PROCESSING)

_BY_ID = (
    sa.select(PaymentAttempt)
    .where(col(PaymentAttempt.id) == sa.bindparam("attempt_id"))
    .execution_options(populate_existing=True)
)

_WITH_BOOKING = (
    sa.select(Booking, PaymentAttempt, *STATE_COLUMNS)
    .join(PaymentAttempt, col(PaymentAttempt.booking_id) == col(Booking.id))
    .join(Course, col(Course.id) == col(Booking.course_id))
    .where(
        col(Booking.id) == sa.bindparam("booking_id"),
        col(PaymentAttempt.id) == sa.bindparam("attempt_id"),
    )
    .with_for_update(of=(Booking, PaymentAttempt))
    .execution_options(populate_existing=True)
)

_GIVEN_BACK = (
    sa.select(sa.func.coalesce(sa.func.sum(col(Refund.amount)), 0))
    .where(
        col(Refund.attempt_id) == col(PaymentAttempt.id),
        col(Refund.state).in_([state.value for state in RefundState if state.counts]),
    )
    .correlate(PaymentAttempt)
    .scalar_subquery()
)
_LEFT = sa.func.coalesce(col(PaymentAttempt.received_amount), col(PaymentAttempt.amount)) - (
    _GIVEN_BACK
)
_CURRENCY = sa.func.coalesce(col(PaymentAttempt.received_currency), col(PaymentAttempt.currency))
_SUCCEEDED = sa.func.coalesce(col(PaymentAttempt.state), "") == AttemptState.SUCCEEDED.value
"""In a function, so that SQLite begins with the bookings of a course, not with all payments."""
_KEPT = (
    sa.select(col(Booking.course_id), _CURRENCY, sa.func.sum(_LEFT))
    .join(PaymentAttempt, col(PaymentAttempt.booking_id) == col(Booking.id))
    .where(_SUCCEEDED)
    .group_by(col(Booking.course_id), _CURRENCY)
)
_BY_HAND = (
    sa.select(
        col(Booking.course_id),
        col(Booking.currency),
        sa.func.sum(col(Booking.received_by_hand) - col(Booking.returned_by_hand)),
    )
    .where(col(Booking.received_by_hand) > 0)
    .group_by(col(Booking.course_id), col(Booking.currency))
)


class Attempts:
    """The table `payment_attempt`."""

    def __init__(self, session: AsyncSession, new_rows: NewRows) -> None:
        self._session = session
        self._new_rows = new_rows

    def add(self, attempt: PaymentAttempt) -> None:
        """Add a new attempt."""
        self._new_rows.add(attempt)

    async def lock_with_booking(
        self, booking_id: str, attempt_id: str
    ) -> tuple[Booking, PaymentAttempt, CourseState] | None:
        """Return a booking and one of its attempts under their row locks, and the course's state.

        Both rows are those after a wait for the lock; the course is that of before (PostgreSQL,
        Read Committed: postgresql.org/docs/current/transaction-iso.html).
        """
        parameters = {"booking_id": booking_id, "attempt_id": attempt_id}
        row = (await self._session.execute(_WITH_BOOKING, parameters)).first()
        return None if row is None else (row[0], row[1], state_of(row))

    async def find(self, attempt_id: str) -> PaymentAttempt | None:
        """Return one attempt, fresh from the database."""
        return (await self._session.scalars(_BY_ID, {"attempt_id": attempt_id})).first()

    async def of_booking(self, booking_id: str) -> list[PaymentAttempt]:
        """Return the attempts of a booking, oldest first, fresh from the database."""
        query = (
            sa.select(PaymentAttempt)
            .where(col(PaymentAttempt.booking_id) == booking_id)
            .order_by(col(PaymentAttempt.number))
            .execution_options(populate_existing=True)
        )
        return list((await self._session.scalars(query)).all())

    async def of_bookings(self, booking_ids: list[str]) -> dict[str, list[PaymentAttempt]]:
        """Return the attempts of several bookings in one query, oldest first."""
        query = (
            sa.select(PaymentAttempt)
            .where(col(PaymentAttempt.booking_id).in_(booking_ids))
            .order_by(col(PaymentAttempt.booking_id), col(PaymentAttempt.number))
        )
        by_booking: dict[str, list[PaymentAttempt]] = {}
        for attempt in (await self._session.scalars(query)).all():
            by_booking.setdefault(attempt.booking_id, []).append(attempt)
        return by_booking

    async def kept_by_course(self, course_ids: Collection[str]) -> dict[str, dict[str, int]]:
        """Return the minor units kept for courses, by card and by hand, by currency.

        Kept is what was received minus what was given back or is on its way back, as in
        `domain.balance.left_of_payments`. Courses without a payment are missing.
        """
        kept: dict[str, dict[str, int]] = {}
        for sums in (_KEPT, _BY_HAND):
            query = sums.where(col(Booking.course_id).in_(course_ids))
            for course_id, currency, amount in await self._session.execute(query):
                of_course = kept.setdefault(course_id, {})
                of_course[currency] = of_course.get(currency, 0) + int(amount)
        return kept

    async def by_session(self, session_id: str) -> PaymentAttempt | None:
        """Return the attempt whose Checkout Session this is."""
        query = sa.select(PaymentAttempt).where(col(PaymentAttempt.session_id) == session_id)
        return (await self._session.scalars(query)).first()

    async def by_number(self, booking_id: str, number: int) -> PaymentAttempt | None:
        """Return the attempt with this number of a booking."""
        query = sa.select(PaymentAttempt).where(
            col(PaymentAttempt.booking_id) == booking_id, col(PaymentAttempt.number) == number
        )
        return (await self._session.scalars(query)).first()

    async def by_payment(self, payment_intent_id: str) -> PaymentAttempt | None:
        """Return the attempt that was paid with this PaymentIntent."""
        query = sa.select(PaymentAttempt).where(
            col(PaymentAttempt.payment_intent_id) == payment_intent_id
        )
        return (await self._session.scalars(query)).first()

    async def disown_all(self) -> None:
        """Mark every attempt as made by another installation."""
        await self._session.flush()
        statement = sa.update(PaymentAttempt).values(is_foreign=True)
        await self._session.execute(statement.execution_options(synchronize_session=False))

    async def claim_for_polling(
        self, checked_before: datetime, now: datetime, limit: int
    ) -> list[PaymentAttempt]:
        """Take unsettled attempts that were last checked at Stripe before `checked_before`.

        They count as checked now, so that no other process takes them at the same time.
        """
        query = unchecked_attempts(checked_before).order_by(col(PaymentAttempt.asked_at))
        query = query.limit(limit).with_for_update(skip_locked=True)
        attempts = list((await self._session.scalars(query)).all())
        for attempt in attempts:
            attempt.asked_at = now
        return attempts


def unchecked_attempts(checked_before: datetime) -> sa.Select[PaymentAttempt]:
    """Return the query for unsettled attempts that were last checked at Stripe before then."""
    return sa.select(PaymentAttempt).where(
        col(PaymentAttempt.state).in_([s.value for s in UNSETTLED]),
        col(PaymentAttempt.asked_at) <= checked_before,
        col(PaymentAttempt.is_foreign).is_(False),
    )
