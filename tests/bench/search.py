"""How search time grows with the catalog: 10² against 10⁵ courses, on both databases, in one run.

`python -m tests.bench.search` prints it alone. Both sizes are queried in turn, so that load on the
machine affects both; what counts is the ratio.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any

import sqlalchemy as sa

from coursebook.domain.rights import Rights, Role
from coursebook.domain.search import lexemes_of, spellings_of, words_of
from coursebook.persistence.course_search.index import key_at
from coursebook.persistence.maintenance.migrate import upgrade_to_head
from coursebook.persistence.schema.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import reading
from coursebook.services.catalog.course_query import CourseQuery
from coursebook.services.manage.course_query import ManagedQuery, managed_page
from coursebook.services.manage.views import ManagedPage
from coursebook.services.views import CoursePage
from tests.support.catalog import School, a_school
from tests.support.postgres import postgres_cluster
from tests.support.rows import NOW, a_course

SMALL, LARGE, CALLS, WARM_UP = 100, 100_000, 60, 10
OWNER = Rights.of(Role.OWNER)
CRAFTS = ("pottery", "sourdough", "watercolour", "tango", "mosaic", "letterpress", "bees", "yoga")
PLACES = ["Lisbon", "Berlin", "Oslo", "Kyoto", "Turin", "Graz", "Leeds", "Ghent", "Porto", "Lyon"]
CASES = {
    "first page, no words": CourseQuery(),
    "a category and a price": CourseQuery(category="Craft 3", price_max=9000, currency="eur"),
    "a word of ten courses": CourseQuery(q="zeppelin", sort="relevance"),
    "a word of every eighth course": CourseQuery(q="pottery", sort="relevance"),
    "its first three letters": CourseQuery(q="pot", sort="relevance"),
    "two words": CourseQuery(q="pottery lisbon", sort="relevance"),
    "a typing error": CourseQuery(q="potery", sort="relevance"),
    "two typing errors": CourseQuery(q="potery lisbonne", sort="relevance"),
    "by price": CourseQuery(q="zeppelin", sort="price"),
    "a common word by price": CourseQuery(q="pottery", sort="price"),
    "one's own, still to come": ManagedQuery(),
    "one's own, newest": ManagedQuery(sort="newest"),
    "one's own, a common word": ManagedQuery(q="pottery"),
}


def main() -> None:
    """Fill, query, print."""
    with tempfile.TemporaryDirectory() as folder, postgres_cluster() as cluster:
        asyncio.run(_compare("SQLite", [f"sqlite:///{folder}/{n}.db" for n in (SMALL, LARGE)]))
        asyncio.run(_compare("PostgreSQL", [cluster.empty_database() for _ in range(2)]))


async def _compare(name: str, urls: list[str]) -> None:
    async with AsyncExitStack() as stack:
        schools = []
        for url, size in zip(urls, (SMALL, LARGE), strict=True):
            await upgrade_to_head(url)
            schools.append(await stack.enter_async_context(a_school(url)))
            await fill(schools[-1], size)
        print(f"\n{name:<34}{SMALL:>9,} {LARGE:>10,} courses (p50 ms){'ratio':>8}")
        for case, query in CASES.items():
            small, large = await _timed(schools, query)
            print(f"{case:<34}{small:>9.2f} {large:>10.2f}{large / small:>26.2f}")


async def _ask(school: School, query: CourseQuery | ManagedQuery) -> CoursePage | ManagedPage:
    if isinstance(query, CourseQuery):
        return await school.catalog.list_courses(query)
    async with reading(school.context.database) as work:
        return await managed_page(work, query, OWNER, (), NOW)


async def _timed(schools: list[School], query: CourseQuery | ManagedQuery) -> list[float]:
    """Return the medians of both sizes, in milliseconds."""
    times: list[list[float]] = [[] for _ in schools]
    for _ in range(WARM_UP + CALLS):
        for school, taken in zip(schools, times, strict=True):
            began = time.perf_counter()
            page = await _ask(school, query)
            taken.append((time.perf_counter() - began) * 1000)
            assert page.items, query
    return [statistics.median(taken[WARM_UP:]) for taken in times]


async def fill(school: School, size: int) -> None:
    """Add that many courses, with their search index."""
    database = school.context.database
    words: set[str] = set()
    courses = _courses(size)
    while rows := list(islice(courses, 2000)):
        words |= {word for row in rows for word in words_of(row["title"])}
        async with database.write_session() as session, session.begin():
            await session.execute(sa.insert(Course), rows)
            await session.execute(sa.insert(CourseSearch), [_indexed(row) for row in rows])
    pairs = [(spelling, word) for word in words for spelling in spellings_of(word)]
    async with database.write_session() as session, session.begin():
        known = [{"spelling": spelling, "word": word} for spelling, word in pairs]
        await session.execute(sa.insert(SearchSpelling), known)
    async with database.writing.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("ANALYZE")


def _courses(size: int) -> Iterator[dict[str, Any]]:
    usual = a_course().model_dump()
    for number in range(size):
        rare = "Zeppelin " if number % (size // 10) == 0 else ""
        craft, place = CRAFTS[number % len(CRAFTS)], PLACES[number // len(CRAFTS) % len(PLACES)]
        start = NOW + timedelta(minutes=1 + number * 10)
        yield usual | {
            "id": f"crs_{number}",
            "slug": f"course-{number}",
            "title": f"{rare}{craft.title()} in {place}",
            "category": f"Craft {number % 10}",
            "starts_at": start,
            "ends_at": start + timedelta(hours=2),
            "price": 2000 + number % 97 * 100,
        }


def _indexed(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key_at(row["starts_at"]),
        "course_id": row["id"],
        "starts_on": row["starts_at"].date(),
        "lexemes": _lexemes(row["title"], row["category"]),
    }


@cache
def _lexemes(title: str, category: str) -> str:
    return lexemes_of(title, f"One good day. {category} Ada Example The Hall", "You come, you go.")


if __name__ == "__main__":
    main()
