"""Signing in: back to where one was, out again, and what a stranger sees."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Person, open_course
from tests.support.browser import Visitors
from tests.support.servers import Stack


async def test_signing_in_returns_to_the_course(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.look_at(course)
    await sam.press("Book now")
    await sam.press("Continue as Sam Student")
    await expect(page).to_have_url(re.compile(f"/courses/{course.slug}/?$"))
    await sam.press("Book now")
    await sam.on_the_payment_page()


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
