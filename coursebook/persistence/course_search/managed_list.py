"""The lists of courses on the operator's side: every course, by state.

Each list walks an index in its own order, so that a page costs the same among many courses.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.course import MAX_DURATION
from coursebook.domain.course_edits.course_state import CourseList
from coursebook.persistence.course_search.course_list_row import LISTED, ListedCourse
from coursebook.persistence.course_search.courses import Key, Sort, in_order
from coursebook.persistence.course_search.index import Terms
from coursebook.persistence.schema.tables import Course, CourseStatus


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

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the conditions, without the words."""
        clauses = [*self._state()]
        if self.teacher:
            clauses.append(col(Course.instructor) == self.teacher)
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
        # The index is over the start: bound it as well.
        starts_at, ends_at = col(Course.starts_at), col(Course.ends_at)
        if self.listed is CourseList.UPCOMING:
            clauses += [ends_at > self.now, starts_at > self.now - MAX_DURATION]
        elif self.listed is CourseList.PAST:
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
        query = sa.select(*LISTED).where(*chosen.conditions())
        rows = await self._session.execute(in_order(query, sort, after, limit))
        return [ListedCourse._make(row) for row in rows]
