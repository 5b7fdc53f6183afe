"""Lists of payments, refunds and payouts, the newest first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.bookkeeping.ledger_queries import is_taken
from coursebook.persistence.schema.keyset import Key, below
from coursebook.persistence.schema.money_tables import PAID_OUT, PaymentAttempt, Payout, Refund
from coursebook.persistence.schema.tables import Booking, Course, User

_IS_MONEY = col(PaymentAttempt.amount) > 0
Row = tuple[Any, Booking, User, Course]


class MoneyLists:
    """Queries over money that went through Stripe, with the booking that it belongs to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def payments(self, after: Key | None, limit: int) -> list[Row]:
        """Return payments by the moment they were taken."""
        taken_at: datetime = PaymentAttempt.taken_at  # type: ignore[assignment]
        query = (
            _with_booking(PaymentAttempt)
            .where(is_taken(self._session), col(PaymentAttempt.taken_at).is_not(None), _IS_MONEY)
            .order_by(col(PaymentAttempt.taken_at).desc(), col(PaymentAttempt.id).desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(below(taken_at, PaymentAttempt.id, after))
        return [(*row,) for row in await self._session.execute(query)]

    async def refunds(self, after: Key | None, limit: int) -> list[Row]:
        """Return refunds by the moment they were made, also those that failed."""
        query = (
            _with_booking(Refund)
            .order_by(col(Refund.created_at).desc(), col(Refund.id).desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(below(Refund.created_at, Refund.id, after))
        return [(*row,) for row in await self._session.execute(query)]

    async def payouts(self, after: Key | None, limit: int) -> list[Payout]:
        """Return payouts by the moment they were made."""
        query = (
            sa.select(Payout)
            .order_by(col(Payout.created_at).desc(), col(Payout.id).desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(below(Payout.created_at, Payout.id, after))
        return list((await self._session.scalars(query)).all())

    async def payments_in(self, payout_id: str, limit: int) -> list[Row]:
        """Return the payments in a payout, oldest first."""
        query = (
            _with_booking(PaymentAttempt)
            .where(col(PaymentAttempt.payout_id) == payout_id, _has_payout(PaymentAttempt))
            .order_by(col(PaymentAttempt.taken_at), col(PaymentAttempt.id))
            .limit(limit)
        )
        return [(*row,) for row in await self._session.execute(query)]

    async def refunds_in(self, payout_id: str, limit: int) -> list[Row]:
        """Return the refunds in a payout, oldest first."""
        query = (
            _with_booking(Refund)
            .where(col(Refund.payout_id) == payout_id, _has_payout(Refund))
            .order_by(col(Refund.created_at), col(Refund.id))
            .limit(limit)
        )
        return [(*row,) for row in await self._session.execute(query)]


def _with_booking(table: type[PaymentAttempt | Refund]) -> sa.Select[Any]:
    money: Any = table
    return (
        sa.select(money, Booking, User, Course)
        .join(Booking, col(Booking.id) == col(table.booking_id))
        .join(User, col(User.id) == col(Booking.user_id))
        .join(Course, col(Course.id) == col(Booking.course_id))
    )


def _has_payout(table: type[PaymentAttempt | Refund]) -> sa.TextClause:
    """Return the condition of the partial index, which the database must see to use it."""
    return sa.text(f"{table.__tablename__}.{PAID_OUT}")
