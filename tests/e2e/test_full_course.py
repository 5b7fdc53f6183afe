"""A full course and an unknown course. (Seats lost while looking: `test_live.py`.)"""

from playwright.async_api import Page, expect

from tests.e2e.people import Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_a_full_course_says_so_and_cannot_be_booked(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=1)
    sam, sally = Person(await visitors.open()), Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    await sally.look_at(course)
    button = sally.page.get_by_role("button", name="Course full")
    await expect(button).to_be_visible()
    await expect(button).to_be_disabled()


async def test_an_unknown_course_says_so(visitors: Visitors):
    visitors.forgive(r"status of 404 .*no-such-course")  # Chromium logs the 404
    page: Page = await visitors.open()
    await page.goto("/courses/there-is-no-such-course")
    await expect(page.get_by_role("heading", name="We could not find this course")).to_be_visible()
