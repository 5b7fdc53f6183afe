"""The catalog lists each series once: its next date that can be booked and that fits."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from coursebook.persistence.course_search import query as course_search_query
from coursebook.persistence.schema.tables import Course, Series
from coursebook.persistence.unit_of_work import writing
from coursebook.services.catalog.course_query import CourseQuery, Order
from coursebook.services.views import CourseView
from tests.support.harness import Harness
from tests.support.rows import a_course

pytestmark = pytest.mark.both_databases
SERIES, DATES = 50, 10
WORDS = ("Pottery", "Glaze", "Raku 7", "Weaving")


@asynccontextmanager
async def filled(harness: Harness) -> AsyncIterator[list[Course]]:
    """Store 500 courses of 50 series, 5 of them outside; many are full, without any booking."""
    order, now = random.Random(7), harness.clock()
    rows = [
        a_course(
            series_id=f"ser_{series}" if series < SERIES else None,
            title=f"{WORDS[series % 4]} {order.choice(('one', 'two'))}",
            starts_at=(starts_at := now + timedelta(hours=order.randrange(1, 3000))),
            ends_at=starts_at + timedelta(hours=2),
            price=order.choice((0, 1000, 2000, 3000)),
            confirmed=order.choice((0, 5, 10, 10)),
            is_open=order.random() > 0.1,
            status=order.choice(("published", "published", "published", "draft", "cancelled")),
            created_at=now - timedelta(minutes=order.randrange(9999)),
        )
        for series in range(SERIES)
        for _ in range(DATES)
    ]
    for row in rows[:5]:
        row.series_id = None
    async with writing(harness.services.context.database) as work:
        names = [f"ser_{number}" for number in range(SERIES)]
        values = [{"id": n, "slug": n, "title": n, "created_at": now} for n in names]
        await work.session.execute(sa.insert(Series), values)
        work.session.add_all(rows)
    await _count_rows(harness)
    yield rows
    async with writing(harness.services.context.database) as work:
        await work.session.execute(sa.update(Course).values(confirmed=0))


async def _count_rows(harness: Harness) -> None:
    """Let PostgreSQL count the rows, as it does by itself a minute after an import.

    With the counts of tables that were empty just before, one of these pages takes over 15 seconds.
    """
    database = harness.services.context.database
    if database.writing.dialect.name == "postgresql":
        async with database.writing.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql("ANALYZE")


async def all_pages(harness: Harness, query: CourseQuery) -> list[CourseView]:
    views: list[CourseView] = []
    cursor: str | None = None
    while True:
        page = await harness.services.catalog.list_courses(replace(query, cursor=cursor))
        views += page.items
        assert page.total in (0, len(views)) or page.next_cursor
        cursor = page.next_cursor
        if cursor is None:
            return views


def expected(rows: list[Course], harness: Harness, query: CourseQuery) -> dict[str, int]:
    """Return the ids of the courses that stand for their series, with the other dates."""
    now, chosen, groups = harness.clock(), {}, Counter[str]()
    fitting = [
        row
        for row in rows
        if row.status == "published"
        and (query.price_max is None or row.price <= query.price_max)
        and (not query.available or row.confirmed < row.capacity)
        and all(word in row.title.lower() for word in query.q.split())
    ]

    def order(row: Course) -> tuple[bool, object, str]:
        ahead = row.starts_at > now + timedelta(minutes=5)
        return (not (row.is_open and row.confirmed < row.capacity and ahead), row.starts_at, row.id)

    for row in sorted(fitting, key=order):
        group = row.series_id or row.id
        groups[group] += 1
        chosen.setdefault(group, row.id)
    return {course_id: groups[group] - 1 for group, course_id in chosen.items()}


@pytest.mark.parametrize("few", [600, 5], ids=["few matches", "many matches"])
async def test_each_series_is_listed_once_on_all_pages_in_every_order(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, few: int
):
    monkeypatch.setattr(course_search_query, "MAX_FEW", few)
    async with filled(harness) as rows:
        everything = CourseQuery(is_grouped=True, limit=12)
        orders: tuple[Order, ...] = ("starts_at", "price", "price_down", "newest")
        queries = [
            *(replace(everything, sort=order) for order in orders),
            replace(everything, price_max=1000),
            replace(everything, available=True, sort="price"),
            replace(everything, q="pottery", sort="relevance"),
            replace(everything, q="raku 7 two", sort="price"),
            replace(everything, q="pottery", sort="price_down"),
            replace(everything, q="two", sort="starts_at"),
            replace(everything, q="pottery two", sort="relevance"),
        ]
        for query in queries:
            views = await all_pages(harness, query)
            assert {view.id: view.more_dates for view in views} == expected(rows, harness, query), (
                query
            )
            assert len(views) == len({view.id for view in views})
        by_start = await all_pages(harness, everything)
        assert [view.starts_at for view in by_start] == sorted(view.starts_at for view in by_start)
        page = await harness.services.catalog.list_courses(everything)
        assert page.total == len(by_start)
        plain = await all_pages(harness, replace(everything, is_grouped=False, limit=100))
        assert len(plain) == sum(row.status == "published" for row in rows)
        assert {view.more_dates for view in plain} == {0}


async def test_the_dates_of_a_series_are_listed_by_the_api(harness: Harness):
    async with filled(harness) as rows:
        answer = (
            await harness.get("/api/courses", params={"series": "ser_9", "limit": "100"})
        ).json()
        ids = {row.id for row in rows if row.series_id == "ser_9" and row.status == "published"}
        assert {item["id"] for item in answer["items"]} == ids
        assert {(item["series_id"], item["meetings_count"]) for item in answer["items"]} == {
            ("ser_9", 1)
        }
        nothing = await harness.get("/api/courses", params={"series": "ser_none"})
        assert (nothing.status_code, nothing.json()["items"]) == (200, [])
