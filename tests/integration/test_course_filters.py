"""Filters, sort orders and pages of the catalog, equal on both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from coursebook.services.catalog.course_query import CourseQuery
from tests.support.catalog import School, a_school, starting
from tests.support.rows import NOW


@pytest.fixture
async def school(database_url: str) -> AsyncIterator[School]:
    async with a_school(database_url) as open_school:
        yield open_school


async def test_each_filter_narrows_and_all_of_them_do(school: School):
    right = {"category": "Food & drink", "level": "Advanced", "is_online": True, "price": 2500}
    await school.has("Right", **right)
    await school.has("Other kind", **(right | {"category": "Music"}))
    await school.has("Other level", **(right | {"level": "Beginner"}))
    await school.has("In a place", **(right | {"is_online": False}))
    await school.has("Dear", **(right | {"price": 2501}))
    await school.has("Other money", **(right | {"currency": "usd"}))
    await school.has("Full", **(right | {"held": 4, "confirmed": 6}))
    query = {"category": "food & DRINK", "level": "advanced", "is_online": True}
    query |= {"price_max": 2500, "currency": "eur", "available": True}
    assert await school.finds(**query) == ["Right"]
    assert await school.finds("right", **query) == ["Right"]
    for name, other in [
        ("category", "Other kind"),
        ("level", "Other level"),
        ("is_online", "In a place"),
        ("price_max", "Dear"),
        ("currency", "Other money"),
        ("available", "Full"),
    ]:
        rest = {key: value for key, value in query.items() if key != name}
        assert sorted(await school.finds(**rest)) == sorted(["Right", other]), name


async def test_what_is_free_is_free_in_any_currency(school: School):
    await school.has("Ours", price=2500)
    await school.has("Gift", price=0, currency="usd")
    await school.has("Other", price=2500, currency="usd")
    assert sorted(await school.finds(price_max=5000, currency="eur")) == ["Gift", "Ours"]


async def test_dates_are_in_the_zone_of_the_course(school: School):
    evening = datetime(2027, 6, 2, 2, 0, tzinfo=UTC)  # still the first of June in Los Angeles
    morning = datetime(2027, 6, 1, 23, 30, tzinfo=UTC)  # the second already in Tokyo
    for title, start, zone in [
        ("Los Angeles", evening, "America/Los_Angeles"),
        ("Tokyo", morning, "Asia/Tokyo"),
        ("Nowhere", evening, "Nowhere/At-all"),
    ]:
        ends = start + timedelta(hours=1)
        await school.has(title, starts_at=start, ends_at=ends, timezone=zone)
    first, second = date(2027, 6, 1), date(2027, 6, 2)
    assert await school.finds(day_from=first, day_to=first) == ["Los Angeles"]
    assert sorted(await school.finds(day_from=second)) == ["Nowhere", "Tokyo"]
    assert await school.finds("los", day_to=first) == ["Los Angeles"]
    assert await school.finds(day_from=date.max, day_to=date.min) == []
    assert len(await school.finds(day_from=date.min, day_to=date.max)) == 3


async def test_past_courses_are_listed_only_on_request(school: School):
    await school.has("Over", **starting(-2))
    await school.has("Now", **starting(0))
    await school.has("Ahead", **starting(2))
    assert await school.finds() == ["Now", "Ahead"]
    assert await school.finds("over") == []
    yesterday = (NOW - timedelta(days=1)).date()
    assert await school.finds(day_from=yesterday) == ["Now", "Ahead"]
    past = NOW - timedelta(days=3)
    assert await school.finds(starts_from=past) == ["Over", "Now", "Ahead"]
    assert await school.finds("over", day_from=past.date()) == ["Over"]
    page = await school.catalog.list_courses(CourseQuery(starts_from=past))
    assert [course.status for course in page.items] == ["closed", "closed", "open"]


@pytest.mark.parametrize("q", ["", "course"])
async def test_every_sort_order_lists_every_course_once(school: School, q: str):
    for n in range(9):
        said = {"price": 1000 + n % 3, "created_at": NOW + timedelta(minutes=n % 4)}
        await school.has(f"Course {chr(65 + n)}", **said, **starting(1 + n % 2))
    for sort in ("starts_at", "price", "title", "price_down", "newest", "relevance"):
        whole = await school.walks(50, q=q, sort=sort)
        assert sorted(whole) == [f"Course {chr(65 + n)}" for n in range(9)], sort
        for limit in (1, 4, 9):
            assert await school.walks(limit, q=q, sort=sort) == whole, (sort, limit)
    prices = [(ord(title[-1]) - 65) % 3 for title in await school.walks(2, q=q, sort="price_down")]
    assert prices == sorted(prices, reverse=True)
    ages = [(ord(title[-1]) - 65) % 4 for title in await school.walks(2, q=q, sort="newest")]
    assert ages == sorted(ages, reverse=True)


async def test_filter_options_come_from_upcoming_courses(school: School):
    await school.has("A", category="Music", level="Beginner", currency="eur")
    await school.has("B", category="Food", level="Advanced", currency="usd")
    await school.has("C", category="Music", level="Advanced", currency="eur")
    await school.has("Over", category="Dance", **starting(-3))
    await school.has("Draft", category="Secret", status="draft")
    facets = await school.catalog.facets()
    assert facets.categories == ("Food", "Music")
    assert facets.levels == ("Advanced", "Beginner")
    assert facets.currencies == ("eur", "usd")


async def test_an_empty_result_names_the_most_restrictive_filter(school: School):
    await school.has("Clay", "Clay two", price=4500, level="Beginner")
    await school.has("Clay three", price=4500, level="Advanced")
    query = CourseQuery(q="clay", level="Beginner", price_max=0, is_online=False)
    help_ = await school.catalog.nothing_fits(query)
    assert help_.hint is not None
    assert (help_.hint.name, help_.hint.count) == ("price", 2)
    assert len(help_.similar) == 3


async def test_an_empty_search_suggests_courses_with_one_of_the_words(school: School):
    await school.has("Clay", "Glass")
    await school.has("Wool", category="Textiles")
    help_ = await school.catalog.nothing_fits(CourseQuery(q="clay submarine"))
    assert help_.hint is None
    assert [course.title for course in help_.similar] == ["Clay"]
    help_ = await school.catalog.nothing_fits(CourseQuery(q="💥", category="textiles"))
    assert [course.title for course in help_.similar] == ["Wool"]


async def test_an_empty_catalog_gives_no_suggestion_and_no_error(school: School):
    help_ = await school.catalog.nothing_fits(CourseQuery(q="clay", available=True))
    assert (help_.hint, help_.similar) == (None, ())
