"""The name of the school for the pages: cached, dropped by its topic, there without a database."""

import asyncio
import time

import pytest

from coursebook.live import topics
from coursebook.services.manage import school_settings
from coursebook.services.manage.school_settings import SchoolProfile, SchoolView
from tests.support.harness import OPERATOR, Harness


def another_process(harness: Harness) -> SchoolProfile:
    """Return the name as another process sees it: it hears of changes by topics only."""
    profile = SchoolProfile(harness.services.context, harness.services.access)
    harness.services.live.listen(profile.topics_changed)
    return profile


async def test_a_new_name_is_shown_in_every_process_at_once(harness: Harness):
    other, own = another_process(harness), harness.services.school_profile
    owner = await harness.principal(OPERATOR)
    for name in ("", "Barro", "Atelier Barro", ""):
        await own.patch(owner, {"name": name})
        assert [await profile.shown_name() for profile in (own, other)] == [name, name]


async def test_the_name_is_read_once_until_a_topic_drops_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    read, reads = SchoolProfile.current, []

    async def counted(self: SchoolProfile) -> SchoolView:
        reads.append(self)
        return await read(self)

    monkeypatch.setattr(SchoolProfile, "current", counted)
    monkeypatch.setattr(school_settings, "TIMEOUT_NAME", 20)  # a page that gives up reads again
    profile = another_process(harness)
    for topic in ("course:crs_x", topics.SCHOOL, topics.EVERYTHING):
        harness.services.live.publish_here({topic})
        for _ in range(3):
            await profile.shown_name()
    assert len(reads) == 3


@pytest.mark.parametrize("fails_slowly", [False, True])
async def test_without_the_database_the_last_name_stays_and_no_page_waits(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, *, fails_slowly: bool
):
    profile = harness.services.school_profile
    await profile.patch(await harness.principal(OPERATOR), {"name": "Barro"})
    assert await profile.shown_name() == "Barro"
    monkeypatch.setattr(school_settings, "TIMEOUT_NAME", 0.05)

    async def failing(_self: SchoolProfile) -> SchoolView:
        await asyncio.sleep(5 if fails_slowly else 0)
        raise ConnectionError("the database is away")

    monkeypatch.setattr(SchoolProfile, "current", failing)
    profile.topics_changed({topics.SCHOOL})
    started = time.monotonic()
    assert await profile.shown_name() == "Barro"
    assert time.monotonic() - started < 1
