"""Courses by words: closest first or soonest first, page by page, however many there are.

The index gives what fits in order of time, so a page is read without looking at the rest.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.search import ANYWHERE, IN_TITLE, nearest, spellings_to_try
from coursebook.persistence.course_filter import CourseFilter, narrowed
from coursebook.persistence.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.searching import FTS_KEY, course_fts, has, key_at, match
from coursebook.persistence.tables import Course

MOST_KNOWN = 400
"""Words that are compared with a mistyped one; more share its spellings only by chance."""
Place = tuple[int, int]
"""Where a page ended: how close the last course was (1: its title), and its key."""


class Finding:
    """The search over courses."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"

    async def page(
        self, chosen: CourseFilter, after: Place | None, limit: int, *, closest_first: bool
    ) -> list[tuple[Course, Place]]:
        """Return courses that have the words, at most `limit`, after the place of another page.

        Within one level of closeness they come by their start. Without `closest_first` there is
        one level only.
        """
        found: list[tuple[Course, Place]] = []
        first = after[0] if after else (IN_TITLE if closest_first else ANYWHERE)
        for level in range(first, ANYWHERE + 1):
            last_key = after[1] if after and level == first else None
            matching = match(chosen.terms, level, is_sqlite=self._is_sqlite, beyond=closest_first)
            rows = await self._level(chosen, matching, last_key, limit - len(found))
            found += [(course, (level, key)) for course, key in rows]
            if len(found) == limit:
                break
        return found

    async def count(self, chosen: CourseFilter, most: int) -> int:
        """Count the courses that have the words, up to `most`."""
        matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
        query = self._found(chosen, matching, sa.literal(1)).order_by(self._key()).limit(most)
        counted = sa.select(sa.func.count()).select_from(query.subquery())
        return (await self._session.scalar(counted)) or 0

    async def is_known(self, word: str) -> bool:
        """Tell whether any course has a word that begins so."""
        matching = match(((word,),), ANYWHERE, is_sqlite=self._is_sqlite)
        condition = has(matching, is_sqlite=self._is_sqlite)
        source = course_fts if self._is_sqlite else CourseSearch
        query = sa.select(sa.literal(1)).select_from(source).where(condition).limit(1)
        return await self._session.scalar(query) is not None

    async def meant(self, typed: str) -> list[str]:
        """Return the words of courses that somebody may have meant, the likeliest first."""
        spellings = sorted(spellings_to_try(typed))
        word = col(SearchSpelling.word)
        query = sa.select(word).where(col(SearchSpelling.spelling).in_(spellings))
        query = query.group_by(word).order_by(sa.func.count().desc(), word).limit(MOST_KNOWN)
        return nearest(typed, (await self._session.scalars(query)).all()) if spellings else []

    async def _level(
        self, chosen: CourseFilter, matching: str, last_key: int | None, limit: int
    ) -> list[tuple[Course, int]]:
        key = self._key()
        query = self._found(chosen, matching, Course, key).order_by(key).limit(limit)
        if last_key is not None:
            query = query.where(key > last_key)
        return [(course, int(at)) for course, at in (await self._session.execute(query)).all()]

    def _found(self, chosen: CourseFilter, matching: str, *columns: Any) -> sa.Select[Any]:  # noqa: ANN401 - what a SELECT takes
        """Return the question; the earliest start is told to the index as a key as well."""
        query = sa.select(*columns).select_from(Course)
        query = query.join(CourseSearch, col(CourseSearch.course_id) == col(Course.id))
        if self._is_sqlite:
            query = query.join(course_fts, col(CourseSearch.key) == FTS_KEY)
        query = query.where(has(matching, is_sqlite=self._is_sqlite), *narrowed(chosen))
        if chosen.starts_from is not None:
            query = query.where(self._key() >= key_at(chosen.starts_from))
        return query

    def _key(self) -> Any:  # noqa: ANN401 - a column of one of two kinds
        return course_fts.c.rowid if self._is_sqlite else col(CourseSearch.key)
