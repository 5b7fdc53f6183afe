"""Focus and announcements for people who do not see the page."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import open_course
from tests.support.stack import Stack

FOCUSED = "document.activeElement.tagName + ' ' + document.activeElement.textContent"


async def has_focus(page: Page, name: str | re.Pattern[str]) -> None:
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_focused()


async def test_after_each_navigation_the_heading_has_the_focus_and_the_title_is_spoken(
    page: Page, stack: Stack
):
    first, other = await open_course(stack), await open_course(stack)
    await page.goto(f"/courses?q={first.title}")
    assert await page.evaluate(FOCUSED) != f"H1 {first.title}", (
        "the first load must leave the focus to the browser"
    )
    await page.get_by_role("article").get_by_role("link", name=first.title).click()
    await has_focus(page, first.title)
    spoken = page.get_by_test_id("page-title-announcement")
    await expect(spoken).to_have_text(f"{first.title} · coursebook")
    await page.get_by_role("button", name="Book now").click()
    await has_focus(page, "Sign in")
    await expect(spoken).to_have_text("Sign in · coursebook")
    await page.get_by_role("button", name="Continue as Sally Student").click()
    await expect(page.get_by_text("Test payments: no money moves")).to_be_visible()
    await page.goto(f"/courses/{first.slug}")
    await page.get_by_role("navigation").get_by_role("link", name="My bookings").click()
    await has_focus(page, "My bookings")
    await page.go_back()
    await has_focus(page, first.title)
    await page.evaluate(
        "slug => { history.pushState({}, '', `/courses/${slug}`); "
        "dispatchEvent(new PopStateEvent('popstate')) }",
        other.slug,
    )
    await has_focus(page, other.title)
    await expect(spoken).to_have_text(f"{other.title} · coursebook")


async def test_what_was_found_is_spoken_from_a_region_that_was_there(page: Page):
    await page.goto("/courses")
    region = page.get_by_test_id("result-count")
    await expect(region).to_contain_text("courses")
    was = await region.element_handle()
    assert was is not None
    await page.get_by_label("Search courses").fill("qqqqzzzzqqqq")
    await expect(page.get_by_role("heading", name="No courses match")).to_be_visible()
    assert "No courses match" in (await was.text_content() or "")
    await page.get_by_role("link", name="Clear all filters").click()
    await expect(region).to_contain_text("courses")
    await expect(region).to_be_focused()


async def test_titles_and_headings_say_what_the_page_shows(page: Page):
    for path in ("success?session_id=cs_test_1", "cancel?booking_id=bkg_1"):
        await page.goto(f"/payment/{path}")
        await expect(page.get_by_role("heading", level=1, name="Please sign in")).to_be_visible()
        await expect(page).to_have_title("Please sign in · coursebook")
        await expect(page.get_by_text("Payment cancelled")).to_have_count(0)
