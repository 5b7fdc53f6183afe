"""Booking actions on a phone in a long list: the result is shown where the person looks."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

FOCUSED_CARD = "document.activeElement.closest('article')?.textContent ?? 'none'"


async def nine_bookings(sally: Person, stack: Stack, word: str) -> list[Opened]:
    """Hold seats on nine courses whose titles start with one word; filter the list by it."""
    courses = [await open_course(stack, title=f"{word} {number}") for number in range(9)]
    for course in courses:
        await sally.book(course)
    await sally.page.goto(f"/bookings?q={word}")
    await expect(sally.page.get_by_role("article")).to_have_count(9)
    return courses


async def ask_to_cancel(person: Person, course: Opened) -> None:
    await person.booking_of(course).get_by_role("button", name="Cancel booking").click()
    await expect(person.page.get_by_role("dialog")).to_be_visible()


async def test_what_came_of_it_is_said_on_the_card_and_has_the_focus(
    visitors: Visitors, stack: Stack
):
    sally = Person(await visitors.open(phone=True))
    page = sally.page
    await sally.sign_in("Sally Student")
    courses = await nine_bookings(sally, stack, "Ninefold")
    last, first, other = courses[0], courses[3], courses[4]
    await ask_to_cancel(sally, last)
    await page.get_by_role("button", name="Yes, cancel it").click()
    notice = sally.booking_of(last).get_by_test_id("notice")
    await expect(notice).to_contain_text("is cancelled")
    await expect(notice).to_be_in_viewport(ratio=1)
    assert last.title in await page.evaluate(FOCUSED_CARD)
    stack.control("faults", count=1, kind="timeout", method="POST", path="/expire")
    await ask_to_cancel(sally, first)
    await page.get_by_role("button", name="Yes, cancel it").click()
    await expect(sally.booking_of(first)).not_to_contain_text("Opening the payment page")
    await ask_to_cancel(sally, other)
    await page.get_by_role("button", name="Yes, cancel it").click()
    for course in (first, other):
        card = sally.booking_of(course)
        await expect(card.get_by_text("Cancelled", exact=True)).to_be_visible(timeout=40_000)
    with stack.stripe_fails(kind="500"):
        await sally.booking_of(courses[8]).get_by_role("button", name="Pay now").click()
        notice = sally.booking_of(courses[8]).get_by_test_id("notice")
        await expect(notice).to_be_in_viewport(ratio=1)
        assert courses[8].title in await page.evaluate(FOCUSED_CARD)


async def test_keeping_the_place_asks_nobody(page: Page, stack: Stack, visitors: Visitors):
    visitors.forgive("ERR_INTERNET_DISCONNECTED|WebSocket|Failed to (load|fetch)")
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.bookings(course)
    await ask_to_cancel(sam, course)
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Keep my place").click()
    await expect(page.get_by_role("dialog")).to_have_count(0, timeout=500)
    await page.context.set_offline(False)
    await asyncio.sleep(1)
    await ask_to_cancel(sam, course)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(sam.booking_of(course).get_by_text(re.compile("Waiting"))).to_be_visible()


async def test_a_question_can_be_asked_again_before_its_close_is_told(page: Page, stack: Stack):
    """Chromium can deliver a key before a dialog's `close`, so the old close arrived second."""
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.bookings(course)
    await ask_to_cancel(sam, course)
    await page.get_by_role("dialog").evaluate(
        """(dialog, title) => {
            const cards = [...document.querySelectorAll("article")];
            const card = cards.find((one) => one.textContent.includes(title));
            dialog.close();
            card.querySelector("[data-testid=cancel]").click();
        }""",
        course.title,
    )
    await asyncio.sleep(1)
    await expect(page.get_by_role("dialog")).to_be_visible()
