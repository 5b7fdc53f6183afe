"""A student's bookings by section: the count of each section, and pages of one."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.booking import SeatState
from coursebook.domain.search import IN_HEAD, typed_words
from coursebook.domain.section import Section
from coursebook.persistence.course_search.index import matching_course_ids
from coursebook.persistence.schema.keyset import Key, above, below
from coursebook.persistence.schema.tables import Booking, Course


@dataclass(frozen=True)
class BookingFilter:
    """The bookings of one user with every word of `q` and a seat state in `places` (None: any).

    `now` decides which courses are over.
    """

    user_id: str
    now: datetime
    q: str = ""
    places: tuple[SeatState, ...] | None = None


class BookingSections:
    """Queries over `booking` and `course`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"

    async def counts(self, criteria: BookingFilter) -> dict[Section, int]:
        """Return how many bookings each section has; empty sections are left out."""
        section = _section_at(criteria.now).label("section")
        each = (
            sa.select(section).select_from(Booking).join(Course).where(*self._conditions(criteria))
        )
        sections = each.subquery()
        query = sa.select(sections.c.section, sa.func.count()).group_by(sections.c.section)
        rows = await self._session.execute(query)
        return {Section(name): count for name, count in rows}

    async def page(
        self, criteria: BookingFilter, section: Section, after: Key | None, limit: int
    ) -> list[tuple[Booking, Course]]:
        """Return bookings of one section after a key, in the order of the section.

        Upcoming: the soonest first. Past: the latest first. Others: the newest first.
        """
        moment = _moment_of(section)
        query = sa.select(Booking, Course).join(Course)
        query = query.where(*self._conditions(criteria), _section_at(criteria.now) == section.value)
        if section is Section.UPCOMING:
            query = query.order_by(col(moment), col(Booking.id))
        else:
            query = query.order_by(col(moment).desc(), col(Booking.id).desc())
        if after is not None:
            beyond = above if section is Section.UPCOMING else below
            query = query.where(beyond(moment, Booking.id, after))
        rows = await self._session.execute(query.limit(limit))
        return [(booking, course) for booking, course in rows]

    def _conditions(self, criteria: BookingFilter) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = [col(Booking.user_id) == criteria.user_id]
        if criteria.places is not None:
            conditions.append(col(Booking.place).in_([place.value for place in criteria.places]))
        words = tuple((word,) for word in typed_words(criteria.q))
        if words:
            course_ids = matching_course_ids(words, IN_HEAD, is_sqlite=self._is_sqlite)
            conditions.append(col(Booking.course_id).in_(course_ids))
        return conditions


def key_of(section: Section, booking: Booking, course: Course) -> Key:
    """Return the key of a row in the order of its section."""
    by_start = section in (Section.UPCOMING, Section.PAST)
    return (course.starts_at if by_start else booking.created_at), booking.id


def _moment_of(section: Section) -> datetime:
    by_start = section in (Section.UPCOMING, Section.PAST)
    return Course.starts_at if by_start else Booking.created_at


def _section_at(now: datetime) -> sa.Case[str]:
    place, hold = col(Booking.place), col(Booking.hold_expires_at)
    has_begun, is_over = col(Course.starts_at) <= now, col(Course.ends_at) <= now
    return sa.case(
        (place == SeatState.CANCELLED.value, Section.CANCELLED.value),
        (sa.and_(place == SeatState.HELD.value, hold.is_not(None)), Section.NEEDS_ACTION.value),
        (place == SeatState.HELD.value, Section.UPCOMING.value),
        (sa.and_(place == SeatState.CONFIRMED.value, ~is_over), Section.UPCOMING.value),
        (sa.and_(place == SeatState.EXPIRED.value, ~has_begun), Section.NEEDS_ACTION.value),
        else_=Section.PAST.value,
    )
