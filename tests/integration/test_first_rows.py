"""Two processes that write the first row of a table at the same time."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from coursebook.domain.reconciliation import Run
from coursebook.persistence.schema.tables import Pulse
from coursebook.persistence.unit_of_work import reading, writing
from coursebook.wiring import Services, opened
from tests.support.harness import Harness
from tests.support.stack import ROOT

pytestmark = pytest.mark.both_databases

AT_ONCE = 6


@pytest.fixture
async def other(harness: Harness) -> AsyncIterator[Services]:
    """A second container of services on the same database, as in another process."""
    async with opened(harness.services.settings, clock=harness.clock) as made:
        yield made


async def test_processes_that_start_together_write_the_same_first_rows(
    harness: Harness, other: Services
):
    course, now = await harness.course(), harness.clock()

    async def first(services: Services) -> None:
        async with writing(services.context.database) as work:
            await work.heartbeats.beat("first", now)
            await work.reconciliations.keep(Run("first", now, now), now)
            await work.slug_redirects.keep("first", course.id, now)

    await asyncio.gather(*map(first, [harness.services, other] * (AT_ONCE // 2)))
    async with reading(harness.services.context.database) as work:
        assert await work.reconciliations.find("first") == Run("first", now, now)
        assert await work.heartbeats.last("first") == now
        assert await work.slug_redirects.course_id_of("first") == course.id
        pulses = sa.select(sa.func.count()).where(Pulse.name == "first")  # type: ignore[arg-type]
        assert await work.session.scalar(pulses) == 1


def test_no_row_is_merged():
    sources = (ROOT / "coursebook").rglob("*.py")
    merging = [str(path) for path in sources if re.search(r"session\.merge\(", path.read_text())]
    assert not merging, "insert_or_update is safe beside another process"
