"""Money by hand in a browser: a booking for somebody known, its payment, a move, the history."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.support.accessibility import assert_good_for_everybody, press, write
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_a_held_place_is_paid_by_hand_and_moved_to_a_dearer_course_by_keyboard(
    visitors: Visitors, stack: Stack
):
    course, dear = await open_course(stack), await open_course(stack, price=6000)
    sam = Person(await visitors.open())
    await sam.sign_in()
    await sam.page.goto("/bookings")  # so that the school knows this account
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    page = olga.page
    await page.goto(f"/manage/courses/{course.id}/people")
    await press(page, page.get_by_role("link", name="Add a booking"))
    await olga.sees_heading("Add a booking")
    await _hold_for_sam(page)
    row = page.get_by_test_id("people").get_by_role("row").filter(has_text="Sam Student")
    await expect(row).to_contain_text("Reserved")

    await page.goto("/manage/money/expected")
    waiting = page.get_by_test_id("expected-row").filter(has_text=course.title)
    await expect(waiting.get_by_role("link", name="Sam Student")).to_be_visible()
    await assert_good_for_everybody(page)
    await press(page, waiting.get_by_test_id("void"))
    dialog = page.get_by_test_id("expected-dialog")
    await press(page, dialog.get_by_test_id("send"))
    await expect(dialog.get_by_text("Say why, in a few words.")).to_be_visible()
    await assert_good_for_everybody(page)
    await page.keyboard.press("Escape")
    await press(page, waiting.get_by_test_id("record"))
    await write(page, dialog.get_by_label("Reference"), "R-1")
    await press(page, dialog.get_by_test_id("send"))
    await expect(waiting).to_have_count(0)

    await _move(page, course, dear)
    await page.goto(f"/manage/courses/{course.id}/history")
    await olga.sees_heading("History")
    await expect(page.get_by_text(f"A booking was moved to “{dear.title}”")).to_be_visible()
    await expect(page.get_by_text("Booked by the school, place held")).to_be_visible()
    await assert_good_for_everybody(page)


async def _hold_for_sam(page: Page) -> None:
    await write(page, page.get_by_role("searchbox", name="Find somebody you know"), "sam@exam")
    await page.get_by_label(re.compile("Sam Student")).check()
    await expect(page.get_by_test_id("chosen-person")).to_contain_text("Sam Student")
    await page.get_by_label("Held until paid").check()
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    await page.get_by_label("Until", exact=True).fill(due)
    await assert_good_for_everybody(page)
    await press(page, page.get_by_test_id("add"))


async def _move(page: Page, course: Opened, dear: Opened) -> None:
    await page.goto(f"/manage/courses/{course.id}/people")
    people = page.get_by_test_id("people")
    await people.get_by_role("link", name="Sam Student").click()
    await press(page, page.get_by_role("button", name="Move…"))
    await write(page, page.get_by_role("searchbox", name="Find a course"), dear.title)
    await page.get_by_label(re.compile(dear.title)).check()
    await page.get_by_label("Record a payment of €15.00 by hand").check()
    await page.get_by_label("By", exact=True).select_option("Transfer")
    await assert_good_for_everybody(page)
    await press(page, page.get_by_test_id("do-act"))
    await expect(page.get_by_test_id("notice")).to_contain_text("Sam is moved.")
    await expect(page.get_by_test_id("kept")).to_contain_text("€60.00")
    await assert_good_for_everybody(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_money_by_hand_are_good_on_a_small_phone_in_german(
    visitors: Visitors, stack: Stack, scheme: str
):
    course = await open_course(stack)
    page = await visitors.open(phone=True, locale="de-DE", color_scheme=scheme)
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/sign-in?next=/manage")
    await page.get_by_role("button", name=re.compile("Olga Operator")).click()
    await expect(page.get_by_role("heading", name="Heute", exact=True)).to_be_visible()
    people = f"/manage/courses/{course.id}/people"
    for path, name in (
        (f"{people}/new", "Buchung hinzufügen"),
        ("/manage/money/expected", "Geld"),
        (f"/manage/courses/{course.id}/history", "Verlauf"),
    ):
        await page.goto(path)
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await assert_good_for_everybody(page)
