"""Long words, large text and other scripts: nothing is cut off or scrolls sideways."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

COMPOUND = "Donaudampfschifffahrtsgesellschaftskapitänsmützenherstellung"
LINK = "https://example.org/" + "a-very-long-path/" * 8
TWICE = "document.documentElement.style.fontSize = '200%'"
TOO_WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
STICKS_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 200))"""
CUT_OFF = """() => [...document.querySelectorAll("main h1, main h2, main p, main dd, main li")]
  .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent)"""
OVER_EACH_OTHER = """() => {
  const bar = document.querySelector("[data-testid=booking-bar]");
  const [button] = bar.querySelectorAll("button, a");
  const it = button.getBoundingClientRect();
  return [...bar.querySelectorAll("span, p")]
    .filter((one) => !button.contains(one) && one.getClientRects().length)
    .map((one) => one.getBoundingClientRect())
    .filter((one) => one.width > 1 && it.left < one.right - 1 && one.left < it.right - 1
      && it.top < one.bottom - 1 && one.top < it.bottom - 1).length;
}"""


async def long_words(stack: Stack) -> Opened:
    return await open_course(
        stack,
        title=COMPOUND,
        summary=LINK,
        place_name=COMPOUND.lower(),
        place_address=f"{COMPOUND} 1, 10999 Berlin, Germany",
        description=f"## Das{COMPOUND}\n\n{LINK}\n\n- {COMPOUND.upper()}",
        instructor=COMPOUND,
    )


@pytest.mark.parametrize("width", [320, 390])
async def test_a_word_without_an_end_stays_on_the_page(
    visitors: Visitors, stack: Stack, width: int
):
    course = await long_words(stack)
    page = await visitors.open(phone=True)
    await page.set_viewport_size({"width": width, "height": 800})
    sam = Person(page)
    await sam.sign_in()
    await sam.look_at(course)
    await fits(page)
    await page.goto(f"/courses?q={COMPOUND}")
    await expect(page.get_by_role("article").first).to_be_visible()
    await fits(page)
    await sam.book(course)
    await sam.press("Back")
    await sam.sees_heading("Payment cancelled")
    await fits(page)
    await sam.bookings(course)
    await expect(sam.booking_of(course).first).to_be_visible()
    await fits(page)


async def test_letters_of_twice_the_size_fit_a_phone(visitors: Visitors, stack: Stack):
    course = await open_course(stack, title="Stargazing with what you have at home")
    page = await visitors.open(phone=True)
    sam = Person(page)
    await sam.sign_in()
    await sam.look_at(course)
    await page.evaluate(TWICE)
    await fits(page)
    assert await page.evaluate(OVER_EACH_OTHER) == 0
    await sam.bookings()
    await page.evaluate(TWICE)
    await fits(page)


async def test_what_people_wrote_runs_in_its_own_direction(page: Page, stack: Stack):
    course = await open_course(stack, title="קדרות למתחילים", summary="יום אחד עם חימר.")
    await page.goto(f"/courses/{course.slug}")
    title = page.get_by_role("heading", name=course.title)
    await expect(title).to_have_css("direction", "rtl")
    await expect(page.get_by_text("יום אחד עם חימר.")).to_have_css("direction", "rtl")
    await page.goto(f"/courses?q={course.title}")
    await expect(page.get_by_role("heading", name=course.title)).to_have_css("direction", "rtl")


async def fits(page: Page) -> None:
    assert await page.evaluate(TOO_WIDE) <= 0, await page.evaluate(STICKS_OUT)
    assert await page.evaluate(CUT_OFF) == []
