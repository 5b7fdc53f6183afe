"""What needs somebody today, who comes, the meeting that comes next, and what was booked."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import BookingSource, SeatState
from coursebook.domain.booking_edits.offline_payment import Direction, OfflineState
from coursebook.domain.bookkeeping.school_days import Period
from coursebook.domain.inbox import InboxKind
from coursebook.persistence.bookkeeping.ledger_queries import slice_of
from coursebook.persistence.repositories.roster import is_owed, owed_sum
from coursebook.persistence.schema.money_tables import MoneyInboxEntry
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    CourseStatus,
    Meeting,
    OfflinePayment,
    User,
)

Pair = tuple[Meeting | None, Course]


@dataclass(frozen=True)
class LateMoney:
    """Expected money that is overdue: how many sums, and their total in each currency."""

    count: int
    sums: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class RunningOffer:
    """A place that is kept for somebody of a waiting list until a moment."""

    course_id: str
    title: str
    name: str
    until: datetime


@dataclass(frozen=True)
class NotedPerson:
    """Somebody who comes, and what the school has noted about them."""

    course_id: str
    name: str
    note: str


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

    async def offers(self, now: datetime, limit: int) -> list[RunningOffer]:
        """Return the offers of places that are running, the one that ends first at first."""
        until = col(Booking.reserved_until)
        query = (
            sa.select(col(Course.id), col(Course.title), col(User.name), until)
            .select_from(Booking)
            .join(Course, col(Course.id) == col(Booking.course_id))
            .join(User, col(User.id) == col(Booking.user_id))
            .where(
                col(Booking.place) == SeatState.HELD.value,
                col(Booking.source) == BookingSource.WAITING.value,
                until > now,
            )
            .order_by(until, col(Booking.id))
            .limit(limit)
        )
        return [
            RunningOffer(course_id, title, name, offered_until)
            for course_id, title, name, offered_until in await self._session.execute(query)
            if offered_until is not None
        ]

    async def noted(self, course_ids: Collection[str], limit: int) -> list[NotedPerson]:
        """Return who of these courses comes and has a note, by name."""
        own = sa.func.nullif(col(Booking.participant_name), "")
        name = sa.func.coalesce(own, col(User.name))
        query = (
            sa.select(col(Booking.course_id), name, col(Booking.note))
            .join(User, col(User.id) == col(Booking.user_id))
            .where(*_coming(course_ids), col(Booking.note) != "")
            .order_by(col(Booking.course_id), name, col(Booking.id))
            .limit(limit)
        )
        return [NotedPerson(*row) for row in await self._session.execute(query)]

    async def newcomers(self, course_ids: Collection[str]) -> dict[str, int]:
        """Return how many people of these courses come and had no confirmed booking before.

        Somebody who takes part instead of the payer does not count: we do not know them.
        """
        course_id, earlier = col(Booking.course_id), orm.aliased(Booking)
        had_one = sa.exists().where(
            col(earlier.user_id) == col(Booking.user_id),
            col(earlier.created_at) < col(Booking.created_at),
            col(earlier.confirmed_at).is_not(None),
        )
        query = (
            sa.select(course_id, sa.func.count())
            .where(*_coming(course_ids), col(Booking.participant_name) == "", ~had_one)
            .group_by(course_id)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def owing(self, course_ids: Collection[str]) -> dict[str, LateMoney]:
        """Return how many people of these courses come and owe money, and how much."""
        course_id, currency = col(Booking.course_id), col(Booking.currency)
        query = (
            sa.select(course_id, currency, sa.func.count(), sa.func.sum(owed_sum()))
            .where(*_coming(course_ids), is_owed())
            .group_by(course_id, currency)
            .order_by(course_id, currency)
        )
        found: dict[str, LateMoney] = {}
        for key, code, count, amount in await self._session.execute(query):
            before = found.get(key, LateMoney(0, ()))
            sums = (*before.sums, (int(amount), code))
            found[key] = LateMoney(before.count + count, sums)
        return found

    async def booked(self, period: Period) -> tuple[Counter[date], int]:
        """Count the confirmed bookings that were made in a period by day, and the cancelled."""
        made, place = slice_of(self._session, period, col(Booking.created_at)), col(Booking.place)
        query = (
            sa.select(made, place, sa.func.count())
            .where(
                col(Booking.created_at) >= period.starts_at,
                col(Booking.created_at) < period.ends_at,
                col(Booking.confirmed_at).is_not(None),
            )
            .group_by(made, place)
        )
        days: Counter[date] = Counter()
        cancelled = 0
        for number, state, count in await self._session.execute(query):
            days[period.day_of_slice(number)] += count
            cancelled += count if state == SeatState.CANCELLED.value else 0
        return days, cancelled

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


def _coming(course_ids: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    is_confirmed = col(Booking.place) == SeatState.CONFIRMED.value
    return col(Booking.course_id).in_(sorted(course_ids)), is_confirmed
