"""Server-rendered pages for search engines, link previews and slow phones."""

import asyncio
import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from coursebook.ui.ssr.mount import CACHE_SECONDS
from tests.e2e.people import eventually, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

STATE = 'id="coursebook-state"'
IN_PAGE = "document.getElementById('coursebook-state')"
WATCH = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.moved += shift.value;
}).observe({type: "layout-shift", buffered: true});
window.shown = [];
const note = () => {
  const text = document.querySelector("main").innerText;
  if (window.shown.at(-1) !== text) window.shown.push(text);
};
document.addEventListener("DOMContentLoaded", () => {
  note();
  new MutationObserver(note).observe(document.querySelector("main"), {
    subtree: true, childList: true, characterData: true,
  });
});
"""


class Reader(HTMLParser):
    """Reads a page like a program without JavaScript."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.canonical = self.text = self._data = ""
        self._inside: list[str] = []
        self.feed(html)

    @property
    def data(self) -> Any:
        return json.loads(self._data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[attributes.get("property") or attributes.get("name", "")] = attributes.get(
                "content", ""
            )
        elif tag == "link" and attributes.get("rel") == "canonical":
            self.canonical = attributes["href"]
        elif tag in ("script", "style", "title"):
            self._inside.append(attributes.get("type", tag))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        kind = self._inside[-1] if self._inside else ""
        if kind == "application/ld+json":
            self._data += data
        elif kind == "title":
            self.meta["title"] = self.meta.get("title", "") + data
        elif not kind:
            self.text += f"{data} "


def fetched(stack: Stack, path: str, language: str = "en") -> httpx.Response:
    """Return the page as a program without JavaScript gets it."""
    return httpx.get(f"{stack.url}{path}", headers={"Accept-Language": language}, timeout=30)


def is_drawn(stack: Stack, path: str) -> bool:
    return STATE in fetched(stack, path).text


async def drawn(stack: Stack, path: str) -> httpx.Response:
    """Return the page once it is server-rendered (a busy machine may need a few tries)."""
    await eventually(lambda: is_drawn(stack, path), seconds=30)
    return fetched(stack, path)


async def open_drawn(page: Page, path: str) -> None:
    """Reload until the page is server-rendered, and wait until it is hydrated."""
    for _ in range(20):
        await page.goto(path)
        if await page.evaluate(f"Boolean({IN_PAGE})"):
            break
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    await page.wait_for_load_state("networkidle")


async def test_the_catalog_reads_well_without_javascript(stack: Stack):
    course = await open_course(stack, price=4550, capacity=2)
    answer = await drawn(stack, f"/courses?q={course.title.replace(' ', '+')}")
    page = Reader(answer.text)
    assert (answer.status_code, answer.history) == (200, [])
    for said in (course.title, "€45.50", "2 places left", "Test hall", "1 course"):
        assert said in page.text
    assert re.search(r"\w{3} \d{1,2} \w{3} 20\d\d", page.text)
    assert page.meta["title"] == "Courses · coursebook"
    assert page.canonical == page.meta["og:url"] == f"{stack.url}/courses"
    (item,) = page.data["itemListElement"]
    assert item["item"]["offers"]["price"] == "45.50"


async def test_the_first_paint_waits_for_no_style_sheet_and_no_data(stack: Stack):
    answer = await drawn(stack, "/courses")
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}'" in answer.headers["content-security-policy"]
    links = re.findall(r"<link [^>]*href=\"[^\"]+\.css\"[^>]*>", answer.text)
    assert links, "React hydrates them"
    for link in links:
        assert "disabled" in link or 'media="not all"' in link
    foot = answer.text.index('id="end"')
    assert answer.text.index("application/ld+json") > foot
    assert answer.text.index(STATE) > foot


async def test_a_course_reads_well_without_javascript(stack: Stack):
    course = await open_course(stack, capacity=1)
    answer = await drawn(stack, f"/courses/{course.slug}?utm_source=letter")
    page = Reader(answer.text)
    assert answer.status_code == 200
    for said in (course.title, "€45", "1 place left", "Tess Ter", "Book now"):
        assert said in page.text
    assert page.meta["title"] == page.meta["og:title"] == f"{course.title} · coursebook"
    assert page.meta["description"] == "A course that one browser test books."
    assert page.canonical == page.meta["og:url"] == f"{stack.url}/courses/{course.slug}"
    assert page.meta["og:image"] == f"{stack.url}/og.png"
    assert (page.data["@type"], page.data["name"]) == ("Course", course.title)
    assert page.data["offers"]["availability"] == "https://schema.org/InStock"


async def test_an_unknown_course_is_a_404_that_says_so(stack: Stack):
    answer = await drawn(stack, "/courses/there-is-no-such-course")
    assert answer.status_code == 404
    assert "We could not find this course" in Reader(answer.text).text


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("path", ["/", "/courses", "/bookings", "/sign-in", "/no-such-page"])
async def test_a_page_waits_only_for_what_it_has(stack: Stack, path: str, language: str):
    html = fetched(stack, path, language).text
    awaited = re.findall(r'<link [^>]*href="#(\w+)" rel="expect"', html)
    assert all(f'id="{target}"' in html for target in awaited)
    assert awaited


async def test_what_search_engines_ask_for_is_there(stack: Stack):
    course = await open_course(stack)
    assert f"/courses/{course.slug}</loc>" in fetched(stack, "/sitemap.xml").text
    assert "Sitemap:" in fetched(stack, "/robots.txt").text


async def test_only_the_first_picture_of_the_catalog_is_fetched_before_it_is_seen(stack: Stack):
    _, first, *others = fetched(stack, "/courses").text.split('data-testid="course-card"')
    ways = [re.findall(r'<img[^>]* loading="(\w+)"', card) for card in (first, *others)]
    assert ways[0] in ([], ["eager"])  # a course of another test may have no picture
    assert {way for found in ways[1:] for way in found} == {"lazy"}


@pytest.mark.parametrize("is_phone", [False, True])
@pytest.mark.parametrize("kind", ["first", "catalog", "search", "course"])
async def test_when_the_browser_takes_over_nothing_changes_and_nothing_moves(
    visitors: Visitors, stack: Stack, kind: str, is_phone: bool
):
    course = await open_course(stack)
    await asyncio.sleep(CACHE_SECONDS)  # a page rendered earlier would not contain the course
    paths = {"first": "/", "catalog": "/courses", "course": f"/courses/{course.slug}"}
    page = await visitors.open(phone=is_phone)
    await page.add_init_script(WATCH)
    await open_drawn(page, paths.get(kind, f"/courses?q={course.slug[-8:]}&level=Beginner"))
    assert len(await page.evaluate("window.shown")) == 1
    assert await page.evaluate("window.moved") == 0


async def test_another_course_in_the_same_tab_shows_no_skeleton(visitors: Visitors, stack: Stack):
    first, second = await open_course(stack), await open_course(stack)
    page = await visitors.open()
    await page.add_init_script(WATCH)
    await open_drawn(page, f"/courses/{first.slug}")
    await open_drawn(page, f"/courses/{second.slug}")
    (shown,) = await page.evaluate("window.shown")
    assert second.title in shown


async def test_a_title_cannot_break_out_of_the_page(visitors: Visitors, stack: Stack):
    title = "</script><img src=x onerror=document.title='stolen'>"
    course = await open_course(stack, title=title)
    page = await visitors.open()
    await open_drawn(page, f"/courses/{course.slug}")
    await expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert await page.locator("img[src=x]").count() == 0
    assert Reader((await drawn(stack, f"/courses/{course.slug}")).text).data["name"] == title


async def test_with_the_renderer_killed_the_shell_works_and_then_pages_are_drawn_again(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    path = f"/courses/{course.slug}"
    await drawn(stack, "/courses")
    stack.kill_renderer()
    answer = fetched(stack, path)
    assert (answer.status_code, STATE in answer.text) == (200, False)
    page = await visitors.open()
    await page.goto(path)
    await expect(page.get_by_role("heading", name=course.title)).to_be_visible()
    await drawn(stack, path)
    stack.forget_trouble()  # the supervisor logged that the renderer ended
