"""Navigation: the way back, and messages that belong to one page or moment."""

import re

import httpx
from playwright.async_api import expect

from tests.e2e.people import Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import CREATE_SESSION, Stack

SESSIONS = "/v1/checkout/sessions"


async def test_the_way_back_from_a_course_keeps_the_filters(visitors: Visitors, stack: Stack):
    course = await open_course(stack, title="Kept knots")
    page = await visitors.open()
    await page.goto("/courses?q=kept+knots&level=Beginner")
    await page.wait_for_function("() => !window.coursebookEarly")
    await page.locator(f"main a[href='/courses/{course.slug}']").first.click()
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible()
    await page.get_by_role("link", name="All courses").click()
    await expect(page).to_have_url(re.compile(r"/courses\?q=kept\+knots&level=Beginner$"))
    await expect(page.get_by_label("Level")).to_have_value("Beginner")
    await page.get_by_role("link", name="Clear all filters").first.click()
    await page.get_by_role("link", name="My bookings").click()
    await page.goto(f"/courses/{course.slug}")
    await page.get_by_role("link", name="All courses").click()
    await expect(page).to_have_url(re.compile("/courses$"))


async def test_a_press_that_takes_long_says_so(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    stack.control("faults", count=1, kind="slow", delay_ms=12_000, **CREATE_SESSION)
    await sam.look_at(course)
    await sam.press("Book now")
    button = sam.page.get_by_test_id("book")
    await expect(button).to_have_text("Reserving your place…")
    await expect(button).to_have_text("This takes longer than usual…")


async def test_who_holds_the_last_place_does_not_read_full(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=1)
    sam, sally = Person(await visitors.open()), Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    await sam.look_at(course)
    await expect(sam.page.get_by_test_id("own-place")).to_be_visible()
    await expect(sam.page.get_by_test_id("places-left")).to_have_count(0)
    await sally.look_at(course)
    await expect(sally.page.get_by_test_id("places-left")).to_have_text("Full")


async def test_a_message_about_one_page_is_gone_on_the_next(visitors: Visitors, stack: Stack):
    sam = Person(await visitors.open())
    visitors.forgive("ERR_FAILED|Failed to (load|fetch)")
    await sam.sign_in()
    await sam.page.goto("/courses")
    await expect(sam.page.get_by_role("button", name="Sign out")).to_be_visible()
    await sam.page.route("**/v1/client/sessions*", lambda route: route.abort())
    await sam.press("Sign out")
    notice = sam.page.get_by_test_id("session-notice")
    await expect(notice).to_contain_text("still signed in")
    await sam.page.get_by_role("link", name="My bookings").click()
    await sam.sees_heading("My bookings")
    await expect(notice).to_have_count(0)
    await sam.press("Sign out")
    await expect(notice).to_contain_text("still signed in")


async def test_a_question_about_an_unpaid_place_promises_no_money(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = Person(await visitors.open(locale="de-DE"))
    await sam.page.goto("/sign-in")
    await sam.page.get_by_role("button", name=re.compile("Sam Student")).click()
    await expect(sam.page.get_by_role("button", name="Abmelden")).to_be_visible()
    booked = stack.api("sam@example.test").post(
        "/api/stripe/checkout", json={"course_id": course.id}
    )
    assert booked.status_code == 201
    await sam.page.goto(f"/bookings?q={course.title.replace(' ', '+')}")
    await sam.page.get_by_test_id("cancel").click()
    dialog = sam.page.get_by_test_id("cancel-dialog")
    await expect(dialog).to_contain_text("Sie haben nichts bezahlt")
    await expect(dialog).not_to_contain_text("zurück bis")


async def test_a_hold_that_ran_out_is_named_on_the_success_page(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    session = sam.page.url.rpartition("/")[2]
    async with httpx.AsyncClient(auth=(stack.secrets()[0], "")) as stripe:
        ended = await stripe.post(f"{stack.sandbox_url}{SESSIONS}/{session}/expire")
    assert ended.status_code == 200, ended.text
    await sam.page.goto(f"/payment/success?session_id={session}")
    await sam.sees_heading("Not paid in time")
    await expect(sam.page).to_have_title(re.compile("^Not paid in time"))


async def test_words_that_are_looked_for_are_no_filter(visitors: Visitors, stack: Stack):
    await open_course(stack, title="Counted knots")
    page = await visitors.open(phone=True)
    await page.goto("/courses?q=counted+knots")
    await expect(page.get_by_test_id("course-count")).to_be_visible()
    fold = page.locator("summary").first
    await expect(fold).to_have_text("Filters")
    await page.goto("/courses?q=counted+knots&level=Beginner")
    await expect(fold).to_contain_text("1")


async def test_letters_of_twice_the_size_fit_the_smallest_phone(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open(phone=True)
    await page.set_viewport_size({"width": 320, "height": 700})
    await page.goto(f"/courses?q={course.slug[-8:]}")
    await expect(page.get_by_label("Sort by")).to_be_visible()
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
