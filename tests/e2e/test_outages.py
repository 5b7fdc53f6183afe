"""What a person sees when a part of the machine dies, and what becomes of the booking."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Person, eventually, open_course
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import CREATE_SESSION, Stack


async def test_with_the_sandbox_killed_the_student_gets_a_sentence_and_a_retry(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    visitors.forgive("ERR_CONNECTION_REFUSED|Failed to load resource|Failed to fetch")
    await sam.sign_in()
    await sam.look_at(course)
    with stack.stripe_fails(kind="reset", **CREATE_SESSION):
        await sam.press("Book now")
        await sam.is_told(re.compile("could not reach the payment service"))
    stack.kill_sandbox()
    stack.wait_until_ready()
    stack.forget_trouble()
    await sam.sees_booking(course, "Waiting for payment")
    await sam.booking_of(course).get_by_role("button", name="Pay now").click()
    await sam.on_the_payment_page()
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")


async def test_with_the_product_killed_after_paying_the_booking_is_confirmed_by_itself(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page: Page = await visitors.open()
    visitors.forgive(".*")  # the page loses its server on purpose
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    session = page.url.rsplit("/", 1)[-1]
    stack.kill_product()
    stack.control(f"sessions/{session}/pay", card=cards.VISA)
    stack.wait_until_ready()
    stack.forget_trouble()

    def is_confirmed() -> bool:
        with stack.api("sam@example.test") as api:
            items = api.get("/api/bookings", params={"limit": 100}).json()["items"]
        return any(b["status"] == "confirmed" for b in items if b["course"]["slug"] == course.slug)

    await eventually(is_confirmed, seconds=90)
    await sam.sees_booking(course, "Confirmed")
    await expect(sam.booking_of(course).get_by_text("Paid")).to_be_visible()
