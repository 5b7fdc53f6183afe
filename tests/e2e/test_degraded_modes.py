"""Pages without a connection, without JavaScript and at unknown addresses."""

import re

import httpx
import pytest
from playwright.async_api import expect

from tests.e2e.people import open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_without_a_line_the_first_click_on_a_course_does_not_end_the_page(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, title="Cut knots")
    page = await visitors.open(prefetches=True)
    visitors.forgive("ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)|WebSocket")
    await page.goto("/courses?q=cut+knots")
    await page.wait_for_function(
        """() => {
            const wanted = [...document.querySelectorAll("link[rel=modulepreload]")];
            const here = performance.getEntriesByType("resource").filter((one) => one.responseEnd);
            const names = new Set(here.map((one) => one.name));
            return wanted.some((one) => one.href.includes("_bookings_"))
                && wanted.every((one) => names.has(one.href));
        }"""
    )
    await page.context.set_offline(True)
    await page.locator(f"main a[href='/courses/{course.slug}']").click()
    await expect(page).to_have_url(re.compile(course.slug))
    await expect(page.get_by_role("link", name="All courses")).to_be_visible()
    await page.get_by_role("link", name="All courses").click()
    await page.get_by_role("link", name="My bookings").click()
    await expect(page.get_by_role("heading", name="My bookings")).to_be_visible()
    await page.context.set_offline(False)
    await page.go_back()
    await page.go_back()
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible(
        timeout=30_000
    )


async def test_more_courses_come_below_and_the_next_page_begins_at_its_top(
    visitors: Visitors, stack: Stack
):
    for _ in range(37):
        await open_course(stack, title="Some knots")
    page = await visitors.open()
    await page.goto("/courses?q=some+knots")
    await page.wait_for_function("() => !window.coursebookEarly")
    before = await page.evaluate("history.length")
    for shown in (24, 36):
        await page.get_by_role("link", name="Show more courses").click()
        await expect(page).to_have_url(re.compile(f"show={shown}$"))
        await expect(page.get_by_test_id("course-count")).to_contain_text(f"1–{shown} of ")
    assert await page.evaluate("history.length") == before
    assert await page.evaluate("scrollY") > 0


async def test_after_sixty_the_next_page_is_read_from_its_top(visitors: Visitors, stack: Stack):
    for _ in range(61):
        await open_course(stack, title="Many knots")
    page = await visitors.open()
    await page.goto("/courses?q=many+knots&show=60")
    await page.wait_for_function("() => !window.coursebookEarly")
    await page.get_by_role("link", name="Show more courses").click()
    await expect(page).to_have_url(re.compile("after=.*at=60"))
    await expect(page.get_by_test_id("course-count")).to_contain_text("61–")
    assert await page.evaluate("document.activeElement !== document.body")
    assert await page.evaluate("scrollY") < 400
    await page.go_back()
    await expect(page).to_have_url(re.compile("show=60$"))


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
async def test_an_unknown_address_says_so_before_any_script(
    visitors: Visitors, stack: Stack, language: str
):
    page = await visitors.open(java_script_enabled=False, locale=language)
    visitors.forgive("status of 404")
    answer = await page.goto("/no/such/page")
    assert answer
    assert answer.status == 404
    heading = "We could not find this page" if language == "en-GB" else "Diese Seite gibt es nicht"
    await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    with_scripts = await visitors.open(locale=language)
    await with_scripts.goto("/no/such/page?x=1")
    await with_scripts.wait_for_function("() => !window.coursebookEarly")
    await expect(with_scripts.get_by_role("heading", level=1, name=heading)).to_be_visible()


async def test_without_javascript_pages_say_what_they_need(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open(java_script_enabled=False)
    for path in (
        "/sign-in",
        "/bookings",
        "/payment/success?session_id=cs_1",
        "/payment/cancel?booking_id=b",
        f"/courses/{course.slug}",
    ):
        await page.goto(path)
        await expect(page.get_by_test_id("needs-script").first).to_contain_text("JavaScript")
        await expect(page.get_by_text("Confirming your payment")).to_be_hidden()
        await expect(page.get_by_role("button", name="Book now")).to_have_count(0)


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
@pytest.mark.parametrize("name", ["a.b", "caf%C3%A9", "x" * 161, "no-such-course", "a%0Ab"])
def test_a_course_that_cannot_exist_is_404(stack: Stack, name: str, accept: str):
    answer = httpx.get(f"{stack.url}/courses/{name}", headers={"Accept": accept})
    assert answer.status_code == 404
    picture = httpx.get(f"{stack.url}/courses/draw-an-alphabet.svg", headers={"Accept": "image/*"})
    assert picture.status_code == 200


@pytest.mark.parametrize("name", ["a.b", "café", "x" * 161])
async def test_its_page_says_so_with_scripts_too(visitors: Visitors, stack: Stack, name: str):
    page = await visitors.open()
    visitors.forgive("status of 404")
    await page.goto(f"/courses/{name}")
    await page.wait_for_function("() => !window.coursebookEarly")
    await expect(page.get_by_test_id("course-missing")).to_be_visible()


async def test_an_entry_of_the_inbox_is_a_page_before_its_scripts_are_there(
    visitors: Visitors, stack: Stack
):
    for locale, words in (("en-GB", "JavaScript. Please"), ("de-DE", "JavaScript")):
        page = await visitors.open(java_script_enabled=False, locale=locale)
        answer = await page.goto("/manage/inbox/mie_1")
        assert answer is not None
        assert answer.status == 200
        assert "coursebook" in await page.title()
        await expect(page.get_by_test_id("needs-script")).to_contain_text(words)
    page = await visitors.open()
    await page.goto("/manage/inbox/mie_1")
    await expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
