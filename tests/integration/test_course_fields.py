"""Fields of a school on both databases: stored, filtered, in the API, imported."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from coursebook.api.app import build_api
from coursebook.domain.course_fields import CourseField
from coursebook.live import topics
from coursebook.persistence.schema.tables import Course
from coursebook.run.commands.courses import plan_lines
from coursebook.services.catalog.course_files import read_courses
from coursebook.services.catalog.course_import import import_courses, plan_import, prepare
from coursebook.services.catalog.course_query import CourseQuery
from tests.support.catalog import School, a_school
from tests.support.course_fields import AGE, FIELDS, LANGUAGE, STEPLESS, declared
from tests.support.harness import Harness
from tests.support.openapi_oracle import OpenApiOracle
from tests.unit.test_course_files import GOOD

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def school(database_url: str) -> AsyncIterator[School]:
    async with a_school(database_url) as open_school:
        yield open_school


async def test_a_filter_finds_values_and_the_default_of_courses_without_one(school: School):
    for title, extra in {
        "German": {"language": "de", "stepless": True},
        "English": {"language": "en", "stepless": False},
        "Without": {},
        "Old choice": {"language": "fr", "stepless": "maybe"},
    }.items():
        await school.has(title, extra=extra)

    async def finds(*pairs: tuple[CourseField, Any], q: str = "") -> list[str]:
        extra = tuple(field.matching(value) for field, value in pairs)
        return sorted(await school.finds(q, extra=extra))

    assert await finds((LANGUAGE, "de")) == ["German"]
    assert await finds((LANGUAGE, "en")) == ["English", "Old choice", "Without"]
    assert await finds((STEPLESS, True)) == ["German"]
    assert await finds((STEPLESS, False)) == ["English"]
    assert await finds((STEPLESS, True), (LANGUAGE, "en")) == []
    assert await finds((LANGUAGE, "en"), q="English") == ["English"]


async def test_an_empty_result_names_the_field_that_hides_most(school: School):
    await school.has("Clay", "Clay two", extra={"language": "de"})
    query = CourseQuery(q="clay", extra=(LANGUAGE.matching("en"),))
    help_ = await school.catalog.nothing_fits(query)
    assert help_.hint is not None
    assert (help_.hint.name, help_.hint.count) == ("language", 2)


async def test_the_api_has_declared_fields_only(harness: Harness):
    extra = {"language": "de", "age": 12, "begun": "2027-03-14", "stepless": "maybe", "gone": 1}
    course = await harness.course(extra=extra)
    with declared(*FIELDS):
        app = build_api()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as api:
            api.event_hooks["response"].append(OpenApiOracle(app.openapi()).check)
            shown = (await api.get(f"/api/courses/{course.slug}")).json()["extra"]
            assert shown == {
                "language": "de",
                "stepless": None,
                "material": None,
                "age": 12,
                "begun": "2027-03-14",
            }
            for query, is_listed in {
                "language=de": True,
                "language=en": False,
                "language=de&stepless=true": False,
            }.items():
                items = (await api.get(f"/api/courses?limit=100&{query}")).json()["items"]
                assert (course.id in {item["id"] for item in items}) is is_listed, query
            for query in ("language=fr", "stepless=yes", "age=12", "gone=1"):
                answer = await api.get(f"/api/courses?{query}")
                assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), query
    harness.services.live.publish_here({topics.EVERYTHING})
    assert (await harness.get(f"/api/courses/{course.slug}")).json()["extra"] == {}
    assert (await harness.course_now(course)).extra == extra


async def imported(harness: Harness, file: Path, fields: tuple[CourseField, ...]) -> list[str]:
    """Import a file, unless a row has a problem; return the lines that the command prints."""
    context, rows = harness.services.context, read_courses(file, fields)
    courses = await prepare(rows)
    plan = await plan_import(context, courses, fields)
    if not any(planned.problems for planned in plan):
        await import_courses(context, courses, plan, fields)
    return [line for pair in zip(plan, rows, strict=True) for line in plan_lines(*pair)]


async def test_a_file_sets_values_and_keeps_those_of_other_fields(harness: Harness, tmp_path: Path):
    slug = f"fields-{harness.student('x').email.split('.')[1].split('@')[0]}"
    good = "".join(f"{name} = {value}\n" for name, value in GOOD.items())
    file = tmp_path / "courses.toml"

    async def run(*lines: str, fields: tuple[CourseField, ...] = FIELDS) -> list[str]:
        text = "\n".join(lines)
        file.write_text(f'[[course]]\nslug = "{slug}"\n{good}{text}\n', "utf-8")
        return await imported(harness, file, fields)

    async def stored() -> dict[str, Any]:
        body = (await harness.get(f"/api/courses/{slug}")).json()
        return (await harness.course_now(Course(id=body["id"]))).extra

    wrong = await run('language = "fr"', "age = 5", 'languag = "de"')
    assert wrong[0].startswith("problem")
    assert {line.strip() for line in wrong[1:]} == {
        "The column languag is unknown. Did you mean language?",
        "The language must be one of: de, en, not fr.",
        "The age must be a whole number from 6 to 99, not 5.",
    }
    await run('language = "de"', "age = 12", "begun = 2027-03-14", "stepless = true")
    values = {"language": "de", "age": 12, "begun": "2027-03-14", "stepless": True}
    assert await stored() == values
    assert (await run())[0].startswith("same"), "a missing column changes nothing"
    changed = await run('language = "en"', 'age = ""', fields=(LANGUAGE, AGE))
    assert [line.strip() for line in changed[1:]] == ["language: de -> en", "age: 12 -> none"]
    assert await stored() == {"language": "en", "begun": "2027-03-14", "stepless": True}


async def test_a_required_field_is_needed_by_new_courses_only_once(
    harness: Harness, tmp_path: Path
):
    required = (replace(STEPLESS, is_required=True),)
    slug = f"needs-{harness.student('x').email.split('.')[1].split('@')[0]}"
    values = {name: value.strip('"') for name, value in GOOD.items()} | {"slug": slug}
    file = tmp_path / "courses.csv"

    async def run(**more: str) -> list[str]:
        row = values | more
        quoted = ",".join(f'"{value}"' for value in row.values())
        file.write_text(f"{','.join(row)}\n{quoted}\n", "utf-8")
        return await imported(harness, file, required)

    for more in ({}, {"stepless": ""}):
        lines = await run(**more)
        assert lines[1].strip() == "The stepless is missing."
    assert (await run(stepless="no"))[0].startswith("new")
    assert (await run(price="50"))[0].startswith("changed")
    assert (await run(price="60", stepless=""))[1:] == ["         The stepless is missing."]
