"""Series: the dates of one, and courses that are on between two moments."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.persistence.schema.columns import UtcDateTime
from coursebook.persistence.schema.folded_text import fold, folded
from coursebook.persistence.schema.tables import Course, CourseStatus, Meeting, Series


class BusyTime(NamedTuple):
    """A meeting of a course that takes place, or a course without meetings of its own."""

    course_id: str
    title: str
    teacher: str
    is_online: bool
    place: str
    starts_at: datetime
    ends_at: datetime


class SeriesDates:
    """The table `series`, and the courses that are its dates."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, series_id: str) -> Series | None:
        """Return a series under its row lock."""
        query = sa.select(Series).where(col(Series.id) == series_id).with_for_update()
        return (await self._session.scalars(query)).first()

    async def find(self, id_or_slug: str) -> Series | None:
        """Return a series by its id or slug."""
        either = sa.or_(col(Series.id) == id_or_slug, col(Series.slug) == id_or_slug)
        return (await self._session.scalars(sa.select(Series).where(either))).first()

    async def is_slug_free(self, slug: str) -> bool:
        """Return whether no series has this slug."""
        query = sa.select(col(Series.id)).where(col(Series.slug) == slug)
        return await self._session.scalar(query) is None

    def add(self, series: Series) -> None:
        """Add a new series."""
        self._session.add(series)

    async def offered(self, series_id: str) -> list[Course]:
        """Return the dates of a series that are neither cancelled nor archived, by their start."""
        query = sa.select(Course).where(col(Course.series_id) == series_id, *_takes_place())
        query = query.order_by(col(Course.starts_at), col(Course.id))
        return list((await self._session.scalars(query)).all())

    async def busy_times(
        self, teacher: str, place: str, after: datetime, before: datetime
    ) -> list[BusyTime]:
        """Return the times of this teacher and this place ("" for none) between two moments."""
        moment = UtcDateTime()
        starts = sa.func.coalesce(col(Meeting.starts_at), col(Course.starts_at), type_=moment)
        ends = sa.func.coalesce(col(Meeting.ends_at), col(Course.ends_at), type_=moment)
        same = []
        if teacher:
            same.append(folded(col(Course.instructor)) == fold(teacher))
        if place:
            is_there = folded(col(Course.place_name)) == fold(place)
            same.append(sa.and_(col(Course.is_online).is_(False), is_there))
        if not same:
            return []
        query = (
            sa.select(
                col(Course.id),
                col(Course.title),
                col(Course.instructor),
                col(Course.is_online),
                col(Course.place_name),
                starts,
                ends,
                col(Course.unset),
            )
            .outerjoin(Meeting, col(Meeting.course_id) == col(Course.id))
            .where(
                *_takes_place(),
                col(Course.starts_at) < before,
                col(Course.ends_at) > after,
                col(Meeting.cancelled_at).is_(None),
                starts < before,
                ends > after,
                sa.or_(*same),
            )
            .order_by(starts, col(Course.id))
        )
        rows = await self._session.execute(query)
        return [BusyTime(*row[:-1]) for row in rows if not {"starts_at", "ends_at"} & {*row[-1]}]


def _takes_place() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Course.status) != CourseStatus.CANCELLED.value,
        col(Course.archived_at).is_(None),
    )
