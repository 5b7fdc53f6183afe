"""Open pages update live: seats for everybody, bookings for their owner."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import Stack

RELOADED = "window.wasNeverReloaded"


async def places_of(page: Page, course: Opened) -> None:
    """Open the catalog with just this course."""
    await page.goto(f"/courses?q={course.title.rsplit(' ', 1)[-1]}")
    await expect(page.get_by_role("article")).to_have_count(1)


async def mark(page: Page) -> None:
    """Set a mark that a reload would remove."""
    await page.evaluate(f"{RELOADED} = true")


async def test_what_one_person_does_changes_the_open_pages_of_the_others(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, capacity=1)
    sam, sally = Person(await visitors.open()), Person(await visitors.open())
    await sally.look_at(course)
    await expect(sally.page.get_by_role("button", name="Book now")).to_be_enabled()
    catalog = await visitors.open()
    await places_of(catalog, course)
    await sam.sign_in()
    also_sam = Person(await sam.page.context.new_page())
    await also_sam.bookings(course)
    for page in (sally.page, catalog, also_sam.page):
        await mark(page)

    await sam.book(course)
    await expect(sally.page.get_by_role("button", name="Course full")).to_be_disabled()
    await expect(sally.page.get_by_test_id("announcement")).to_have_text(re.compile("full now"))
    await expect(catalog.get_by_test_id("places-left")).to_have_text("Full")
    entry = also_sam.booking_of(course)
    await expect(entry.get_by_text("Waiting for payment", exact=True)).to_be_visible()

    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await expect(entry.get_by_text("Confirmed", exact=True)).to_be_visible()

    await entry.get_by_role("button", name="Cancel booking").click()
    await also_sam.press("Yes, cancel it")
    await expect(sally.page.get_by_role("button", name="Book now")).to_be_enabled()
    await expect(catalog.get_by_test_id("places-left")).to_have_text("1 place left")
    for page in (sally.page, catalog, also_sam.page):
        assert await page.evaluate(RELOADED), "no reload was needed"


async def test_a_payment_is_seen_in_another_tab_when_only_the_webhook_tells_of_it(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    api = stack.api("sam@example.test")
    started = api.post("/api/stripe/checkout", json={"course_id": course.id}).json()
    await sam.bookings(course)
    entry = sam.booking_of(course)
    await expect(entry.get_by_text("Waiting for payment", exact=True)).to_be_visible()
    await mark(sam.page)
    stack.control(f"sessions/{started['session_id']}/pay", card=cards.VISA)
    await expect(entry.get_by_text("Confirmed", exact=True)).to_be_visible()
    assert await sam.page.evaluate(RELOADED)


async def test_a_page_whose_connection_was_lost_is_right_again_and_goes_on(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, capacity=2)
    visitors.forgive(r"WebSocket|ERR_CONNECTION|Failed to load|net::")
    sally = Person(await visitors.open())
    await sally.look_at(course)
    await mark(sally.page)
    stack.kill_product()
    stack.wait_until_ready()
    sam = stack.api("sam@example.test")
    assert sam.post("/api/stripe/checkout", json={"course_id": course.id}).status_code == 201
    await expect(sally.page.get_by_test_id("places-left")).to_have_text("1 place left")
    other = stack.api("someone.else@example.test")
    assert other.post("/api/stripe/checkout", json={"course_id": course.id}).status_code == 201
    await expect(sally.page.get_by_role("button", name="Course full")).to_be_disabled()
    assert await sally.page.evaluate(RELOADED)
    stack.forget_trouble()  # the product was killed by this test
