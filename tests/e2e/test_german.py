"""A visitor whose browser asks for German: all pages are German, without a flash of English."""

import re
from urllib.parse import urlencode

import httpx
import pytest
from playwright.async_api import Page, expect

from coursebook.ui import i18n
from tests.e2e.people import Opened, Person, eventually, open_course
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import Stack

GERMAN, ENGLISH = i18n.of("de"), i18n.of("en")
ASKING = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
NBSP = "\N{NO-BREAK SPACE}"
SEEN = """() => {
  const told = [];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_ALL);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (!node.parentElement.closest("script, style")) told.push(node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      for (const name of ["aria-label", "placeholder", "title", "alt", "content"]) {
        if (node.hasAttribute(name)) told.push(node.getAttribute(name));
      }
    }
  }
  return told.map((text) => text.trim()).filter(Boolean);
}"""

WATCHING = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.moved += shift.value;
}).observe({type: "layout-shift", buffered: true});
window.flashed = [];
const note = () => window.flashed.push(document.title, document.body?.innerText ?? "");
new MutationObserver(note).observe(document, {
  subtree: true, childList: true, characterData: true,
});
"""
"""Notes what moves on the page, and every text it shows, also for a moment."""


def english_only() -> dict[str, re.Pattern[str]]:
    """Return patterns of our English texts that differ from the German ones."""
    german = {text.lower() for _, text in GERMAN}
    found = {}
    for name, text in ENGLISH:
        if text.lower() not in german and not name[0].endswith(("_FORM", "_MARK", "DAY", "MONTH")):
            gaps = re.split(r"\\\{\w+\\\}", re.escape(text))
            found[text] = re.compile(r"[\s\S]+".join(gaps))
    return found


ENGLISH_ONLY = english_only()


async def reads_no_english(page: Page) -> None:
    """Check every text of the page, including spoken ones and the head."""
    told = await page.evaluate(SEEN)
    assert told
    assert await page.get_attribute("html", "lang") == "de"
    slips = [t for t in told if any(each.fullmatch(t) for each in ENGLISH_ONLY.values())]
    assert slips == []


class German(Person):
    """A German-speaking visitor; the sandbox's payment page is in English."""

    async def sign_in(self, name: str = "Sally Student") -> None:
        await self.page.goto("/sign-in")
        await reads_no_english(self.page)
        await self.press(f"Weiter als {name}")
        await expect(self.page.get_by_role("button", name="Abmelden")).to_be_visible()

    async def book_in_german(self, course: Opened) -> None:
        await self.page.get_by_role("searchbox", name="Kurse suchen").fill(course.title)
        await self.page.get_by_role("link", name=course.title, exact=True).click()
        await self.sees_heading(course.title)
        await self.is_told("Ortszeit Berlin")
        await reads_no_english(self.page)
        await self.press("Jetzt buchen")
        await self.on_the_payment_page()


async def test_a_german_visitor_books_and_reads_no_english(visitors: Visitors, stack: Stack):
    course = await open_course(stack, price=4550)
    page = await visitors.open(locale="de-AT")
    sally = German(page)
    await sally.sign_in()
    await page.goto("/courses")
    await sally.sees_heading("Kurse")
    await reads_no_english(page)
    await sally.book_in_german(course)
    await page.get_by_role("link", name="Back").or_(page.get_by_role("button", name="Back")).click()
    await sally.sees_heading("Zahlung abgebrochen")
    await expect(page.get_by_test_id("hold")).to_contain_text("Ihr Platz ist reserviert bis")
    await reads_no_english(page)
    await sally.press("Noch einmal versuchen")
    await sally.on_the_payment_page()
    await sally.type_card(cards.VISA)
    await sally.sees_heading("Buchung bestätigt")
    await sally.is_told(f"45,50{NBSP}€")
    await reads_no_english(page)
    await page.goto(f"/bookings?{urlencode({'q': course.title})}")
    await expect(sally.booking_of(course).get_by_text("Bestätigt", exact=True)).to_be_visible()
    await sally.booking_of(course).get_by_text("Was geschehen ist").click()
    await reads_no_english(page)
    await sally.booking_of(course).get_by_role("button", name="Buchung absagen").click()
    await expect(page.get_by_test_id("cancel-money")).to_contain_text(f"45,50{NBSP}€ zurück")
    await reads_no_english(page)


async def test_pages_without_javascript_come_in_german_and_english_side_by_side(stack: Stack):
    course = await open_course(stack, capacity=1)
    path = f"/courses/{course.slug}"
    await eventually(lambda: 'id="coursebook-state"' in get(stack, path).text, seconds=30)
    german = get(stack, path)
    for said in ("Jetzt buchen", "1 Platz frei", "Für Anfänger", f"45{NBSP}€", 'lang="de"'):
        assert said in german.text
    assert german.headers["content-language"] == "de"
    assert 'content="de_DE"' in german.text
    assert "Book now" not in german.text
    assert re.search(rf'<h1[^>]* lang="en"[^>]*>{course.title}', german.text)
    english = get(stack, path, {})
    assert "Book now" in english.text
    assert "Jetzt buchen" not in english.text
    for static in ("/bookings", "/sign-in", "/payment/success", "/nowhere"):
        answer = get(stack, static)
        assert (answer.headers["content-language"], 'lang="de"' in answer.text) == ("de", True)
        assert "Accept-Language" in answer.headers["vary"]
        assert ENGLISH.NAV_COURSES + "</a>" not in answer.text


@pytest.mark.parametrize("is_drawn", [True, False])
async def test_no_english_flashes_up_before_the_german(
    visitors: Visitors, stack: Stack, is_drawn: bool
):
    page = await visitors.open(locale="de-DE")
    await page.add_init_script(WATCHING)
    await page.goto("/courses" if is_drawn else "/bookings")
    await expect(page.get_by_role("link", name="Anmelden").first).to_be_visible()
    assert not [line for line in await flashed(page) if line in ENGLISH_ONLY]
    assert await page.evaluate("window.moved") == 0 or not is_drawn


async def test_an_unknown_address_shows_no_other_page_first(visitors: Visitors, stack: Stack):
    visitors.forgive(r"status of 404 .*nowhere")  # Chromium logs the 404
    page = await visitors.open(locale="de-DE")
    await page.add_init_script(WATCHING)
    await page.goto("/nowhere")
    title = GERMAN.NOT_FOUND_TITLE
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    assert GERMAN.HERO_TITLE not in await flashed(page)


async def flashed(page: Page) -> list[str]:
    """Return every line that was visible, however briefly."""
    return "\n".join(await page.evaluate("window.flashed")).splitlines()


def get(stack: Stack, path: str, asking: dict[str, str] = ASKING) -> httpx.Response:
    return httpx.get(f"{stack.url}{path}", headers=asking, timeout=30)
