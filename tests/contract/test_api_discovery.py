"""Files for search engines."""

from xml.etree import ElementTree as ET

import httpx

from coursebook.api.app import build_api
from coursebook.api.routes import robots_and_sitemap
from coursebook.coursebook import INDEXED
from tests.support.harness import Harness


async def get(path: str) -> httpx.Response:
    """GET from an API that has the product's pages."""
    transport = httpx.ASGITransport(app=build_api(INDEXED))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def addresses() -> list[str]:
    answer = await get("/sitemap.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    return [found.text or "" for found in ET.fromstring(answer.content).findall("{*}url/{*}loc")]


async def test_the_sitemap_names_every_published_course_and_no_other(sqlite_harness: Harness):
    shown = [await sqlite_harness.course() for _ in range(5)]
    draft = await sqlite_harness.course(status="draft")
    public = sqlite_harness.services.settings.public_url
    addresses_found = await addresses()
    assert addresses_found[:2] == [f"{public}/", f"{public}/courses"]
    assert {f"{public}/courses/{course.slug}" for course in shown} == set(addresses_found[2:])
    assert not any(draft.slug in address for address in addresses_found)


async def test_the_sitemap_is_never_longer_than_it_may_be(sqlite_harness: Harness, monkeypatch):
    monkeypatch.setattr(robots_and_sitemap, "MAX_ADDRESSES", 4)
    for _ in range(5):
        await sqlite_harness.course()
    assert len(await addresses()) == 4


async def test_robots_are_kept_from_what_is_personal_and_shown_the_sitemap(sqlite_harness: Harness):
    answer = await get("/robots.txt")
    lines = answer.text.splitlines()
    for path in ("/api/", "/bookings", "/payment/success", "/sign-in", "/manage/inbox/"):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /courses" not in lines
    assert f"Sitemap: {sqlite_harness.services.settings.public_url}/sitemap.xml" in lines


async def test_an_api_without_pages_has_an_empty_sitemap(sqlite_harness: Harness):
    answer = await sqlite_harness.get("/sitemap.xml")
    assert (answer.status_code, "<loc>" in answer.text) == (200, False)
