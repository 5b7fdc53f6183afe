"""Search courses by words: closest first or soonest first, page by page.

The index returns matches in order of time, so a page is read without reading the rest.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from coursebook.domain.search import ANYWHERE, IN_TITLE, nearest, spellings_to_try
from coursebook.persistence.course_search.common_words import common_words
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
MANY = 2 * MAX_FEW
"""From this number on, an old count is trusted to mean more than MAX_FEW."""
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
            are_few = self._is_sqlite or await self._match_few(chosen.terms, matching)
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
        matching = match(chosen.terms, ANYWHERE, is_sqlite=self._is_sqlite)
        if await self._match_few(chosen.terms, matching):
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
        are_few = self._is_sqlite or await self._match_few(chosen.terms, matching)
        if isinstance(chosen, CourseFilter) and chosen.grouped_at is not None:
            # Not by the dates before each course: the words would be looked for in all of them.
            one = sa.func.coalesce(col(Course.series_id), col(Course.id))
            ungrouped = replace(chosen, grouped_at=None)
            found = self._query(ungrouped, matching, one, are_few=are_few)[0].distinct()
        else:
            query, key = self._query(chosen, matching, sa.literal(1), are_few=are_few)
            # In the order of the index a count stops at its limit, but PostgreSQL sorts all that
            # match where it expects few, as it does of courses with several words.
            is_ordered = self._is_sqlite or len(chosen.terms) == 1
            found = query.order_by(key) if is_ordered else query
        counted = sa.select(sa.func.count()).select_from(found.limit(limit).subquery())
        return (await self._session.scalar(counted, _moments(chosen))) or 0

    async def is_known(self, word: str) -> bool:
        """Return whether any course has a word with this prefix."""
        terms = ((word,),)
        matching = match(terms, ANYWHERE, is_sqlite=self._is_sqlite)
        if await self._is_common(terms, matching):
            return await self._session.scalar(self._matches(matching).limit(1)) is not None
        return await self._found(matching, may_be_none=True) > 0

    async def meant(self, typed: str) -> list[str]:
        """Return the course words that a misspelled word may mean, the likeliest first."""
        spellings = sorted(spellings_to_try(typed))
        word = col(SearchSpelling.word)
        query = sa.select(word).where(col(SearchSpelling.spelling).in_(spellings))
        query = query.group_by(word).order_by(sa.func.count().desc(), word).limit(MAX_CANDIDATES)
        return nearest(typed, (await self._session.scalars(query)).all()) if spellings else []

    async def _match_few(self, terms: Terms, matching: str) -> bool:
        """Return whether fewer than MAX_FEW courses match, whatever the filters.

        `matching` is an expression of these terms. PostgreSQL misestimates it for prefixes and for
        pairs of words.
        """
        wider = [match(one, ANYWHERE, is_sqlite=self._is_sqlite) for one in _each_and_all(terms)]
        if any(self._found_by_matching.get(one, MAX_FEW) < MAX_FEW for one in wider):
            return True  # no level has more courses than all, and no more have all words than one
        if await self._is_common(terms, matching):
            return False
        found = await self._found(matching)
        if found >= MAX_FEW:
            self._found_by_matching.setdefault(wider[-1], found)
        return found < MAX_FEW

    async def _is_common(self, terms: Terms, matching: str) -> bool:
        """Return whether PostgreSQL has counted many courses of a single word."""
        if self._is_sqlite or len(terms) != 1:
            return False
        every = range(IN_TITLE, ANYWHERE + 1)
        levels = [n for n in every if matching == match(terms, n, is_sqlite=False)]
        if not levels:  # it excludes the closer ones
            return False
        words = await common_words(self._session)
        return max(words.at_least(f"{levels[0]}{word}") for word in terms[0]) >= MANY

    def _matches(self, matching: str) -> sa.Select[int]:
        key: Any = course_fts.c.rowid if self._is_sqlite else col(CourseSearch.key)
        return sa.select(key.label("key")).where(has(matching, is_sqlite=self._is_sqlite))

    async def _found(self, matching: str, *, may_be_none: bool = False) -> int:
        """Count the courses that match, up to MAX_FEW, whatever the filters.

        With a LIMIT PostgreSQL may read all courses in order to find none, so for what
        `may_be_none` the index is asked for all that match.
        """
        if matching not in self._found_by_matching:
            query = self._matches(matching)
            if may_be_none and not self._is_sqlite:
                query = sa.select(query.cte().prefix_with("MATERIALIZED").c.key)
            some = query.limit(MAX_FEW).subquery()
            count = await self._session.scalar(sa.select(sa.func.count()).select_from(some))
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


def _each_and_all(terms: Terms) -> Iterator[Terms]:
    """Yield every term alone, then all together."""
    yield from ((term,) for term in terms)
    yield terms


def _moments(chosen: ListFilter) -> dict[str, datetime]:
    return chosen.moments if isinstance(chosen, CourseFilter) else {}
