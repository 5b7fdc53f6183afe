"""The audit trail. Rows are only ever added."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.actor import Actor
from coursebook.persistence.engine.new_rows import Part
from coursebook.persistence.schema.tables import AuditEntry, Booking


@dataclass(frozen=True)
class Change:
    """One change of state. `subject` names what changed, such as `booking` or `attempt 2`.

    `cause` is a sentence or word of the program's, with ids at most: the trail is never changed, so
    what a person typed (a reason, a note, a name) stands in a column that can be emptied.

    `about` says what kind of thing a change without a booking is about: `course`, `team`,
    `settings`, `message` or `export`.
    """

    booking_id: str | None
    subject: str
    event: str
    from_state: str | None
    to_state: str | None
    cause: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    course_id: str | None = None
    about: str = ""


class Audit:
    """The table `audit_entry`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._rows: list[dict[str, Any]] = []

    def write(self, change: Change, *, actor: Actor, request_id: str, now: datetime) -> None:
        """Queue the row of a change, with its actor and its request. `flush` inserts it."""
        self._rows.append(
            {
                "at": now,
                "booking_id": change.booking_id,
                "course_id": change.course_id,
                "about": change.about,
                "subject": change.subject,
                "actor": str(actor)[
                    :160
                ],  # it may hold an id of Stripe's that is longer than the column
                "event": change.event,
                "from_state": change.from_state,
                "to_state": change.to_state,
                "cause": change.cause,
                "request_id": request_id,
                "data": change.data,
            }
        )

    def take_rows(self) -> Part:
        """Return the queued rows, in order, to be inserted after the changes they describe."""
        rows, self._rows = self._rows, []
        return AuditEntry.__table__, rows  # type: ignore[attr-defined]

    async def last(self, booking_id: str, event: str) -> datetime | None:
        """Return when an event last happened to a booking, None if it never did."""
        query = sa.select(sa.func.max(col(AuditEntry.at))).where(
            col(AuditEntry.booking_id) == booking_id,
            col(AuditEntry.subject) == "booking",
            col(AuditEntry.event) == event,
        )
        return await self._session.scalar(query)

    async def of_booking(self, booking_id: str) -> list[AuditEntry]:
        """Return the audit entries of a booking, in order."""
        query = sa.select(AuditEntry).where(col(AuditEntry.booking_id) == booking_id)
        return list((await self._session.scalars(query.order_by(col(AuditEntry.id)))).all())

    async def page_of_course(
        self,
        course_id: str,
        before: int | None,
        limit: int,
        *,
        hidden: Collection[str] | None = None,
    ) -> list[AuditEntry]:
        """Return rows of a course and of its bookings, the newest first, below the key `before`.

        With `hidden` only those of places and of the course itself, without these events. Rows of
        bookings that name no course are those of the course that the booking is on now.
        """
        entry, key = AuditEntry, col(AuditEntry.id)
        own = sa.select(col(Booking.id)).where(col(Booking.course_id) == course_id)
        wheres = (
            col(entry.course_id) == course_id,
            col(entry.course_id).is_(None) & col(entry.booking_id).in_(own),
        )
        places = (col(entry.subject) == "booking") & col(entry.event).not_in(hidden or ())
        rows: list[AuditEntry] = []
        for where in wheres:  # each has its index, which a query of both would not use
            query = sa.select(entry).where(where)
            if before is not None:
                query = query.where(key < before)
            if hidden is not None:
                query = query.where(col(entry.booking_id).is_(None) | places)
            rows += (await self._session.scalars(query.order_by(key.desc()).limit(limit))).all()
        return sorted(rows, key=lambda row: -(row.id or 0))[:limit]

    async def page_of_all(self, before: int | None, limit: int) -> list[AuditEntry]:
        """Return rows about everything, the newest first, below the key `before`."""
        key = col(AuditEntry.id)
        query = sa.select(AuditEntry).order_by(key.desc()).limit(limit)
        if before is not None:
            query = query.where(key < before)
        return list((await self._session.scalars(query)).all())

    async def of_bookings(self, booking_ids: list[str]) -> dict[str, list[AuditEntry]]:
        """Return the audit entries of several bookings in one query, in order."""
        query = (
            sa.select(AuditEntry)
            .where(col(AuditEntry.booking_id).in_(booking_ids))
            .order_by(col(AuditEntry.booking_id), col(AuditEntry.id))
        )
        by_booking: dict[str, list[AuditEntry]] = {}
        for entry in (await self._session.scalars(query)).all():
            by_booking.setdefault(str(entry.booking_id), []).append(entry)
        return by_booking
