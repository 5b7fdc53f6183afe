"""Clicks and typing before the scripts have loaded are not lost."""

import asyncio
import re

from playwright.async_api import Page, Route, expect

from tests.e2e.people import Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

STYLED = """() => {
  const linked = [...document.querySelectorAll("link[rel=stylesheet]:not([disabled])")];
  return document.styleSheets.length > 0 && linked.every((one) => one.sheet);
}"""


async def without_scripts_yet(page: Page, path: str) -> asyncio.Event:
    """Open a page whose scripts load when the event is set; its styles load at once.

    Nothing is painted before the styles, so nobody can click an element that they hide.
    """
    come = asyncio.Event()

    async def held(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/assets/*.js", held)
    await page.goto(path, wait_until="commit")
    await page.wait_for_function(STYLED)
    return come


async def test_an_early_click_books_once(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = Person(await visitors.open(phone=True))
    await sam.sign_in()
    asked: list[object] = []

    def note(text: object) -> None:
        asked.append(text)

    sam.page.on("websocket", lambda wire: wire.on("framesent", note))
    scripts = await without_scripts_yet(sam.page, f"/courses/{course.slug}")
    book = sam.page.get_by_role("button", name="Book now")
    await book.click()
    await expect(book).to_have_attribute("aria-disabled", "true")
    await book.click(force=True)
    scripts.set()
    await sam.on_the_payment_page()
    assert sum("book_clicked" in str(text) for text in asked) == 1
    mine = stack.api("sam@example.test").get("/api/bookings", params={"limit": 100}).json()
    assert [booking["course"]["slug"] for booking in mine["items"]].count(course.slug) == 1


async def test_what_is_typed_and_chosen_early_is_looked_for(visitors: Visitors, stack: Stack):
    course = await open_course(stack, title="Fore-edge painting")
    page = await visitors.open()
    scripts = await without_scripts_yet(page, "/courses")
    box = page.get_by_label("Search courses")
    await page.get_by_label("Places left only").check()
    await box.press_sequentially("fore-edge")
    scripts.set()
    await expect(page.get_by_role("article").get_by_role("link")).to_have_text([course.title])
    await expect(page).to_have_url(re.compile(r"\?q=fore-edge&available=true$"))
    await expect(box).to_have_value("fore-edge")
    await expect(box).to_be_focused()
    await expect(page.get_by_label("Places left only")).to_be_checked()
