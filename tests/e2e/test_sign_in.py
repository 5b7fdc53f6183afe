"""Signing in and out, the page returned to, and pages of a stranger."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Person, open_course
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_after_signing_in_the_booking_goes_on_by_itself(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await page.goto("/courses")
    await page.get_by_label("Search courses").fill(course.title)
    await page.get_by_role("article").get_by_role("link", name=course.title).click()
    await sam.sees_heading(course.title)
    await sam.press("Book now")
    await sam.press("Continue as Sam Student")
    await sam.on_the_payment_page()
    await page.go_back()
    await sam.sees_heading(course.title)
    await expect(page.get_by_role("button", name="Pay now")).to_be_visible()
    await page.go_back()
    await sam.sees_heading("Courses")


async def test_no_address_books_anything(page: Page, stack: Stack):
    course = await open_course(stack)
    await page.goto(f"/sign-in?next=/courses/{course.slug}")
    sam = Person(page)
    await sam.press("Continue as Sam Student")
    await sam.sees_heading(course.title)
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await page.wait_for_timeout(1500)
    await expect(page.get_by_role("button", name="Book now")).to_be_enabled()
    await expect(page.get_by_test_id("own-place")).to_have_count(0)


async def test_leaving_the_sign_in_books_nothing(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.look_at(course)
    await sam.press("Book now")
    await sam.sees_heading("Sign in")
    await page.go_back()
    await sam.sees_heading(course.title)
    await page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    await sam.press("Continue as Sam Student")
    await sam.sees_heading(course.title)
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    await page.wait_for_timeout(1500)
    await expect(page.get_by_role("button", name="Book now")).to_be_enabled()


async def test_signing_in_by_the_header_keeps_path_and_query(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    address = page.url
    await sam.press("Sign out")
    header = page.get_by_role("banner").get_by_role("link", name="Sign in")
    await header.click()
    await sam.press("Continue as Sam Student")
    await sam.sees_heading("Booking confirmed")
    assert page.url == address
    await sam.press("Sign out")
    await expect(header).to_be_visible()
    await page.goto("/courses?q=pasta&level=Beginner")
    await header.click()
    await sam.press("Continue as Sam Student")
    await expect(page).to_have_url(re.compile(r"/courses\?q=pasta&level=Beginner$"))


async def test_a_sign_in_page_goes_on_when_another_tab_signs_in(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    waiting = await visitors.open()
    await waiting.goto(f"/sign-in?next=/courses/{course.slug}")
    await expect(waiting.get_by_role("button", name="Continue as Sam Student")).to_be_visible()
    sam = Person(await waiting.context.new_page())
    await sam.sign_in()
    await expect(waiting).to_have_url(re.compile(f"/courses/{course.slug}$"))


async def test_a_stranger_sees_no_bookings_but_the_way_to_sign_in(page: Page):
    await page.goto("/bookings")
    await page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name="Continue as Sally Student").click()
    await expect(page).to_have_url(re.compile("/bookings/?$"))
    await expect(page.get_by_role("heading", name="My bookings")).to_be_visible()


async def test_signing_out_reaches_every_tab(visitors: Visitors):
    first = await visitors.open()
    sam = Person(first)
    await sam.sign_in()
    second = await first.context.new_page()
    await second.goto("/courses")
    await expect(second.get_by_role("button", name="Sign out")).to_be_visible()
    await sam.press("Sign out")
    for page in (first, second):
        await expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


async def test_a_return_address_elsewhere_is_not_followed(page: Page, stack: Stack):
    await page.goto("/sign-in?next=https://evil.example/")
    await page.get_by_role("button", name="Continue as Sam Student").click()
    await expect(page).not_to_have_url(re.compile("sign-in"))
    assert page.url.startswith(stack.url)
