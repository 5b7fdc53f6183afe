"""Disputes, as Stripe reports them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.dispute import DisputeState
from coursebook.persistence.schema.tables import Dispute, PaymentAttempt

NOT_OVER = [state.value for state in DisputeState if not state.is_over]


class Disputes:
    """The table `dispute`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, dispute: Dispute) -> None:
        """Add a dispute."""
        self._session.add(dispute)

    async def of_attempt(self, attempt_id: str) -> list[Dispute]:
        """Return the disputes of one payment, oldest first."""
        query = sa.select(Dispute).where(col(Dispute.attempt_id) == attempt_id)
        return list((await self._session.scalars(query.order_by(col(Dispute.created_at)))).all())

    async def of_session(self, session_id: str) -> list[Dispute]:
        """Return the disputes of the payment with this Checkout Session, oldest first."""
        query = sa.select(Dispute).join(
            PaymentAttempt, col(Dispute.attempt_id) == col(PaymentAttempt.id)
        )
        query = query.where(col(PaymentAttempt.session_id) == session_id)
        return list((await self._session.scalars(query.order_by(col(Dispute.created_at)))).all())

    async def of_booking(self, booking_id: str) -> list[Dispute]:
        """Return the disputes of one booking, oldest first."""
        query = sa.select(Dispute).where(col(Dispute.booking_id) == booking_id)
        return list((await self._session.scalars(query.order_by(col(Dispute.created_at)))).all())

    async def of_bookings(self, booking_ids: list[str]) -> list[Dispute]:
        """Return the disputes of several bookings in one query."""
        query = sa.select(Dispute).where(col(Dispute.booking_id).in_(booking_ids))
        return list((await self._session.scalars(query)).all())

    async def by_stripe_ids(self, ids: list[str]) -> dict[str, Dispute]:
        """Return the disputes with these Stripe ids, by Stripe id."""
        query = sa.select(Dispute).where(col(Dispute.stripe_dispute_id).in_(ids))
        return {d.stripe_dispute_id: d for d in (await self._session.scalars(query)).all()}

    async def pending_sessions(self, checked_before: datetime, limit: int) -> list[str]:
        """Return sessions with a dispute that is not over, last checked before `checked_before`."""
        query = sessions_with_disputes(checked_before)
        query = query.order_by(col(PaymentAttempt.asked_at)).limit(limit)
        return [session for session in (await self._session.scalars(query)).all() if session]


def sessions_with_disputes(checked_before: datetime) -> sa.Select[str | None]:
    """Return the query for sessions with a dispute that is not over, last checked before then."""
    return (
        sa.select(col(PaymentAttempt.session_id))
        .join(Dispute, col(Dispute.attempt_id) == col(PaymentAttempt.id))
        .where(
            col(Dispute.state).in_(NOT_OVER),
            col(PaymentAttempt.asked_at) <= checked_before,
            col(PaymentAttempt.session_id).is_not(None),
            col(PaymentAttempt.is_foreign).is_(False),
        )
    )
