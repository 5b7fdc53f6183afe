"""Search courses by words: closest first or soonest first, page by page.

The index returns matches in order of time, so a page is read without reading the rest.
"""

from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.search import ANYWHERE, IN_TITLE, nearest, spellings_to_try
from coursebook.persistence.course_search.course_filter import CourseFilter, with_dates
from coursebook.persistence.course_search.course_list_row import LISTED, ListedCourse
from coursebook.persistence.course_search.courses import Key, Sort, in_order, page_with_dates
from coursebook.persistence.course_search.index import (
    FTS_KEY,
    Terms,
    course_fts,
    has,
    key_at,
    match,
    row_has,
)
from coursebook.persistence.course_search.managed_list import ManagedFilter
from coursebook.persistence.schema.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.schema.tables import Course

MAX_FEW = 600
"""Up to this many matches, all of them are read; above it, the list is walked in order until a page
is full (on SQLite in an order other than that of time). At 100,000 courses both cost about the same
at this number."""
MAX_CANDIDATES = 400
"""Words compared with a misspelled one; more share its spellings only by chance."""
ListFilter = CourseFilter | ManagedFilter
Position = tuple[int, int]
"""The end of a page: closeness of its last course (1: in the title), and its key."""


class WordSearch:
    """The search over courses."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._found_by_matching: dict[str, int] = {}

    @cached_property
    def _is_sqlite(self) -> bool:
        return self._session.get_bind().dialect.name == "sqlite"

    async def page(
        self, chosen: ListFilter, after: Position | None, limit: int, *, closest_first: bool
    ) -> list[tuple[ListedCourse, Position]]:
        """Return courses that have the words, at most `limit`, after a position.

        Within one level of closeness they are sorted by start. Without `closest_first` there is
        one level only.
        """
        results: list[tuple[ListedCourse, Position]] = []
        first = after[0] if after else (IN_TITLE if closest_first else ANYWHERE)
        for level in range(first, ANYWHERE + 1):
            matching = match(chosen.terms, level, is_sqlite=self._is_sqlite, beyond=closest_first)
            are_few = self._is_sqlite or await self._match_few(chosen.terms, level)
            is_walk = not are_few and isinstance(chosen, CourseFilter) and chosen.has_words_only
            query, key = self._query(chosen, matching, *LISTED, are_few=are_few, is_walk=is_walk)
            query = query.add_columns(key.label("key")).order_by(key).limit(limit - len(results))
            if after and level == first:
                query = query.where(key > after[1])
            if isinstance(chosen, CourseFilter):
                query = with_dates(query, chosen, ("key",), is_sqlite=self._is_sqlite)
            rows = (await self._session.execute(query, _moments(chosen))).all()
            results += [(ListedCourse._make(row[:-1]), (level, int(row[-1]))) for row in rows]
            if len(results) == limit:
                break
        return results

    async def page_in_order(
        self, chosen: ListFilter, sort: Sort, after: Key | None, limit: int
    ) -> list[ListedCourse]:
        """Return courses that have the words in another order.

        Few matches are read and sorted. For many the courses are read in that order until the page
        is full.
        """
        if await self._match_few(chosen.terms):
            matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
            query, _ = self._query(chosen, matching, *LISTED, are_few=True)
        else:
            query = self._walk(chosen)
        query = in_order(query, sort, after, limit)
        if isinstance(chosen, CourseFilter):
            query = page_with_dates(query, chosen, sort, is_sqlite=self._is_sqlite)
        rows = await self._session.execute(query, _moments(chosen))
        return [ListedCourse._make(row) for row in rows]

    async def count(self, chosen: ListFilter, limit: int) -> int:
        """Count the courses that have the words, up to `limit`."""
        matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
        are_few = self._is_sqlite or await self._match_few(chosen.terms)
        if isinstance(chosen, CourseFilter) and chosen.grouped_at is not None:
            # Not by the dates before each course: the words would be looked for in all of them.
            one = sa.func.coalesce(col(Course.series_id), col(Course.id))
            ungrouped = replace(chosen, grouped_at=None)
            found = self._query(ungrouped, matching, one, are_few=are_few)[0].distinct()
        else:
            query, key = self._query(chosen, matching, sa.literal(1), are_few=are_few)
            # SQLite stops at the limit in the order of its index. PostgreSQL would sort all.
            found = query.order_by(key) if self._is_sqlite else query
        counted = sa.select(sa.func.count()).select_from(found.limit(limit).subquery())
        return (await self._session.scalar(counted, _moments(chosen))) or 0

    async def is_known(self, word: str) -> bool:
        """Return whether any course has a word with this prefix."""
        return await self._found(match(((word,),), ANYWHERE, is_sqlite=self._is_sqlite)) > 0

    async def meant(self, typed: str) -> list[str]:
        """Return the course words that a misspelled word may mean, the likeliest first."""
        spellings = sorted(spellings_to_try(typed))
        word = col(SearchSpelling.word)
        query = sa.select(word).where(col(SearchSpelling.spelling).in_(spellings))
        query = query.group_by(word).order_by(sa.func.count().desc(), word).limit(MAX_CANDIDATES)
        return nearest(typed, (await self._session.scalars(query)).all()) if spellings else []

    async def _match_few(self, terms: Terms, level: int = ANYWHERE) -> bool:
        """Return whether fewer than MAX_FEW courses have the words, whatever the filters.

        PostgreSQL misestimates it for prefixes and for pairs of words.
        """
        for known in (*((term,) for term in terms), terms):
            matching = match(known, ANYWHERE, is_sqlite=self._is_sqlite)
            if self._found_by_matching.get(matching, MAX_FEW) < MAX_FEW:
                return True  # all words together match no more courses than one of them
        found = await self._found(match(terms, level, is_sqlite=self._is_sqlite))
        if found >= MAX_FEW:  # farther levels have the matches of closer ones as well
            anywhere = match(terms, ANYWHERE, is_sqlite=self._is_sqlite)
            self._found_by_matching.setdefault(anywhere, found)
        return found < MAX_FEW

    async def _found(self, matching: str) -> int:
        """Count the courses that match, up to MAX_FEW, whatever the filters."""
        if matching not in self._found_by_matching:
            key: Any = course_fts.c.rowid if self._is_sqlite else col(CourseSearch.key)
            some = sa.select(key).where(has(matching, is_sqlite=self._is_sqlite)).limit(MAX_FEW)
            count = await self._session.scalar(
                sa.select(sa.func.count()).select_from(some.subquery())
            )
            self._found_by_matching[matching] = count or 0
        return self._found_by_matching[matching]

    def _walk(self, chosen: ListFilter) -> sa.Select[Any]:
        """Return the query that looks at the words of each course, without the search index.

        Both databases would rather read all that match and sort them, since they do not know how
        many those are. A scalar subquery is not joined, so it leaves no choice.
        """
        search = aliased(CourseSearch)
        clauses = [col(search.course_id) == col(Course.id)]
        is_sqlite = self._is_sqlite
        has_words = row_has(col(search.lexemes), chosen.terms, ANYWHERE, is_sqlite=is_sqlite)
        matching = sa.select(has_words).where(*clauses).correlate(Course).scalar_subquery()
        query = sa.select(*LISTED).where(*chosen.conditions(), matching)
        if isinstance(chosen, CourseFilter):
            query = query.where(*chosen.grouping(is_sqlite=is_sqlite))
        return query

    def _query(
        self,
        chosen: ListFilter,
        matching: str,
        *columns: Any,  # noqa: ANN401 - SELECT takes any expression
        are_few: bool,
        is_walk: bool = False,
    ) -> tuple[sa.Select[Any], Any]:
        """Return the query, and the key to order its courses by.

        `is_walk`: PostgreSQL reads courses in the order of the key until the page is full, and not
        all that match. No index has the condition then.
        """
        condition = has(matching, is_sqlite=self._is_sqlite)
        if is_walk:
            condition = sa.func.coalesce(condition, sa.false())
        query = sa.select(*columns).select_from(Course).where(*chosen.conditions())
        if isinstance(chosen, CourseFilter):
            query = query.where(*chosen.grouping(is_sqlite=self._is_sqlite))
        if not self._is_sqlite and are_few:
            ids = sa.select(col(CourseSearch.key), col(CourseSearch.course_id)).where(condition)
            few = ids.cte("few").prefix_with("MATERIALIZED")
            return query.join(few, few.c.course_id == col(Course.id)), few.c.key
        query = query.join(CourseSearch, col(CourseSearch.course_id) == col(Course.id))
        query = query.where(condition)
        key: Any = col(CourseSearch.key)
        if self._is_sqlite:
            query, key = query.join(course_fts, key == FTS_KEY), course_fts.c.rowid
        if chosen.starts_from is not None:  # the index scan starts there
            query = query.where(key >= key_at(chosen.starts_from))
        return query, key


def _moments(chosen: ListFilter) -> dict[str, datetime]:
    return chosen.moments if isinstance(chosen, CourseFilter) else {}
