"""From the catalog to a confirmed booking, and every variation of paying."""

import re

from playwright.async_api import Page, expect

from tests.e2e.people import Person, eventually, open_course
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_a_student_finds_a_course_books_it_pays_and_sees_it_confirmed(
    page: Page, stack: Stack
):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await page.goto("/courses")
    await page.get_by_label("Search courses").fill(course.title)
    await page.get_by_role("article").get_by_role("link", name=course.title).click()
    await sam.sees_heading(course.title)
    await sam.press("Book now")
    await sam.on_the_payment_page()
    await expect(page.get_by_text(course.title)).to_be_visible()
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.sees_booking(course, "Confirmed")
    await eventually(lambda: any(course.title in subject for subject in stack.mail_subjects()))


async def test_declined_and_then_paid_in_the_same_session(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    address = page.url
    await sam.type_card(cards.DECLINED)
    await expect(page.get_by_role("alert")).to_contain_text("declined")
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    assert "/c/pay/cs_test_" in address


async def test_the_bank_asks_first_and_the_student_agrees(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.AUTHENTICATION)
    await sam.press("Complete authentication")
    await sam.sees_heading("Booking confirmed")


async def test_abandoned_and_then_paid_from_the_dashboard(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    first_session = page.url
    await sam.sees_booking(course, "Waiting for payment")
    await sam.booking_of(course).get_by_role("button", name="Pay now").click()
    await sam.on_the_payment_page()
    assert page.url == first_session, "one payable session, never two"
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")


async def test_cancelled_on_the_payment_page_and_then_tried_again(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.press("Back")
    await sam.sees_heading("Payment cancelled")
    await sam.is_told(re.compile("[Nn]othing was charged"))
    await expect(page.get_by_role("link", name="Back to the course")).to_be_visible()
    await sam.press("Try again")
    await sam.on_the_payment_page()
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")


async def test_an_unpaid_booking_is_cancelled_from_the_dashboard(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    payment_page = page.url
    await sam.bookings(course)
    await sam.booking_of(course).get_by_role("button", name="Cancel booking").click()
    await page.get_by_role("dialog").get_by_role("button", name="Yes, cancel it").click()
    await expect(sam.booking_of(course).get_by_text("Cancelled", exact=True)).to_be_visible()
    await page.goto(payment_page)
    await expect(page.get_by_label("Card number")).to_have_count(0)


async def test_a_paid_booking_shows_what_comes_back_before_it_is_cancelled(
    page: Page, stack: Stack
):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.bookings(course)
    await sam.booking_of(course).get_by_role("button", name="Cancel booking").click()
    await expect(page.get_by_role("dialog")).to_contain_text("€45")
    await page.get_by_role("dialog").get_by_role("button", name="Yes, cancel it").click()
    await expect(sam.booking_of(course).get_by_text("Cancelled", exact=True)).to_be_visible()


async def test_a_free_course_is_booked_without_paying(page: Page, stack: Stack):
    course = await open_course(stack, price=0)
    sam = Person(page)
    await sam.sign_in()
    await sam.look_at(course)
    await sam.press("Book now")
    await sam.sees_heading("Booking confirmed")
    await sam.sees_booking(course, "Confirmed")


async def test_somebody_else_s_return_address_shows_nothing(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam, sally = Person(await visitors.open()), Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sally.sign_in("Sally Student")
    await sally.page.goto(sam.page.url)
    await sally.is_told(re.compile("could not find"))
    await expect(sally.page.get_by_text(course.title)).to_have_count(0)
