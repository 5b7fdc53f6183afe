"""The number of courses in each list of the operator's side."""

from datetime import timedelta

import pytest

from coursebook.persistence.course_search import managed_list
from coursebook.persistence.unit_of_work import reading, writing
from tests.support.harness import Harness

pytestmark = pytest.mark.both_databases


async def counts(harness: Harness, *ids: str) -> dict[str, int]:
    async with reading(harness.services.context.database) as work:
        return await work.managed_list.counts(harness.clock(), frozenset(ids))


async def test_each_list_counts_its_own_courses_up_to_a_limit(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    now = harness.clock()
    begun = {"starts_at": now - timedelta(days=5), "ends_at": now + timedelta(days=5)}
    courses = [
        await harness.course(),
        await harness.course(**begun),
        await harness.course(starts_in=timedelta(hours=-1)),
        await harness.course(status="draft"),
        await harness.course(status="cancelled"),
        await harness.course(starts_in=timedelta(days=-9)),
        await harness.course(starts_in=timedelta(days=-9)),
    ]
    async with writing(harness.services.context.database) as work:
        archived = await work.courses.lock(courses[-1].id)
        assert archived is not None
        archived.archived_at = now
    ids = [course.id for course in courses]
    wanted = {"upcoming": 3, "drafts": 1, "past": 1, "cancelled": 1, "archived": 1}
    assert await counts(harness, *ids) == wanted
    assert await counts(harness, ids[3]) == dict.fromkeys(wanted, 0) | {"drafts": 1}
    monkeypatch.setattr(managed_list, "MAX_COUNTED", 1)
    assert (await counts(harness, *ids))["upcoming"] == 2
