"""What needs somebody today, and the meeting that comes next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.domain.inbox import InboxKind
from coursebook.persistence.schema.money_tables import MoneyInboxEntry
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting, OfflinePayment

Pair = tuple[Meeting | None, Course]


@dataclass(frozen=True)
class LateMoney:
    """Expected money that is overdue: how many sums, and their total in each currency."""

    count: int
    sums: tuple[tuple[int, str], ...]


class DayQueries:
    """Queries for the page "Today"."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open_entries(self) -> dict[InboxKind, int]:
        """Count the open entries of the money inbox by kind."""
        query = (
            sa.select(col(MoneyInboxEntry.kind), sa.func.count())
            .where(col(MoneyInboxEntry.resolved_at).is_(None))
            .group_by(col(MoneyInboxEntry.kind))
        )
        return {InboxKind(kind): count for kind, count in await self._session.execute(query)}

    async def late_money(self, today: date) -> LateMoney:
        """Sum the money that was due before today."""
        query = (
            sa.select(
                col(OfflinePayment.currency),
                sa.func.count(),
                sa.func.sum(col(OfflinePayment.amount)),
            )
            .where(
                col(OfflinePayment.state) == OfflineState.EXPECTED.value,
                col(OfflinePayment.direction) == Direction.IN.value,
                col(OfflinePayment.due_on) < today,
            )
            .group_by(col(OfflinePayment.currency))
            .order_by(col(OfflinePayment.currency))
        )
        rows = (await self._session.execute(query)).all()
        return LateMoney(
            sum(count for _, count, _ in rows),
            tuple((int(amount), currency) for currency, _, amount in rows),
        )

    async def next_meeting(
        self, after: datetime, course_ids: Collection[str] | None
    ) -> Pair | None:
        """Return the first meeting of a public course from a moment on.

        A course without rows in `meeting` comes without one. `course_ids`: only of these courses.
        """
        is_public = col(Course.status) == CourseStatus.PUBLISHED.value
        has_rows = sa.exists().where(col(Meeting.course_id) == col(Course.id))
        meetings = (
            sa.select(Meeting, Course)
            .join(Course, col(Course.id) == col(Meeting.course_id))
            .where(col(Meeting.starts_at) >= after, is_public)
            .where(col(Meeting.cancelled_at).is_(None))
            .order_by(col(Meeting.starts_at), col(Meeting.id))
            .limit(1)
        )
        lone = (
            sa.select(Course)
            .where(is_public, col(Course.starts_at) >= after, ~has_rows)
            .order_by(col(Course.starts_at), col(Course.id))
            .limit(1)
        )
        if course_ids is not None:
            meetings = meetings.where(col(Course.id).in_(course_ids))
            lone = lone.where(col(Course.id).in_(course_ids))
        found = (await self._session.execute(meetings)).first()
        course = (await self._session.scalars(lone)).first()
        pairs: list[Pair] = [(found[0], found[1])] if found else []
        pairs += [(None, course)] if course else []
        return min(pairs, key=lambda pair: (pair[0] or pair[1]).starts_at, default=None)
