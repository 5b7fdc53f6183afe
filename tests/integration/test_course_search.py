"""Full-text search over courses, equal on both databases."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from coursebook.errors import Invalid, RateLimited
from coursebook.persistence.course_search import query
from coursebook.persistence.maintenance.migrate import downgrade_to, upgrade_to_head
from coursebook.persistence.schema.search_tables import CourseSearch, SearchSpelling
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.catalog.course_query import CourseQuery
from tests.support.catalog import School, a_school, starting

HOSTILE = (
    *(
        '"',
        "'",
        "*",
        "clay*",
        '"clay',
        "clay)",
        "(clay",
        "clay OR glass",
        "NOT clay",
        "clay NEAR x",
    ),
    *("lexemes:clay", "-clay", "^clay", "clay:*", "clay & !glass", "clay | glass", "!clay", "<->"),
    *("clay \\", "clay' --", "'; DROP TABLE course; --", "%", "_", "{clay}", "clay + glass", "💥"),
    *("\ud800", "clay\x01glass", "NEAR(clay glass, 2)", "course_fts", "AND", "a" * 200, "é" * 200),
)


@pytest.fixture
async def school(database_url: str) -> AsyncIterator[School]:
    async with a_school(database_url) as open_school:
        yield open_school


async def test_words_are_found_by_their_beginning_without_accents_or_capitals(school: School):
    await school.has("Pottery", "Löwe und Straße", "Fado", summary="A day.", place_name="Graça")
    for q in ("pot", "pott", "POTTERY", "  pottery  ", "pottery pottery"):
        assert await school.finds(q) == ["Pottery"], q
    for q in ("lowe", "LÖWE", "strasse", "straße", "lowe stra"):
        assert await school.finds(q) == ["Löwe und Straße"], q
    assert await school.finds("graca fado") == ["Fado"]
    assert await school.finds("ttery") == []


async def test_words_of_every_script_are_found(school: School):
    await school.has("初心者のための陶芸教室", "เรียนทำอาหารไทย", "فن الخط العربي", "Işık ve gölge")
    await school.has("Modern C++", "C# in a day", "Carpentry")
    for q, title in (
        ("陶芸", "初心者のための陶芸教室"),
        ("陶", "初心者のための陶芸教室"),
        ("ための陶芸教室", "初心者のための陶芸教室"),
        ("อาหาร", "เรียนทำอาหารไทย"),
        ("خط", "فن الخط العربي"),
        ("الخط", "فن الخط العربي"),
        ("عربي", "فن الخط العربي"),
        ("isik", "Işık ve gölge"),
        ("IŞIK", "Işık ve gölge"),
        ("C++", "Modern C++"),
        ("c#", "C# in a day"),
    ):
        assert await school.finds(q) == [title], q
    assert await school.finds("陶教") == []


async def test_courses_are_found_by_inner_words_after_the_upgrade(
    school: School, database_url: str
):
    await school.has("陶芸教室")
    before = sa.update(CourseSearch).values(lexemes="1陶芸教室")
    async with writing(school.context.database) as work:
        await work.session.execute(before)
    assert await school.finds("教室") == []
    await downgrade_to(database_url, "0006")
    async with writing(school.context.database) as work:
        await work.session.execute(before)
    await upgrade_to_head(database_url)
    assert await school.finds("教室") == ["陶芸教室"]


async def test_numbers_match_exactly(school: School):
    await school.has("Route 66", "Route 6")
    assert await school.finds("route 6") == ["Route 6"]
    assert await school.finds("66") == ["Route 66"]


async def test_title_matches_come_first_then_the_soonest(school: School):
    said = {"summary": "x", "description": "y"}
    await school.has("Nothing", **said)
    await school.has("Deep", **(said | {"description": "Kiln and glaze."}))
    await school.has("Head", **(said | {"summary": "Glaze."}))
    await school.has("Glaze late", **(said | starting(9)))
    await school.has("Glaze soon", **(said | starting(8)))
    best = ["Glaze soon", "Glaze late", "Head", "Deep"]
    assert await school.finds("glaze") == best
    for limit in (1, 2, 3, 4, 5):
        assert await school.walks(limit, q="glaze", sort="relevance") == best, limit
    soonest = ["Deep", "Head", "Glaze soon", "Glaze late"]
    assert set(await school.finds("glaze", sort="starts_at")) == set(soonest)
    assert (await school.finds("glaze", sort="starts_at"))[2:] == soonest[2:]
    assert await school.walks(1, q="glaze", sort="title") == sorted(best)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("potery", "Pottery in Lisbon"),
        ("poter", "Pottery in Lisbon"),
        ("lisbonne", "Pottery in Lisbon"),
        ("potery lisbone", "Pottery in Lisbon"),
        ("sowrdough", "Sourdough"),
        ("phtography", "Photography"),
    ],
)
async def test_a_mistyped_word_is_corrected_and_reported(school: School, typed: str, title: str):
    await school.has("Pottery in Lisbon", "Sourdough", "Photography")
    page = await school.catalog.list_courses(CourseQuery(q=typed, sort="relevance"))
    assert [course.title for course in page.items] == [title]
    assert page.read_as.split()[0] in title.lower()


async def test_a_known_word_is_never_corrected(school: School):
    await school.has("Tango", "Mango")
    assert await school.finds("tango") == ["Tango"]
    page = await school.catalog.list_courses(CourseQuery(q="tango"))
    assert page.read_as == ""
    assert await school.finds("violoncello") == []


async def test_hostile_words_are_only_words(school: School):
    await school.has("Clay", "Glass")
    for q in HOSTILE:
        assert set(await school.finds(q)) <= {"Clay", "Glass"}, q
    assert await school.finds("clay OR glass") == []
    assert await school.finds("clay*") == ["Clay"]
    assert await school.finds("💥") == []


async def test_a_changed_course_is_found_by_its_new_words_only(school: School):
    (course,) = await school.has("Clay", summary="A day.", description="Long.")
    async with writing(school.context.database) as work:
        stored_course = await work.courses.find(course.id)
        assert stored_course is not None
        stored_course.title, stored_course.starts_at = "Mosaic", starting(3)["starts_at"]
        stored_course.ends_at = starting(3)["ends_at"]
    assert await school.finds("clay") == []
    assert await school.finds("mosiac") == ["Mosaic"]
    async with writing(school.context.database) as work:
        assert (await work.session.scalar(sa.select(sa.func.count(CourseSearch.key)))) == 1


async def test_taking_a_seat_does_not_rewrite_the_index(school: School):
    (course,) = await school.has("Clay")
    async with writing(school.context.database) as work:
        work_before = await work.session.scalar(sa.select(CourseSearch.key))
        await work.session.execute(sa.delete(SearchSpelling))
        course_row = await work.courses.lock(course.id)
        assert course_row is not None
        course_row.held = 3
    async with writing(school.context.database) as work:
        assert await work.session.scalar(sa.select(CourseSearch.key)) == work_before
        assert (await work.session.scalar(sa.select(sa.func.count(SearchSpelling.word)))) == 0


async def test_courses_that_begin_at_once_are_all_found(school: School):
    titles = [f"Choir {n:03}" for n in range(60)]
    await school.has(*titles, **starting(4))
    assert sorted(await school.walks(7, q="choir", sort="relevance")) == titles


async def test_a_cursor_of_a_search_belongs_to_it(school: School):
    await school.has("Clay", "Clay again")
    query = CourseQuery(q="clay", sort="relevance", limit=1)
    cursor = (await school.catalog.list_courses(query)).next_cursor
    for other in (CourseQuery(cursor=cursor), CourseQuery(q="clay", cursor=cursor)):
        with pytest.raises(Invalid):
            await school.catalog.list_courses(other)
    assert await school.finds("clay", limit=1, cursor=cursor) == ["Clay again"]


async def test_a_draft_is_not_found(school: School):
    await school.has("Clay", status="draft")
    assert await school.finds("clay") == []


async def test_too_many_searches_are_limited(sqlite_url: str):
    async with a_school(sqlite_url, per_address="3/minute") as school:
        await school.has("Clay")
        query = CourseQuery(q="clay")
        for _ in range(3):
            await school.catalog.list_courses(query, "192.0.2.1")
        with pytest.raises(RateLimited):
            await school.catalog.list_courses(query, "192.0.2.1")
        assert (await school.catalog.list_courses(query, "192.0.2.2")).items
        assert (await school.catalog.list_courses(CourseQuery(), "192.0.2.1")).items


async def test_courses_from_before_the_search_are_found_after_the_upgrade(
    school: School, database_url: str
):
    await school.has("Löwe", "Pottery")
    await downgrade_to(database_url, "0002")
    await upgrade_to_head(database_url)
    assert await school.finds("lowe") == ["Löwe"]
    assert await school.finds("potery") == ["Pottery"]
    async with writing(school.context.database) as work:
        assert "search_text" not in Course.model_fields
        assert (await work.session.scalar(sa.select(sa.func.count(CourseSearch.key)))) == 2


async def test_sqlite_asks_the_full_text_before_the_courses(sqlite_url: str):
    """The other join order probes the full-text index once per course: 28 s for 10,000."""
    async with a_school(sqlite_url) as school:
        await school.has("Clay", "Clay two", "Glass")
        seen = []
        engine = school.context.database.reading
        sa.event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, values, *_: seen.append((statement, values)),
        )
        for sort in ("relevance", "starts_at"):
            await school.finds("clay", sort=sort)
        asked = [one for one in seen if "course_fts" in one[0] and "course." in one[0]]
        assert len(asked) >= 4
        async with engine.connect() as connection:
            for statement, values in asked:
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = [row[-1] for row in rows if row[-1].startswith(("SCAN", "SEARCH"))]
                assert steps[0].startswith("SCAN course_fts"), steps


async def test_what_postgres_has_counted_is_not_asked_of_the_index_and_may_be_old(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    async def refuse(*_: object, **__: object) -> int:
        raise AssertionError("the index was asked how many match")

    monkeypatch.setattr(query, "MANY", 3)
    titles = [f"Pottery {number}" for number in range(1, 7)]
    async with a_school(postgres_url) as school:
        await school.has(*titles, "Glass")
        async with school.context.database.writing.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.exec_driver_sql("ANALYZE course_search")
        with monkeypatch.context() as patch:
            patch.setattr(query.WordSearch, "_found", refuse)
            assert await school.finds("pottery", limit=4) == titles[:4]
            assert await school.finds("pot", limit=4) == titles[:4]
            by_price = CourseQuery(q="pottery", sort="price", limit=4)
            assert len((await school.catalog.list_courses(by_price)).items) == 4
            with pytest.raises(AssertionError, match="the index was asked"):
                await school.finds("glass")
        assert await school.finds("pottery 3") == ["Pottery 3"]
        async with writing(school.context.database) as work:
            await work.session.execute(sa.delete(CourseSearch))
        assert await school.finds("pottery") == []
