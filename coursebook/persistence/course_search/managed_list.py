"""The lists of courses on the operator's side: every course, by state.

Each list walks an index in its own order, so that a page costs the same among many courses.
"""

import operator
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.course import MAX_DURATION
from coursebook.domain.course_edits.course_state import CourseList
from coursebook.persistence.course_search.course_list_row import LISTED, ListedCourse
from coursebook.persistence.course_search.courses import Key, Sort, in_order
from coursebook.persistence.course_search.index import Terms
from coursebook.persistence.schema.columns import IS_LONG_COURSE
from coursebook.persistence.schema.tables import Course, CourseStatus

SHORT = timedelta(days=2)
"""A course that lasts longer is in the index of long courses."""

MAX_COUNTED = 999
"""A list with more courses is not counted further."""


@dataclass(frozen=True)
class ManagedFilter:
    """The filters of a list. Empty values match all; `course_ids` None is no restriction.

    `teacher` is the name that the course shows. A course must have all `terms`.
    """

    listed: CourseList
    now: datetime
    terms: Terms = ()
    teacher: str = ""
    course_ids: frozenset[str] | None = None
    starts_from: datetime | None = None
    series_id: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions, without the words."""
        clauses = [*self._state()]
        if self.teacher:
            clauses.append(col(Course.instructor) == self.teacher)
        if self.series_id:
            clauses.append(col(Course.series_id) == self.series_id)
        if self.course_ids is not None:
            clauses.append(col(Course.id).in_(self.course_ids))
        return clauses

    def _state(self) -> list[sa.ColumnElement[bool]]:
        is_archived = col(Course.archived_at).is_not(None)
        if self.listed is CourseList.ARCHIVED:
            return [is_archived]
        status = {
            CourseList.DRAFTS: CourseStatus.DRAFT,
            CourseList.CANCELLED: CourseStatus.CANCELLED,
        }.get(self.listed, CourseStatus.PUBLISHED)
        clauses = [sa.not_(is_archived), col(Course.status) == status.value]
        starts_at, ends_at = col(Course.starts_at), col(Course.ends_at)
        if self.listed is CourseList.UPCOMING:
            clauses.append(ends_at > self.now)
        elif self.listed is CourseList.PAST:  # a bound for the index over the start as well
            clauses += [ends_at <= self.now, starts_at < self.now]
        return clauses


class ManagedList:
    """Pages of the lists."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, chosen: ManagedFilter, sort: Sort, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        """Return courses after a key (sort value, id), at most `limit`."""
        if chosen.listed is CourseList.UPCOMING and sort == "starts_at":
            return await self._upcoming(chosen, after, limit)
        return await self._rows(chosen.conditions(), sort, after, limit)

    async def counts(self, now: datetime, course_ids: frozenset[str] | None) -> dict[str, int]:
        """Return how many courses are in each list, by its name; more than a limit are not counted.

        It is one query, and each of its parts stops at the limit.
        """
        parts = []
        for listed in CourseList:
            chosen = ManagedFilter(listed, now, course_ids=course_ids)
            clauses = chosen.conditions()
            groups = self._upcoming_groups(chosen) if listed is CourseList.UPCOMING else [clauses]
            counts = [_count(group) for group in groups]
            parts.append(reduce(operator.add, counts).label(listed.value))
        row = (await self._session.execute(sa.select(*parts))).mappings().one()
        return {str(name): min(int(count), MAX_COUNTED + 1) for name, count in row.items()}

    async def whole(self, course_ids: Collection[str]) -> list[Course]:
        """Return courses with all their columns, also the long texts, in any order."""
        query = sa.select(Course).where(col(Course.id).in_(course_ids))
        return list((await self._session.scalars(query)).all())

    def _upcoming_groups(self, chosen: ManagedFilter) -> list[list[Any]]:
        """Return the conditions of courses that began days ago, and those of all others."""
        starts_at, boundary = col(Course.starts_at), chosen.now - SHORT
        is_long = IS_LONG_COURSE[self._session.get_bind().dialect.name]
        long = [starts_at <= boundary, is_long, starts_at > chosen.now - MAX_DURATION]
        return [
            [*chosen.conditions(), *long],
            [*chosen.conditions(), starts_at > boundary],
        ]

    async def _upcoming(
        self, chosen: ManagedFilter, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        """Return courses that are not over by their start: first those that began days ago.

        They are in an index of long courses; all others would be walked through from a year ago.
        """
        rows: list[ListedCourse] = []
        long, others = self._upcoming_groups(chosen)
        if after is None or after[0] <= chosen.now - SHORT:
            rows = await self._rows(long, "starts_at", after, limit)
        if len(rows) < limit:
            rows += await self._rows(others, "starts_at", after, limit - len(rows))
        return rows

    async def _rows(
        self, clauses: Sequence[Any], sort: Sort, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        query = in_order(sa.select(*LISTED).where(*clauses), sort, after, limit)
        return [ListedCourse._make(row) for row in await self._session.execute(query)]


def _count(clauses: Sequence[Any]) -> sa.ScalarSelect[int]:
    """Return the number of courses as a scalar, at most one more than are counted."""
    some = sa.select(sa.literal(1)).select_from(Course).where(*clauses).limit(MAX_COUNTED + 1)
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()
