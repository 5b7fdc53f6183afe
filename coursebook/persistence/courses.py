"""Courses: lists for everybody, one row under lock for whoever changes its places."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.seats import Seats
from coursebook.persistence.insert import insert_once
from coursebook.persistence.tables import Course, CourseStatus

Sort = Literal["starts_at", "price", "title"]
Key = tuple[Any, str]
MOST_WORDS = 8


@dataclass(frozen=True)
class CourseFilter:
    """What a list of courses is narrowed by; empty values do not narrow."""

    q: str = ""
    category: str = ""
    level: str = ""
    starts_from: datetime | None = None
    starts_to: datetime | None = None
    price_max: int | None = None
    available: bool = False


class Courses:
    """The table `course`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def published(
        self, chosen: CourseFilter, sort: Sort, after: Key | None, limit: int
    ) -> list[Course]:
        """Return published courses after a key (sort value, id), at most `limit`."""
        column = col(getattr(Course, sort))
        query = sa.select(Course).where(*_conditions(chosen)).order_by(column, col(Course.id))
        if after is not None:
            value, last_id = after
            query = query.where(
                sa.or_(column > value, sa.and_(column == value, col(Course.id) > last_id))
            )
        return list((await self._session.scalars(query.limit(limit))).all())

    async def count_published(self, chosen: CourseFilter) -> int:
        """Count what `published` would list in all."""
        query = sa.select(sa.func.count()).select_from(Course).where(*_conditions(chosen))
        return (await self._session.scalar(query)) or 0

    async def words(self) -> tuple[list[str], list[str]]:
        """Return the categories and the levels of published courses, in alphabetical order."""
        listed = col(Course.status) == CourseStatus.PUBLISHED.value
        kinds = sa.select(col(Course.category)).where(listed).distinct().order_by(Course.category)
        levels = sa.select(col(Course.level)).where(listed).distinct().order_by(Course.level)
        return (
            list((await self._session.scalars(kinds)).all()),
            list((await self._session.scalars(levels)).all()),
        )

    async def find(self, id_or_slug: str) -> Course | None:
        """Return a course by its id or slug, whatever its status."""
        query = sa.select(Course).where(
            sa.or_(col(Course.id) == id_or_slug, col(Course.slug) == id_or_slug)
        )
        return (await self._session.scalars(query)).first()

    async def by_ids(self, course_ids: set[str]) -> dict[str, Course]:
        """Return these courses by id, in one query."""
        query = sa.select(Course).where(col(Course.id).in_(course_ids))
        return {course.id: course for course in (await self._session.scalars(query)).all()}

    async def lock(self, course_id: str) -> Course | None:
        """Return a course under its row lock, fresh from the database.

        PostgreSQL locks the row; SQLite holds its write lock since BEGIN IMMEDIATE.
        """
        query = (
            sa.select(Course)
            .where(col(Course.id) == course_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return (await self._session.scalars(query)).first()

    def put_seats(self, course: Course, seats: Seats, now: datetime) -> None:
        """Write the counts of a locked course."""
        course.held = seats.held
        course.confirmed = seats.confirmed
        course.updated_at = now

    async def any_exists(self) -> bool:
        """Tell whether there is any course, whatever its status."""
        return await self._session.scalar(sa.select(col(Course.id)).limit(1)) is not None

    async def add_once(self, values: dict[str, Any]) -> bool:
        """Add a course unless its slug is taken. Returns whether it was added."""
        return await insert_once(self._session, Course, values, ["slug"])

    def add(self, course: Course) -> None:
        """Add a new course."""
        self._session.add(course)


def seats_of(course: Course) -> Seats:
    """Return the places of a course row."""
    return Seats(course.capacity, course.held, course.confirmed)


def _conditions(chosen: CourseFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [col(Course.status) == CourseStatus.PUBLISHED.value]
    words = chosen.q.lower().split()[:MOST_WORDS]
    found += [col(Course.search_text).contains(word, autoescape=True) for word in words]
    if chosen.category:
        found.append(sa.func.lower(col(Course.category)) == chosen.category.lower())
    if chosen.level:
        found.append(sa.func.lower(col(Course.level)) == chosen.level.lower())
    if chosen.starts_from:
        found.append(col(Course.starts_at) >= chosen.starts_from)
    if chosen.starts_to:
        found.append(col(Course.starts_at) <= chosen.starts_to)
    if chosen.price_max is not None:
        found.append(col(Course.price) <= chosen.price_max)
    if chosen.available:
        found.append(col(Course.held) + col(Course.confirmed) < col(Course.capacity))
    return found
