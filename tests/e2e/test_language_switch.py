"""The languages in the footer: a choice that is kept, on rendered pages and in their states."""

from playwright.async_api import Page, expect

from tests.e2e.people import open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def choose(page: Page, name: str) -> None:
    await (
        page.get_by_role("navigation", name="Language")
        .or_(page.get_by_role("navigation", name="Sprache"))
        .get_by_role("link", name=name, exact=True)
        .click()
    )


async def test_a_chosen_language_stays_on_every_page_and_in_its_state(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, price=4550)
    page = await visitors.open(locale="en-GB")
    await page.goto(f"/courses?q={course.title.split()[-1]}")  # no other course has this word
    before = page.url
    await choose(page, "Deutsch")
    await expect(page.locator("html[lang=de]")).to_be_attached()
    assert page.url == before
    chosen = page.get_by_role("link", name="Deutsch", exact=True)
    await expect(chosen).to_have_attribute("aria-current", "true")
    await expect(chosen).to_have_attribute("hreflang", "de")
    await page.get_by_role("link", name=course.title, exact=True).click()
    await expect(page.get_by_text("Jetzt buchen").first).to_be_visible()
    await expect(page.get_by_text("45,50").first).to_be_visible()  # written by the state
    await page.goto("/bookings")
    await expect(page.locator("html[lang=de]")).to_be_attached()
    await choose(page, "English")
    await expect(page.locator("html[lang=en]")).to_be_attached()
    assert page.url.endswith("/bookings")


async def test_without_javascript_the_language_can_be_chosen(visitors: Visitors, stack: Stack):
    page = await visitors.open(java_script_enabled=False, locale="en-GB")
    await page.goto("/courses?sort=price")
    await choose(page, "Deutsch")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kurse")
    assert page.url == f"{stack.url}/courses?sort=price"
