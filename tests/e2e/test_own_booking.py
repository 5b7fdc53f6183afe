"""The course page of a student with a hold or a booking."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from tests.e2e.people import Person, open_course
from tests.support import cards
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import Visitors
from tests.support.stack import Stack

KOLKATA = ZoneInfo("Asia/Kolkata")


async def test_who_holds_the_last_place_pays_from_the_course_page(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=1)
    sam = Person(await visitors.open(phone=True, zone=KOLKATA.key))
    await sam.sign_in()
    await sam.book(course)
    payment_page = sam.page.url
    await sam.page.go_back()
    await sam.sees_heading(course.title)
    own = sam.page.get_by_test_id("own-place")
    ends = [datetime.now(KOLKATA) + timedelta(minutes=minutes) for minutes in (33, 34, 35)]
    on_my_clock = "|".join(f"{moment:%H:%M}" for moment in ends)
    await expect(own).to_contain_text(re.compile(f"Your place is held until .*({on_my_clock})"))
    await expect(sam.page.get_by_text("Course full")).to_have_count(0)
    await sam.press("Pay now")
    await sam.on_the_payment_page()
    assert sam.page.url == payment_page, "one payable session, never two"
    stranger = await visitors.open()
    await stranger.goto(f"/courses/{course.slug}")
    await expect(stranger.get_by_role("button", name="Course full")).to_be_visible()
    await expect(stranger.get_by_test_id("own-place")).to_have_count(0)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.look_at(course)
    await expect(own).to_contain_text("You are booked")
    await sam.page.get_by_role("link", name="Go to your booking").click()
    await expect(sam.page.get_by_test_id("booking")).to_contain_text(course.title)


async def test_an_open_page_follows_what_its_person_does_elsewhere(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.look_at(course)
    await expect(page.get_by_role("button", name="Book now")).to_be_visible()
    elsewhere = Person(await page.context.new_page())
    await elsewhere.book(course)
    await expect(page.get_by_role("button", name="Pay now")).to_be_visible()
    await elsewhere.type_card(cards.VISA)
    await elsewhere.sees_heading("Booking confirmed")
    await expect(page.get_by_test_id("own-place")).to_contain_text("You are booked")
    drawn = await page.request.get(f"/courses/{course.slug}")
    assert "own-place" not in await drawn.text(), (
        "the rendered page must not contain a person's data"
    )
    await sam.press("Sign out")
    await expect(page.get_by_test_id("own-place")).to_have_count(0)
    await expect(page.get_by_role("button", name="Book now")).to_be_visible()


async def test_a_booking_has_a_page_of_its_own(visitors: Visitors, stack: Stack):
    course = await open_course(stack, is_online=True, place_name="Live online")
    sam = Person(await visitors.open(phone=True, zone=KOLKATA.key))
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.bookings(course)
    await sam.page.get_by_role("link", name=course.title).click()
    mine = sam.page.get_by_test_id("booking")
    await expect(mine).to_be_visible()
    address = sam.page.url
    number = f"CB-{address[-6:].upper()}"
    await expect(mine).to_contain_text(number)
    await expect(mine).to_contain_text("Your time: ")
    await expect(sam.page.get_by_role("link", name="Google")).to_be_visible()
    await assert_good_for_everybody(sam.page)
    stranger = Person(await visitors.open())
    await stranger.page.goto(address)
    await stranger.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await stranger.press("Continue as Sally Student")
    await stranger.sees_heading("We could not find this booking")
    assert stranger.page.url == address
    await assert_good_for_everybody(stranger.page)
    await expect(stranger.page.locator("body")).not_to_contain_text(course.title)
    await sam.press("Cancel booking")
    await sam.press("Yes, cancel it")
    await expect(sam.page.get_by_role("status").filter(has_text="is cancelled")).to_be_visible()
    await expect(mine).to_have_attribute("data-status", "cancelled")
    await assert_good_for_everybody(sam.page)
