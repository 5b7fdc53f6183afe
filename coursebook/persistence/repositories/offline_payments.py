"""Payments that the school takes by hand, and claims of guests' bookings."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.persistence.schema.tables import Booking, Course, OfflinePayment, User

LAST_DAY = date.max
"""Sorts after every real day: expected money without a due date comes last."""
_DUE_ON = sa.func.coalesce(col(OfflinePayment.due_on), LAST_DAY)


class OfflinePayments:
    """The table `offline_payment`. Lock the booking before changing its rows."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, payment: OfflinePayment) -> None:
        """Add a row."""
        self._session.add(payment)

    async def find(self, payment_id: str) -> OfflinePayment | None:
        """Return one row."""
        return await self._session.get(OfflinePayment, payment_id)

    async def of_booking(self, booking_id: str) -> list[OfflinePayment]:
        """Return the rows of one booking, oldest first."""
        return (await self.of_bookings([booking_id])).get(booking_id, [])

    async def of_bookings(self, booking_ids: list[str]) -> dict[str, list[OfflinePayment]]:
        """Return the rows of several bookings in one query, oldest first."""
        query = (
            sa.select(OfflinePayment)
            .where(col(OfflinePayment.booking_id).in_(booking_ids))
            .order_by(col(OfflinePayment.created_at), col(OfflinePayment.id))
        )
        by_booking: dict[str, list[OfflinePayment]] = {}
        for payment in (await self._session.scalars(query)).all():
            by_booking.setdefault(payment.booking_id, []).append(payment)
        return by_booking

    async def expected_page(
        self, after: tuple[date, str] | None, limit: int
    ) -> list[tuple[OfflinePayment, Booking, User, Course]]:
        """Return money that is still to come, the most overdue first, after a key (due_on, id).

        Money without a due date comes last, with the key `LAST_DAY`.
        """
        query = (
            sa.select(OfflinePayment, Booking, User, Course)
            .join(Booking, col(Booking.id) == col(OfflinePayment.booking_id))
            .join(User, col(User.id) == col(Booking.user_id))
            .join(Course, col(Course.id) == col(Booking.course_id))
            .where(
                col(OfflinePayment.state) == OfflineState.EXPECTED.value,
                col(OfflinePayment.direction) == Direction.IN.value,
            )
            .order_by(_DUE_ON, col(OfflinePayment.id))
            .limit(limit)
        )
        if after is not None:
            key = sa.tuple_(sa.literal(after[0], sa.Date()), sa.literal(after[1]))
            query = query.where(sa.tuple_(_DUE_ON, col(OfflinePayment.id)) > key)
        return [(*row,) for row in await self._session.execute(query)]

    async def booking_ids(self, after: str, limit: int) -> list[str]:
        """Return the ids of bookings with rows, in the order of their ids, after one of them."""
        query = (
            sa.select(col(OfflinePayment.booking_id))
            .where(col(OfflinePayment.booking_id) > after)
            .distinct()
            .order_by(col(OfflinePayment.booking_id))
            .limit(limit)
        )
        return list((await self._session.scalars(query)).all())
