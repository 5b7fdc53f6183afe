"""A full course and an unknown course. (Seats lost while looking: `test_live.py`.)"""

import httpx
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.support.accessibility import assert_good_for_everybody, press
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
    await _waits_by_keyboard(sally, course)
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    await olga.page.goto(f"/manage/courses/{course.id}/waiting")
    await olga.sees_heading("Waiting list")
    await expect(olga.page.get_by_test_id("waiting")).to_contain_text("Sally")
    await assert_good_for_everybody(olga.page)
    await _moves_and_removes_by_keyboard(olga.page, course, stack)
    (mine,) = stack.api("sam@example.test").get("/api/bookings").json()["items"][:1]
    stack.api("sam@example.test").post(f"/api/bookings/{mine['id']}/cancel")
    await expect(sally.page.get_by_text("A place is kept for you until")).to_be_visible()
    await assert_good_for_everybody(sally.page)
    await expect(olga.page.get_by_test_id("offers")).to_contain_text("Kept until")
    await olga.page.set_viewport_size({"width": 320, "height": 640})
    await assert_good_for_everybody(olga.page)
    await press(sally.page, sally.page.get_by_role("button", name="No, thank you"))
    await expect(sally.page.get_by_role("button", name="Book now")).to_be_visible()
    await expect(olga.page.get_by_test_id("nobody")).to_be_visible()


async def _moves_and_removes_by_keyboard(page: Page, course: Opened, stack: Stack) -> None:
    paul = stack.api("paul@example.test").post(f"/api/courses/{course.id}/waiting")
    assert paul.status_code == httpx.codes.CREATED, paul.text
    dots = page.get_by_test_id("waiting").get_by_role("row").nth(2).get_by_role("button").last
    await press(page, dots)
    await expect(page.get_by_role("button", name="Move to the front")).to_be_focused()
    await page.keyboard.press("Enter")
    reason = page.get_by_label("Reason")
    await expect(reason).to_be_focused()
    await assert_good_for_everybody(page)
    await page.keyboard.press("Enter")
    await expect(reason).to_be_focused()
    await page.keyboard.type("He asked first")
    await page.keyboard.press("Enter")
    notice, rows = (
        page.locator("#waiting-notice"),
        page.get_by_test_id("waiting").get_by_role("row"),
    )
    await expect(notice).to_be_focused()
    await expect(rows.nth(1)).to_contain_text("Moved to the front")
    await press(page, rows.nth(1).get_by_role("button").last)
    await expect(page.get_by_role("button", name="Remove")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await expect(notice).to_be_focused()
    await assert_good_for_everybody(page)


async def _waits_by_keyboard(person: Person, course: Opened) -> None:
    page = person.page
    await person.sign_in("Sally Student")
    await person.look_at(course)
    join = page.get_by_role("button", name="Join the waiting list")
    await press(page, join)
    await expect(page.get_by_text("You are number 1.")).to_be_visible()
    await expect(page.get_by_role("button", name="Leave the waiting list")).to_be_visible()
    await assert_good_for_everybody(page)


async def test_an_unknown_course_says_so(visitors: Visitors):
    visitors.forgive(r"status of 404 .*no-such-course")  # Chromium logs the 404
    page: Page = await visitors.open()
    await page.goto("/courses/there-is-no-such-course")
    await expect(page.get_by_role("heading", name="We could not find this course")).to_be_visible()
