"""The page of a booking for operators: a part goes back, the place is cancelled by a choice."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Person, open_course
from tests.support import cards
from tests.support.accessibility import assert_good_for_everybody, press, write
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_an_operator_gives_back_a_part_and_then_cancels_by_keyboard(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")

    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    page = olga.page
    await page.goto("/manage/bookings")
    await olga.sees_heading("Bookings")
    await write(page, page.get_by_role("searchbox", name="Search bookings"), "sam")
    row = page.get_by_role("row").filter(has_text=course.title)
    await expect(row).to_have_count(1)
    await assert_good_for_everybody(page)
    await press(page, row.get_by_role("link", name="Sam Student"))
    await olga.sees_heading("Sam Student")
    await expect(page).to_have_title(re.compile(re.escape(course.title)))
    await assert_good_for_everybody(page)

    await press(page, page.get_by_role("button", name="Refund…"))
    await expect(page.get_by_role("heading", name="Give money back")).to_be_focused()
    await press(page, page.get_by_role("button", name="Half"))
    await expect(page.get_by_label("Amount")).to_have_value("22.50")
    await write(page, page.get_by_label("Amount"), "15")
    await press(page, page.get_by_role("button", name="Give back €15.00"))
    await expect(page.get_by_text("Please give a reason.")).to_be_visible()
    await expect(page.get_by_label("Amount")).to_have_value("15")
    await write(page, page.get_by_label("Reason"), "Goodwill")
    await assert_good_for_everybody(page)
    await press(page, page.get_by_role("button", name="Give back €15.00"))
    await expect(page.get_by_test_id("notice")).to_contain_text("€15.00 goes back to Sam")
    await expect(page.get_by_test_id("kept")).to_contain_text("€30.00")
    await expect(page.get_by_text("Part back")).to_be_visible()
    await sam.bookings(course)
    told = sam.page.get_by_text("The school gives €15.00 back to you.")
    await expect(told).to_be_attached()  # in the history, which is folded in

    await _cancel(page)
    await sam.bookings(course)
    ended = sam.page.get_by_text("The school cancelled the booking.")
    await expect(ended.first).to_be_attached()


async def _cancel(page: Page) -> None:
    """Cancel with nothing given back, which was promised."""
    await press(page, page.get_by_role("button", name="Cancel place…"))
    await page.get_by_label("Nothing").check()
    await expect(page.get_by_text("is less than the €30.00 that Sam was promised")).to_be_visible()
    await write(page, page.get_by_label("Reason"), "Did not come")
    await page.get_by_label("I know that this is less than was promised").check()
    await assert_good_for_everybody(page)
    await press(page, page.get_by_test_id("do-act"))
    await expect(page.get_by_test_id("notice")).to_contain_text("The place is free again.")
    await expect(page.get_by_text("The school keeps €30.00: Did not come")).to_be_visible()
    await assert_good_for_everybody(page)


async def test_an_inbox_without_entries_says_so_on_a_small_phone(visitors: Visitors):
    page = await visitors.open(phone=True, locale="de-DE", color_scheme="dark")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/sign-in?next=/manage/money")
    await page.get_by_role("button", name=re.compile("Olga Operator")).click()
    await expect(page.get_by_role("heading", name="Geld", exact=True)).to_be_visible()
    await assert_good_for_everybody(page)
    await page.goto("/manage/bookings")
    await expect(page.get_by_role("heading", name="Buchungen", exact=True)).to_be_visible()
    await assert_good_for_everybody(page)
