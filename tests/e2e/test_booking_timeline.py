"""The state of one's money: local time, countdown, timeline and lists."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime, timedelta

from icalendar import Calendar
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, open_course
from tests.e2e.test_server_rendering import WATCH, open_drawn
from tests.support import cards
from tests.support.browser import Visitors
from tests.support.stack import Stack

COVERED = """() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  const it = one.getBoundingClientRect();
  const top = document.elementFromPoint(it.x + it.width / 2, it.y + it.height / 2);
  return one.contains(top) ? "" : one.outerHTML;
}"""


async def is_in_reach(page: Page) -> None:
    await expect(page.get_by_role("button", name="Book now")).to_be_in_viewport(ratio=1)


async def test_a_course_tells_its_time_on_the_viewer_s_clock_and_nothing_moves(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, is_online=True, place_name="Live online")
    far = await visitors.open(zone="Asia/Kolkata", phone=True)
    await far.add_init_script(WATCH)
    await open_drawn(far, f"/courses/{course.slug}")
    viewer_time = far.get_by_test_id("viewer-time")
    await expect(viewer_time).to_have_text(re.compile(r"^Your time: .*\d\d:\d\d.*\d\d:\d\d$"))
    assert await far.evaluate("window.moved") == 0
    near = await visitors.open()
    await near.goto(f"/courses/{course.slug}")
    await expect(near.get_by_role("heading", name=course.title)).to_be_visible()
    await expect(near.get_by_test_id("viewer-time")).to_have_text("")


async def test_on_a_phone_the_button_stays_in_reach_and_covers_nothing(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await visitors.open(phone=True, permissions=["clipboard-read", "clipboard-write"])
    await open_drawn(page, f"/courses/{course.slug}")
    await is_in_reach(page)
    await page.get_by_role("heading", name="If your plans change").scroll_into_view_if_needed()
    await is_in_reach(page)
    await page.get_by_role("contentinfo").scroll_into_view_if_needed()
    bar = await page.get_by_test_id("booking-bar").bounding_box()
    foot = await page.get_by_role("contentinfo").bounding_box()
    assert bar is not None
    assert foot is not None
    assert bar["y"] + bar["height"] <= foot["y"] + 1
    await page.evaluate("scrollTo(0, 0)")
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate(COVERED) == ""
    await page.get_by_role("button", name="Share this course").click()
    await expect(page.get_by_text("Link copied")).to_be_visible()
    assert (await page.evaluate("navigator.clipboard.readText()")).endswith(course.slug)


async def test_declined_told_on_the_dashboard_tried_again_and_paid(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.DECLINED)
    await expect(page.get_by_role("alert")).to_contain_text("declined")
    await sam.press("Back")
    await sam.sees_heading("Payment cancelled")
    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"^3\d:\d\d$"))
    await sam.bookings(course)
    entry = sam.booking_of(course)
    await expect(entry.get_by_test_id("next")).to_contain_text(
        "Your card was declined. Nothing was charged. You can still pay until "
    )
    await entry.get_by_text("What happened").click()
    await expect(entry.get_by_text("was declined. Your card was declined.")).to_be_visible()
    await expect(entry.get_by_text("Nothing was charged").last).to_be_visible()
    await entry.get_by_role("button", name="Try again").click()
    await sam.on_the_payment_page()
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await expect(page.get_by_role("link", name="Directions")).to_be_visible()
    async with page.expect_download() as coming:
        await sam.press("Add to calendar")
    saved = await coming.value
    (event,) = Calendar.from_ical((await saved.path()).read_bytes()).walk("VEVENT")
    assert (saved.suggested_filename, event["SUMMARY"]) == (f"{course.slug}.ics", course.title)
    await sam.bookings(course)
    await entry.get_by_text("What happened").click()
    await expect(entry.get_by_text("€45.00 received")).to_be_visible()


def let_the_hold_end(stack: Stack, course: Opened, seconds: int) -> None:
    """Move the end of a course's holds close, as if the time had passed."""
    ends = datetime.now(UTC) + timedelta(seconds=seconds)
    with sqlite3.connect(stack.data / "coursebook.db", timeout=30) as books:
        books.execute(
            "UPDATE booking SET hold_expires_at = ? WHERE course_id = ?",
            (ends.strftime("%Y-%m-%d %H:%M:%S.%f"), course.id),
        )
    books.close()


async def test_at_zero_the_countdown_refreshes_the_page(page: Page, stack: Stack):
    course = await open_course(stack)
    sam = Person(page)
    await sam.sign_in()
    await sam.book(course)
    await asyncio.to_thread(let_the_hold_end, stack, course, 8)
    await sam.bookings(course)
    entry = sam.booking_of(course)
    await expect(entry.get_by_role("timer")).to_have_text(re.compile(r"^0:0\d$"))
    await expect(entry.get_by_text("Not paid in time", exact=True)).to_be_visible()
    await expect(entry.get_by_text(re.compile("Nothing was charged. If you"))).to_be_visible()
    await expect(entry.get_by_role("button", name="Try again")).to_be_visible()


async def test_bookings_are_searched_and_filtered_and_back_leads_back(page: Page, stack: Stack):
    clay = await open_course(stack, price=0, title="Clay for the patient")
    glass = await open_course(stack, title="Glass for the quick")
    sally = Person(page)
    await sally.sign_in("Sally Student")
    await sally.look_at(clay)
    await sally.press("Book now")
    await sally.sees_heading("Booking confirmed")
    await sally.book(glass)
    await sally.bookings()
    await expect(page.get_by_role("heading", name="Needs action")).to_be_visible()
    await page.get_by_role("button", name="Confirmed", exact=True).click()
    await expect(sally.booking_of(glass)).to_have_count(0)
    await page.get_by_label("Search my bookings").fill("patient")
    await expect(page).to_have_url(re.compile(r"/bookings\?status=confirmed&q=patient$"))
    await expect(sally.booking_of(clay)).to_be_visible()
    await page.reload()
    await expect(sally.booking_of(clay)).to_be_visible()
    await expect(page.get_by_label("Search my bookings")).to_have_value("patient")
    await page.go_back()
    await expect(page).to_have_url(re.compile(r"/bookings\?status=confirmed$"))
    await expect(page.get_by_label("Search my bookings")).to_have_value("")
    await page.go_back()
    await expect(sally.booking_of(glass)).to_be_visible()
