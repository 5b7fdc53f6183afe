"""Courses: public lists, and one row under lock to change its seats."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.admission import CourseState
from coursebook.domain.booking import SeatState
from coursebook.domain.seats import Seats
from coursebook.persistence.course_search.course_filter import (
    CourseFilter,
    conditions,
    public_conditions,
    with_dates,
)
from coursebook.persistence.course_search.course_list_row import LISTED, ListedCourse
from coursebook.persistence.course_search.index import index_course
from coursebook.persistence.schema.insert import insert_once
from coursebook.persistence.schema.tables import Booking, Course, CourseStatus, User

Sort = Literal["starts_at", "starts_at_down", "price", "title", "price_down", "newest"]
Key = tuple[Any, str]
COLUMNS: dict[Sort, Any] = {
    "starts_at": col(Course.starts_at),
    "starts_at_down": col(Course.starts_at),
    "price": col(Course.price),
    "title": col(Course.title),
    "price_down": col(Course.price),
    "newest": col(Course.created_at),
}
DESCENDING = ("starts_at_down", "price_down", "newest")
MAX_CACHED_QUERIES = 256

# Queries of every booking are built once, so that SQLAlchemy finds their compiled form.
_NAME: Any = sa.bindparam("name")
_BY_NAME = sa.or_(col(Course.id) == _NAME, col(Course.slug) == _NAME)
_WHOLE = sa.select(Course).where(_BY_NAME)
_SHOWN = sa.select(*LISTED).where(_BY_NAME)
STATE_COLUMNS: tuple[Any, ...] = tuple(
    getattr(Course, name)
    for name in (
        "status",
        "archived_at",
        "starts_at",
        "ends_at",
        "capacity",
        "held",
        "confirmed",
        "is_open",
        "booking_closes_at",
        "waiting",
    )
)
"""What `state_of` reads of a row."""
_FREE = col(Course.capacity) - col(Course.held) - col(Course.confirmed)
_BOOKED = sa.exists().where(
    col(Booking.user_id) == col(User.id),
    col(Booking.course_id) == col(Course.id),
    col(Booking.place) != SeatState.CANCELLED.value,
)
_ENTRANCE = (
    sa.select(col(Course.id), _FREE, User, _BOOKED.correlate(User, Course))
    .outerjoin(User, col(User.subject) == sa.bindparam("subject"))
    .where(_BY_NAME)
)
_TAKE_PLACE = (
    sa.update(Course)
    .where(col(Course.id) == _NAME, _FREE > 0)
    .values(held=col(Course.held) + 1, updated_at=sa.bindparam("now"))
    .returning(Course)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_UNDER_LOCK = sa.select(Course).with_for_update().execution_options(populate_existing=True)
_LOCKED = _UNDER_LOCK.where(col(Course.id) == _NAME)
_LOCKED_OF = _UNDER_LOCK.where(
    col(Course.id)
    == sa.select(col(Booking.course_id)).where(col(Booking.id) == _NAME).scalar_subquery()
)


@dataclass(frozen=True)
class Entrance:
    """What a person finds who asks for a place: the course, its free places, and themselves.

    `has_booking`: they have a booking there that was not cancelled. Read without a lock.
    """

    course_id: str
    left: int
    user: User | None
    has_booking: bool


class Courses:
    """The table `course`."""

    def __init__(self, session: AsyncSession) -> None:
        """`locked` has every course that this transaction locked, by id."""
        self._session = session
        self.locked: dict[str, Course] = {}

    @cached_property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def published(
        self, chosen: CourseFilter, sort: Sort, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        """Return published courses after a key (sort value, id), at most `limit`."""
        query = _listing(chosen.without_moments(), sort, after, limit, self._is_sqlite)
        rows = await self._session.execute(query, chosen.moments)
        return [ListedCourse._make(row) for row in rows]

    async def slugs(self, starts_from: datetime, limit: int) -> list[str]:
        """Return at most `limit` slugs of upcoming published courses, the next first."""
        query = sa.select(col(Course.slug)).where(
            *public_conditions(), col(Course.starts_at) >= starts_from
        )
        query = query.order_by(col(Course.starts_at), col(Course.id)).limit(limit)
        return list((await self._session.scalars(query)).all())

    async def count_published(self, chosen: CourseFilter, limit: int) -> int:
        """Count the courses that `published` lists, up to `limit`."""
        query = _count_of(chosen.without_moments(), limit, self._is_sqlite)
        return (await self._session.scalar(query, chosen.moments)) or 0

    async def words(
        self, name: Literal["category", "level", "currency"], starts_from: datetime | None = None
    ) -> list[str]:
        """Return the categories (levels, currencies) of published courses, in order.

        A loose index scan: the cost depends on the number of values, not of courses.
        """
        column = col(getattr(Course, name))
        listed = public_conditions()
        values = sa.select(sa.func.min(column).label("word")).where(*listed).cte(recursive=True)
        next_value = sa.select(sa.func.min(column)).where(*listed, column > values.c.word)
        values = values.union_all(
            sa.select(next_value.scalar_subquery()).where(values.c.word.is_not(None))
        )
        query = sa.select(values.c.word).where(values.c.word.is_not(None))
        if starts_from is not None:
            ahead = col(Course.starts_at) >= starts_from
            query = query.where(sa.exists().where(*listed, column == values.c.word, ahead))
        return [str(word) for word in (await self._session.scalars(query)).all()]

    async def find(self, id_or_slug: str) -> Course | None:
        """Return a course by its id or slug, whatever its status."""
        return (await self._session.scalars(_WHOLE, {"name": id_or_slug})).first()

    async def summary(self, id_or_slug: str) -> ListedCourse | None:
        """Return the list columns of a course by its id or slug, whatever its status."""
        row = (await self._session.execute(_SHOWN, {"name": id_or_slug})).first()
        return ListedCourse._make(row) if row else None

    async def entrance(self, id_or_slug: str, subject: str) -> Entrance | None:
        """Return what a person finds who asks for a place, in one query.

        None if there is no such course. `subject` is a Clerk user id; the person may be unknown.
        """
        parameters = {"name": id_or_slug, "subject": subject}
        row = (await self._session.execute(_ENTRANCE, parameters)).first()
        return None if row is None else Entrance(*row)

    async def id_of_slug(self, slug: str) -> str | None:
        """Return the id of the course that has this slug now, or None."""
        return await self._session.scalar(sa.select(col(Course.id)).where(col(Course.slug) == slug))

    async def by_ids(self, course_ids: set[str]) -> dict[str, Course]:
        """Return these courses by id, in one query."""
        query = sa.select(Course).where(col(Course.id).in_(course_ids))
        return {course.id: course for course in (await self._session.scalars(query)).all()}

    async def by_slugs(self, slugs: set[str], *, is_locking: bool = False) -> dict[str, Course]:
        """Return these courses by slug in one query; on request under their row locks.

        The locks are taken in the order of the ids, as every caller takes them.
        """
        query = _UNDER_LOCK if is_locking else sa.select(Course)
        query = query.where(col(Course.slug).in_(slugs)).order_by(col(Course.id))
        courses = (await self._session.scalars(query)).all()
        if is_locking:
            self.locked |= {course.id: course for course in courses}
        return {course.slug: course for course in courses}

    async def lock(self, course_id: str) -> Course | None:
        """Return a course under its row lock, fresh from the database.

        PostgreSQL locks the row; SQLite holds its write lock since BEGIN IMMEDIATE.
        """
        return self._noted((await self._session.scalars(_LOCKED, {"name": course_id})).first())

    async def take_place(self, course_id: str, now: datetime) -> Course | None:
        """Count one more held place, and return the course under its row lock.

        One statement checks, counts and locks. None when no place is left: nothing is locked then.
        """
        parameters = {"name": course_id, "now": now}
        return self._noted((await self._session.scalars(_TAKE_PLACE, parameters)).first())

    async def lock_course_of(self, booking_id: str) -> Course | None:
        """Return the course of a booking under its row lock, fresh from the database."""
        return self._noted((await self._session.scalars(_LOCKED_OF, {"name": booking_id})).first())

    def _noted(self, course: Course | None) -> Course | None:
        if course is not None:
            self.locked[course.id] = course
        return course

    def put_seats(self, course: Course, seats: Seats, now: datetime) -> None:
        """Write the counts of a locked course."""
        course.held = seats.held
        course.confirmed = seats.confirmed
        course.updated_at = now

    async def any_exists(self) -> bool:
        """Return whether any course exists, whatever its status."""
        return await self._session.scalar(sa.select(col(Course.id)).limit(1)) is not None

    async def add_once(self, values: dict[str, Any]) -> bool:
        """Add a course unless its slug is taken. Returns whether it was added."""
        is_added = await insert_once(self._session, Course, values, ["slug"])
        if is_added:
            await (await self._session.connection()).run_sync(index_course, values)
        return is_added

    def add(self, course: Course) -> None:
        """Add a new course. The flush also writes it to the search index."""
        self._session.add(course)


@lru_cache(maxsize=MAX_CACHED_QUERIES)
def _listing(
    chosen: CourseFilter,
    sort: Sort,
    after: Key | None,
    limit: int,
    is_sqlite: bool,  # noqa: FBT001
) -> sa.Select[Any]:
    """Return the cached query for a page of a list, with STARTS_FROM as a parameter."""
    query = sa.select(*LISTED).where(*conditions(chosen, is_sqlite=is_sqlite))
    page = in_order(query, sort, after, limit)
    return page_with_dates(page, chosen, sort, is_sqlite=is_sqlite)


def page_with_dates(
    page: sa.Select[Any], chosen: CourseFilter, sort: Sort, *, is_sqlite: bool
) -> sa.Select[Any]:
    """Return the query of a page in this order, with the dates of each series if it is grouped."""
    order = (COLUMNS[sort].key, "id")
    is_descending = sort in DESCENDING
    return with_dates(page, chosen, order, is_sqlite=is_sqlite, is_descending=is_descending)


@lru_cache(maxsize=MAX_CACHED_QUERIES)
def _count_of(
    chosen: CourseFilter,
    limit: int,
    is_sqlite: bool,  # noqa: FBT001
) -> sa.Select[Any]:
    """Return the cached query that counts a list up to `limit`."""
    clauses = conditions(chosen, is_sqlite=is_sqlite, is_counting=True)
    some = sa.select(sa.literal(1)).select_from(Course).where(*clauses).limit(limit)
    if chosen.grouped_at is not None:  # the next dates are those that are counted
        some = some.order_by(col(Course.starts_at), col(Course.id))
    return sa.select(sa.func.count()).select_from(some.subquery())


def seats_of(course: Any) -> Seats:  # noqa: ANN401 - any row with these three columns
    """Return the seats of a course row."""
    return Seats(course.capacity, course.held, course.confirmed)


def is_public(course: Course | ListedCourse) -> bool:
    """Tell whether anybody may see the page of a course: no draft, and not archived."""
    return course.status != CourseStatus.DRAFT.value and course.archived_at is None


def state_of(course: Any) -> CourseState:  # noqa: ANN401 - any row with the STATE_COLUMNS
    """Return the facts of a course row that `domain/admission.py` needs."""
    return CourseState(
        is_published=course.status == CourseStatus.PUBLISHED.value and course.archived_at is None,
        is_cancelled=course.status == CourseStatus.CANCELLED.value,
        starts_at=course.starts_at,
        ends_at=course.ends_at,
        left=seats_of(course).left,
        is_open=course.is_open,
        booking_closes_at=course.booking_closes_at,
        somebody_waits=course.waiting > 0,
    )


def in_order(query: sa.Select[Any], sort: Sort, after: Key | None, limit: int) -> sa.Select[Any]:
    """Order the query, and limit it to the page after a key (sort value, id)."""
    pair: tuple[Any, Any] = (COLUMNS[sort], col(Course.id))
    if after is not None:
        row, last_row = sa.tuple_(*pair), sa.tuple_(*map(sa.literal, after, (c.type for c in pair)))
        query = query.where(row < last_row if sort in DESCENDING else row > last_row)
    order = [column.desc() for column in pair] if sort in DESCENDING else pair
    return query.order_by(*order).limit(limit)
