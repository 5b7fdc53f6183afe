"""The progress of comparisons with Stripe, and our side of the comparison."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import SeatState
from coursebook.domain.reconciliation import Difference, Run, Stage
from coursebook.domain.waiting_list.entry import EntryState
from coursebook.persistence.schema.insert import insert_or_update
from coursebook.persistence.schema.tables import (
    Booking,
    Course,
    PaymentAttempt,
    Reconciliation,
    WaitingListEntry,
)

_OURS = col(PaymentAttempt.is_foreign).is_(False)
"""Not made by the installation that this database was copied from."""


@dataclass(frozen=True)
class WrongPlaces:
    """A course whose counters are not its live bookings."""

    course_id: str
    title: str
    counted: tuple[int, int]
    booked: tuple[int, int]


class Reconciliations:
    """The table `reconciliation`, and queries over the money that is compared."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, name: str) -> Run | None:
        """Return the progress of the run with this name."""
        row = await self._session.get(Reconciliation, name, populate_existing=True)
        return _run(row) if row else None

    async def take(self, name: str, now: datetime, until: datetime) -> bool:
        """Lease the run, so that no other process works on it. Return False when it is leased."""
        query = sa.select(Reconciliation).where(col(Reconciliation.name) == name).with_for_update()
        row = (await self._session.scalars(query)).first()
        if row is not None and row.leased_until > now:
            return False
        if row is not None:
            row.leased_until = until
        return True

    async def keep(self, run: Run, leased_until: datetime) -> None:
        """Store the progress of a run."""
        values = {
            "name": run.name,
            "since": run.since,
            "stage": run.stage.value,
            "cursor": run.cursor,
            "looked_at": run.looked_at,
            "found": [difference.to_json() for difference in run.differences],
            "leased_until": leased_until,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
        }
        await insert_or_update(self._session, Reconciliation, values, ["name"])

    async def forget(self) -> None:
        """Delete the progress of all runs, so that the next run starts over."""
        await self._session.execute(sa.delete(Reconciliation))

    async def first_payment(self) -> datetime | None:
        """Return when the first payment attempt was made."""
        return await self._session.scalar(
            sa.select(col(PaymentAttempt.created_at))
            .where(_OURS)
            .order_by(col(PaymentAttempt.created_at))
            .limit(1)
        )

    async def mark_checked(self, attempt_ids: list[str], at: datetime) -> None:
        """Record that Stripe has these payments."""
        await self._session.execute(
            sa.update(PaymentAttempt)
            .where(col(PaymentAttempt.id).in_(attempt_ids))
            .values(reconciled_at=at)
            .execution_options(synchronize_session=False)
        )

    async def payments(
        self, since: datetime, after: tuple[datetime, str] | None, limit: int
    ) -> list[PaymentAttempt]:
        """Return our attempts since a moment, oldest first."""
        created_at, attempt_id = col(PaymentAttempt.created_at), col(PaymentAttempt.id)
        query = sa.select(PaymentAttempt).where(created_at >= since, _OURS)
        if after is not None:
            column_type = PaymentAttempt.__table__.c.created_at.type  # type: ignore[attr-defined]
            query = query.where(
                sa.tuple_(created_at, attempt_id)
                > sa.tuple_(sa.literal(after[0], column_type), sa.literal(after[1]))
            )
        return list(
            (await self._session.scalars(query.order_by(created_at, attempt_id).limit(limit))).all()
        )

    async def by_sessions(self, ids: list[str]) -> dict[str, PaymentAttempt]:
        """Return our attempts of these sessions, fresh from the database."""
        query = sa.select(PaymentAttempt).where(col(PaymentAttempt.session_id).in_(ids))
        fresh = query.execution_options(populate_existing=True)
        return {str(a.session_id): a for a in (await self._session.scalars(fresh)).all()}

    async def by_payments(self, ids: list[str]) -> dict[str, PaymentAttempt]:
        """Return our attempts that these PaymentIntents paid."""
        query = sa.select(PaymentAttempt).where(
            col(PaymentAttempt.payment_intent_id).in_(ids), _OURS
        )
        return {str(a.payment_intent_id): a for a in (await self._session.scalars(query)).all()}

    async def wrong_places(self) -> list[WrongPlaces]:
        """Return the courses whose counters are not the number of their live bookings."""
        held = _number_of(SeatState.HELD)
        confirmed = _number_of(SeatState.CONFIRMED)
        query = (
            sa.select(Course, held, confirmed)
            .outerjoin(Booking, col(Booking.course_id) == col(Course.id))
            .group_by(col(Course.id))
            .having(sa.or_(held != col(Course.held), confirmed != col(Course.confirmed)))
        )
        rows = (await self._session.execute(query)).all()
        return [WrongPlaces(c.id, c.title, (c.held, c.confirmed), (h, k)) for c, h, k in rows]

    async def wrong_waiting(self) -> list[WrongPlaces]:
        """Return the courses whose count of people who wait is not that of their entries."""
        waits = col(WaitingListEntry.state) == EntryState.WAITING.value
        number = sa.func.coalesce(sa.func.sum(sa.case((waits, 1), else_=0)), 0)
        query = (
            sa.select(Course, number)
            .outerjoin(WaitingListEntry, col(WaitingListEntry.course_id) == col(Course.id))
            .group_by(col(Course.id))
            .having(number != col(Course.waiting))
        )
        rows = (await self._session.execute(query)).all()
        return [WrongPlaces(c.id, c.title, (c.waiting, 0), (n, 0)) for c, n in rows]

    async def stray_offers(self) -> list[tuple[str, str]]:
        """Return entries whose state is not that of their place, each with its booking."""
        is_offered = col(WaitingListEntry.state) == EntryState.OFFERED.value
        is_held = col(Booking.place) == SeatState.HELD.value
        query = (
            sa.select(col(WaitingListEntry.id), col(Booking.id))
            .join(Booking, col(Booking.id) == col(WaitingListEntry.booking_id))
            .where(is_offered, ~is_held)
        )
        return [(entry, booking) for entry, booking in (await self._session.execute(query)).all()]


def _number_of(place: SeatState) -> sa.ColumnElement[int]:
    matches = sa.case((col(Booking.place) == place.value, 1), else_=0)
    return sa.func.coalesce(sa.func.sum(matches), 0)


def _run(row: Reconciliation) -> Run:
    return Run(
        name=row.name,
        since=row.since,
        started_at=row.started_at,
        stage=Stage(row.stage),
        cursor=row.cursor,
        looked_at=row.looked_at,
        differences=tuple(Difference(**fields) for fields in row.found),
        finished_at=row.finished_at,
    )
