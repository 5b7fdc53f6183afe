"""Refunds: ours, stored before Stripe is called, and those made in Stripe's dashboard."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.refund import RefundState
from coursebook.persistence.schema.tables import PaymentAttempt, Refund


class Refunds:
    """The table `refund`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, refund: Refund) -> None:
        """Add a refund."""
        self._session.add(refund)

    async def find(self, refund_id: str) -> Refund | None:
        """Return one refund by our own id."""
        return await self._session.get(Refund, refund_id)

    async def of_attempt(self, attempt_id: str) -> list[Refund]:
        """Return the refunds of one attempt, oldest first."""
        query = sa.select(Refund).where(col(Refund.attempt_id) == attempt_id)
        return list((await self._session.scalars(query.order_by(col(Refund.created_at)))).all())

    async def of_session(self, session_id: str) -> list[Refund]:
        """Return the refunds of the attempt with this Checkout Session, oldest first."""
        query = sa.select(Refund).join(
            PaymentAttempt, col(Refund.attempt_id) == col(PaymentAttempt.id)
        )
        query = query.where(col(PaymentAttempt.session_id) == session_id)
        return list((await self._session.scalars(query.order_by(col(Refund.created_at)))).all())

    async def of_booking(self, booking_id: str) -> list[Refund]:
        """Return the refunds of one booking, oldest first."""
        return (await self.of_bookings([booking_id])).get(booking_id, [])

    async def of_bookings(self, booking_ids: list[str]) -> dict[str, list[Refund]]:
        """Return the refunds of several bookings in one query, oldest first."""
        query = (
            sa.select(Refund)
            .where(col(Refund.booking_id).in_(booking_ids))
            .order_by(col(Refund.created_at))
        )
        by_booking: dict[str, list[Refund]] = {}
        for refund in (await self._session.scalars(query)).all():
            by_booking.setdefault(refund.booking_id, []).append(refund)
        return by_booking

    async def pending_sessions(self, checked_before: datetime, limit: int) -> list[str]:
        """Return sessions with a pending refund, last checked before `checked_before`."""
        query = sessions_with_refunds(checked_before)
        query = query.order_by(col(PaymentAttempt.asked_at)).limit(limit)
        return [session for session in (await self._session.scalars(query)).all() if session]


def sessions_with_refunds(checked_before: datetime) -> sa.Select[str | None]:
    """Return the query for sessions with a pending refund, last checked before then."""
    return (
        sa.select(col(PaymentAttempt.session_id))
        .join(Refund, col(Refund.attempt_id) == col(PaymentAttempt.id))
        .where(
            col(Refund.state) == RefundState.PENDING.value,
            col(PaymentAttempt.asked_at) <= checked_before,
            col(PaymentAttempt.session_id).is_not(None),
            col(PaymentAttempt.is_foreign).is_(False),
        )
    )
