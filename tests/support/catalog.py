"""A catalog over a database alone: no sandbox, no HTTP, a fixed clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

from coursebook.payments.gateway import Gateway
from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.catalog.course_query import CourseQuery
from coursebook.services.catalog.courses import Catalog
from coursebook.services.context import Context
from coursebook.services.rate_limits import Limits, Rates
from tests.support.mail_facts import SCHOOL
from tests.support.rows import NOW, a_course


class School:
    """Courses in a database, and the catalog service that finds them."""

    def __init__(self, context: Context, catalog: Catalog) -> None:
        self.context = context
        self.catalog = catalog

    async def has(self, *titles: str, **values: Any) -> list[Course]:
        """Store courses with these titles, each starting a day after the one before."""
        courses = [
            a_course(**{"title": title, **starting(n + 1), **values})
            for n, title in enumerate(titles)
        ]
        async with writing(self.context.database) as work:
            for course in courses:
                work.courses.add(course)
        return courses

    async def finds(self, q: str = "", **values: Any) -> list[str]:
        """Return the titles that a query lists, in its order."""
        values.setdefault("sort", "relevance")
        page = await self.catalog.list_courses(CourseQuery(q=q, **values))
        assert page.total == len(page.items) or page.next_cursor or values.get("cursor")
        return [course.title for course in page.items]

    async def walks(self, limit: int, **values: Any) -> list[str]:
        """Return the titles of every page of at most `limit` courses."""
        found: list[str] = []
        cursor: str | None = None
        while True:
            query = CourseQuery(**values, limit=limit, cursor=cursor)
            page = await self.catalog.list_courses(query)
            found += [course.title for course in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found


def starting(days: float) -> dict[str, Any]:
    """Return the start and end of a course that many days from now."""
    start = NOW + timedelta(days=days)
    return {"starts_at": start, "ends_at": start + timedelta(hours=2)}


@asynccontextmanager
async def a_school(database_url: str, per_address: str = "600/minute") -> AsyncIterator[School]:
    """Open a school without courses."""
    database = open_database(database_url)
    nobody = cast("Gateway", None)  # the catalog never asks Stripe
    context = Context(database, nobody, lambda: NOW, "http://localhost", timedelta(), SCHOOL)
    rates = Rates(*["10/minute"] * 3, address=per_address, visitor="60/minute")
    limits = Limits(rates, "", lambda: NOW)
    try:
        yield School(context, Catalog(context, limits))
    finally:
        await limits.close()
        await database.close()
