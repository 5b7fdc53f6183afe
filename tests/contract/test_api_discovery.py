"""What search engines ask for."""

from xml.etree import ElementTree as ET

from coursebook.api.routes import robots_and_sitemap
from tests.support.harness import Harness


async def addresses(harness: Harness) -> list[str]:
    answer = await harness.get("/sitemap.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    return [found.text or "" for found in ET.fromstring(answer.content).findall("{*}url/{*}loc")]


async def test_the_sitemap_names_every_published_course_and_no_other(sqlite_harness: Harness):
    shown = [await sqlite_harness.course() for _ in range(5)]
    draft = await sqlite_harness.course(status="draft")
    public = sqlite_harness.services.settings.public_url
    found = await addresses(sqlite_harness)
    assert found[:2] == [f"{public}/", f"{public}/courses"]
    assert {f"{public}/courses/{course.slug}" for course in shown} == set(found[2:])
    assert not any(draft.slug in address for address in found)


async def test_the_sitemap_is_never_longer_than_it_may_be(sqlite_harness: Harness, monkeypatch):
    monkeypatch.setattr(robots_and_sitemap, "MAX_ADDRESSES", 4)
    for _ in range(5):
        await sqlite_harness.course()
    assert len(await addresses(sqlite_harness)) == 4


async def test_robots_are_kept_from_what_is_personal_and_shown_the_sitemap(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/robots.txt")
    lines = answer.text.splitlines()
    assert "Disallow: /bookings" in lines
    assert "Disallow: /courses" not in lines
    assert f"Sitemap: {sqlite_harness.services.settings.public_url}/sitemap.xml" in lines
