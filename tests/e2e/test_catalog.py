"""The catalog in a browser: filters, chips, Back, reload, a phone, and no JavaScript."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack


def count(page: Page, text: str) -> object:
    return expect(page.get_by_test_id("course-count")).to_have_text(text)


async def test_filters_live_in_the_address_so_back_reload_and_links_work(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, title="Zeppelin knots")
    await open_course(stack, title="Zeppelin songs", price=900)
    page = await visitors.open()
    await page.goto("/courses")
    await page.get_by_label("Search courses").press_sequentially("zepelin", delay=20)
    await expect(page).to_have_url(re.compile(r"\?q=zepelin$"))
    await count(page, "2 courses")
    await expect(page.get_by_text("here is what we have for “zeppelin”")).to_be_visible()
    await page.get_by_label("Price", exact=True).select_option(label="Up to €25")
    await expect(page).to_have_url(re.compile(r"q=zepelin&price=25eur$"))
    await count(page, "1 course")
    await page.get_by_label("Where").select_option("online")
    await expect(page.get_by_role("heading", name="No courses match")).to_be_visible()
    await expect(page.get_by_text("hides most is “Online”")).to_be_visible()
    await page.reload()
    await expect(page.get_by_label("Where")).to_have_value("online")
    await page.get_by_role("link", name="Remove filter: Online").click()
    await count(page, "1 course")
    await expect(page.get_by_label("Where")).to_have_value("")
    await page.go_back()
    await expect(page.get_by_role("heading", name="No courses match")).to_be_visible()
    await page.go_back()
    await page.go_back()
    await count(page, "2 courses")
    await expect(page.get_by_label("Price", exact=True)).to_have_value("")
    await expect(page.get_by_label("Search courses")).to_have_value("zepelin")
    await page.get_by_role("link", name=course.title).click()
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible()
    await page.go_back()
    await count(page, "2 courses")


async def test_without_javascript_the_filters_are_a_form(visitors: Visitors, stack: Stack):
    course = await open_course(stack, title="Quillwork")
    page = await visitors.open(java_script_enabled=False)
    await page.goto("/courses")
    await page.get_by_label("Search courses").fill("quilwork")
    await page.get_by_label("Level").select_option("Beginner")
    await page.get_by_role("button", name="Show courses").click()
    await expect(page.get_by_role("article").get_by_role("link")).to_have_text([course.title])
    await expect(page.get_by_label("Level")).to_have_value("Beginner")
    await page.get_by_role("link", name="Clear all filters").click()
    await expect(page).to_have_url(re.compile("/courses$"))
    await page.get_by_role("link", name="Show more courses").click()
    assert await page.get_by_role("article").count() > 12


async def test_on_a_phone_the_filters_fold_away_and_work_by_keyboard(
    visitors: Visitors, stack: Stack
):
    await open_course(stack, title="Marquetry")
    page = await visitors.open(phone=True)
    await page.goto("/courses?q=marquetry")
    await count(page, "1 course")
    await expect(page.get_by_label("Level")).to_be_hidden()
    await page.get_by_label("Search courses").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Level")).to_be_visible()
    await page.get_by_label("Level").select_option("Advanced")
    await expect(page.get_by_role("heading", name="No courses match")).to_be_visible()
    await page.get_by_role("link", name="Show 1 course without it").click()
    await count(page, "1 course")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
