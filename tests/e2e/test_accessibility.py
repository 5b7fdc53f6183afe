"""Accessibility in a browser: keyboard, 400 % zoom, screen readers, dark mode, forced colours."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import open_course
from tests.support import cards
from tests.support.accessibility import (
    assert_good_for_everybody,
    press,
    reach,
    write,
)
from tests.support.browser import Visitors
from tests.support.stack import Stack

ZOOMED = {"width": 320, "height": 640}
"""What 1280 pixels are at 400 % zoom (WCAG 2.2, 1.4.10)."""
FRAME = """
- link "Skip to the content"
- banner:
  - link "coursebook"
  - navigation "Main":
    - list:
      - listitem:
        - link "Courses"
      - listitem:
        - link "My bookings"
"""


async def test_by_keyboard_at_400_percent_zoom_a_seat_is_booked_paid_and_cancelled(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await visitors.open()
    await page.set_viewport_size(ZOOMED)
    await _find(page, course.title)
    await _book(page)
    await _pay(page)
    await expect(page.get_by_role("heading", name="Booking confirmed")).to_be_visible()
    await assert_good_for_everybody(page)
    await press(page, page.get_by_role("main").get_by_role("link", name="Go to My bookings"))
    await write(page, page.get_by_role("searchbox", name="Search my bookings"), course.title)
    mine = page.get_by_role("article").filter(has_text=course.title)
    await _cancel(page, mine)


async def _find(page: Page, title: str) -> None:
    await page.goto("/courses")
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    await assert_good_for_everybody(page)
    await press(page, page.get_by_role("link", name="Skip to the content"))
    await write(page, page.get_by_role("searchbox"), title)
    await press(page, page.get_by_role("link", name=title, exact=True))
    await expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await assert_good_for_everybody(page)


async def _book(page: Page) -> None:
    await press(page, page.get_by_role("button", name="Book now"))
    sam = page.get_by_role("button", name="Continue as Sam Student")
    await expect(sam).to_be_visible()
    await assert_good_for_everybody(page)
    await press(page, sam)  # the booking continues after signing in


async def _pay(page: Page) -> None:
    await expect(page.get_by_text("Test payments: no money moves")).to_be_visible()
    await assert_good_for_everybody(page)
    await write(page, page.get_by_label("Card number"), cards.VISA)
    await write(page, page.get_by_label("Expiry"), "12/34")
    await write(page, page.get_by_label("CVC"), "123")
    await press(page, page.get_by_role("button", name=re.compile("^Pay ")))


async def _cancel(page: Page, mine) -> None:
    await expect(mine).to_be_visible()
    await assert_good_for_everybody(page)
    await press(page, mine.get_by_test_id("cancel"))
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("€45.00")
    await assert_good_for_everybody(page)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(mine.get_by_test_id("cancel")).to_be_focused()
    await page.keyboard.press("Enter")
    await press(page, page.get_by_test_id("confirm-cancel"))
    await expect(page.get_by_role("status").filter(has_text="is cancelled")).to_be_visible()
    await assert_good_for_everybody(page)


async def test_a_screen_reader_hears_the_parts_of_the_catalog(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=2)
    page = await visitors.open()
    await page.goto(f"/courses?q={course.title.replace(' ', '+')}")
    await expect(page.locator("body")).to_match_aria_snapshot(f"""{FRAME}
- main:
  - heading "Courses" [level=1]
  - search:
    - searchbox "Search courses"
  - status:
    - paragraph: 1 course
  - article:
    - heading "{course.title}" [level=2]:
      - link "{course.title}"
- contentinfo
""")


async def test_a_screen_reader_hears_what_a_course_is_and_costs(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=2)
    page = await visitors.open()
    await page.goto(f"/courses/{course.slug}")
    await expect(page.locator("body")).to_match_aria_snapshot(f"""{FRAME}
- main:
  - heading "{course.title}" [level=1]
  - region "Book this course":
    - heading "Book this course" [level=2]
    - paragraph: €45
    - button "Book now"
  - term: When
  - heading "What you will do" [level=2]
- contentinfo
""")


@pytest.mark.parametrize("path", ["/", "/courses?q=zzzz", "/sign-in", "/no-such-page"])
async def test_in_the_dark_and_with_less_motion_nothing_breaks_a_rule(
    visitors: Visitors, path: str
):
    visitors.forgive(r"status of 404 .*no-such-page")  # Chromium logs the 404
    page = await visitors.open(phone=True, color_scheme="dark", reduced_motion="reduce")
    await page.goto(path)
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    await assert_good_for_everybody(page)


async def test_with_forced_colours_buttons_keep_a_border(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open(forced_colors="active")
    await page.goto(f"/courses/{course.slug}")
    await reach(page, page.get_by_test_id("book"))
    edge = "it => getComputedStyle(it).borderTopWidth"
    assert await page.get_by_test_id("book").evaluate(edge) == "1px"
