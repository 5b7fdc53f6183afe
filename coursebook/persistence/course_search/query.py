"""Courses by words: closest first or soonest first, page by page, however many there are.

The index gives what fits in order of time, so a page is read without looking at the rest.
"""

from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from coursebook.domain.search import ANYWHERE, IN_TITLE, nearest, spellings_to_try
from coursebook.persistence.course_search.course_filter import CourseFilter, narrowed
from coursebook.persistence.course_search.course_list_row import LISTED, ListedCourse
from coursebook.persistence.course_search.courses import Key, Sort, in_order
from coursebook.persistence.course_search.index import (
    FTS_KEY,
    Terms,
    course_fts,
    has,
    key_at,
    match,
)
from coursebook.persistence.schema.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.schema.tables import Course

FEW = 600
"""Up to so many courses PostgreSQL looks at all that have the words; else it walks in the order of
the list until a page is full. At 100,000 courses both cost about the same here."""
MOST_KNOWN = 400
"""Words that are compared with a mistyped one; more share its spellings only by chance."""
Place = tuple[int, int]
"""Where a page ended: how close the last course was (1: its title), and its key."""


class WordSearch:
    """The search over courses."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._known_few: dict[Terms, bool] = {}

    @cached_property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def page(
        self, chosen: CourseFilter, after: Place | None, limit: int, *, closest_first: bool
    ) -> list[tuple[ListedCourse, Place]]:
        """Return courses that have the words, at most `limit`, after the place of another page.

        Within one level of closeness they come by their start. Without `closest_first` there is
        one level only.
        """
        found: list[tuple[ListedCourse, Place]] = []
        are_few = await self._are_few(chosen)
        first = after[0] if after else (IN_TITLE if closest_first else ANYWHERE)
        for level in range(first, ANYWHERE + 1):
            matching = match(chosen.terms, level, is_sqlite=self._is_sqlite, beyond=closest_first)
            query, key = self._found(chosen, matching, *LISTED, are_few=are_few)
            query = query.add_columns(key).order_by(key).limit(limit - len(found))
            if after and level == first:
                query = query.where(key > after[1])
            rows = (await self._session.execute(query)).all()
            found += [(ListedCourse._make(row[:-1]), (level, int(row[-1]))) for row in rows]
            if len(found) == limit:
                break
        return found

    async def page_in_order(
        self, chosen: CourseFilter, sort: Sort, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        """Return courses that have the words in another order."""
        matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
        are_few = await self._are_few(chosen)
        query, _ = self._found(chosen, matching, *LISTED, are_few=are_few)
        found = await self._session.execute(in_order(query, sort, after, limit))
        return [ListedCourse._make(row) for row in found]

    async def count(self, chosen: CourseFilter, most: int) -> int:
        """Count the courses that have the words, up to `most`."""
        matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
        are_few = await self._are_few(chosen)
        query, key = self._found(chosen, matching, sa.literal(1), are_few=are_few)
        counted = sa.select(sa.func.count()).select_from(query.order_by(key).limit(most).subquery())
        return (await self._session.scalar(counted)) or 0

    async def is_known(self, word: str) -> bool:
        """Tell whether any course has a word that begins so."""
        matching = match(((word,),), ANYWHERE, is_sqlite=self._is_sqlite)
        condition = has(matching, is_sqlite=self._is_sqlite)
        if self._is_sqlite:
            some = sa.select(course_fts.c.rowid).where(condition).limit(1)
        else:  # asked for one only, it would look at every course to find none
            all_of_it = sa.select(col(CourseSearch.key)).where(condition).cte()
            some = sa.select(all_of_it.prefix_with("MATERIALIZED").c.key).limit(1)
        return await self._session.scalar(some) is not None

    async def meant(self, typed: str) -> list[str]:
        """Return the words of courses that somebody may have meant, the likeliest first."""
        spellings = sorted(spellings_to_try(typed))
        word = col(SearchSpelling.word)
        query = sa.select(word).where(col(SearchSpelling.spelling).in_(spellings))
        query = query.group_by(word).order_by(sa.func.count().desc(), word).limit(MOST_KNOWN)
        return nearest(typed, (await self._session.scalars(query)).all()) if spellings else []

    async def _are_few(self, chosen: CourseFilter) -> bool:
        """Tell whether few courses have the words. PostgreSQL guesses it wrongly for beginnings.

        It would walk over all courses in order of time to find the few.
        """
        if self._is_sqlite:
            return True
        if chosen.terms not in self._known_few:
            condition = has(match(chosen.terms, ANYWHERE, is_sqlite=False), is_sqlite=False)
            some = sa.select(col(CourseSearch.key)).where(condition).limit(FEW).subquery()
            count = await self._session.scalar(sa.select(sa.func.count()).select_from(some))
            self._known_few[chosen.terms] = (count or 0) < FEW
        return self._known_few[chosen.terms]

    def _found(
        self,
        chosen: CourseFilter,
        matching: str,
        *columns: Any,  # noqa: ANN401 - what a SELECT takes
        are_few: bool,
    ) -> tuple[sa.Select[Any], Any]:
        """Return the question, and the key that its courses can be ordered by."""
        condition = has(matching, is_sqlite=self._is_sqlite)
        query = sa.select(*columns).select_from(Course).where(*narrowed(chosen))
        if not self._is_sqlite and are_few:
            ids = sa.select(col(CourseSearch.key), col(CourseSearch.course_id)).where(condition)
            few = ids.cte("few").prefix_with("MATERIALIZED")
            return query.join(few, few.c.course_id == col(Course.id)), few.c.key
        query = query.join(CourseSearch, col(CourseSearch.course_id) == col(Course.id))
        query = query.where(condition)
        key: Any = col(CourseSearch.key)
        if self._is_sqlite:
            query, key = query.join(course_fts, key == FTS_KEY), course_fts.c.rowid
        if chosen.starts_from is not None:  # the index begins there at once
            query = query.where(key >= key_at(chosen.starts_from))
        return query, key
