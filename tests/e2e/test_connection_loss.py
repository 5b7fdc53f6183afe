"""The line is gone, silent, or only half there: people are told, and nothing they press is lost."""

import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from playwright.async_api import Page, WebSocketRoute, expect

from coursebook.http_security.socket_protocol import SOCKET
from tests.e2e.people import Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

NOISE = "ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)|WebSocket|ERR_FAILED|TimeoutError"
QUIET_SECONDS = 8


@dataclass
class Line:
    """The socket of a page; `cut` lets nothing through, in either direction, without a word."""

    is_cut: bool = False
    _wires: list[WebSocketRoute] = field(default_factory=list)

    async def through(self, page: Page) -> "Line":
        await page.route_web_socket(re.compile(SOCKET), self._carry)
        return self

    def _carry(self, wire: WebSocketRoute) -> None:
        if self.is_cut:
            return  # a connection that is never answered
        server = wire.connect_to_server()
        wire.on_message(lambda said: None if self.is_cut else server.send(said))
        server.on_message(lambda said: None if self.is_cut else wire.send(said))


async def awake(page: Page) -> None:
    await page.wait_for_function("() => !window.coursebookEarly")


async def test_a_silent_line_is_noticed_after_eight_seconds_and_what_was_chosen_is_done(
    visitors: Visitors, stack: Stack
):
    page = await visitors.open()
    visitors.forgive(NOISE)
    line = await Line().through(page)
    await page.goto("/courses")
    await awake(page)
    await page.route("**/api/health", lambda route: route.abort())
    line.is_cut, began = True, time.monotonic()
    await page.get_by_label("Level").select_option("Beginner")
    await expect(page.get_by_test_id("courses").locator("xpath=..")).to_have_attribute(
        "aria-busy", "true"
    )
    await expect(page.get_by_test_id("offline")).to_contain_text("No connection")
    assert time.monotonic() - began < QUIET_SECONDS + 3
    line.is_cut = False
    await expect(page.get_by_test_id("offline")).to_have_count(0, timeout=30_000)
    await expect(page.get_by_role("link", name="Remove filter: Beginner")).to_be_visible()
    await expect(page.get_by_label("Level")).to_have_value("Beginner")


async def test_a_press_without_a_connection_says_that_it_waits_and_is_done_once_it_is_back(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    visitors.forgive(NOISE)
    await sam.sign_in()
    line = await Line().through(sam.page)
    await sam.look_at(course)
    await awake(sam.page)
    await sam.page.route("**/api/health", lambda route: route.abort())
    line.is_cut = True
    await expect(sam.page.get_by_test_id("offline")).to_be_visible()
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("offline")).to_contain_text("Your action is waiting")
    line.is_cut = False
    await sam.page.wait_for_url(re.compile("/c/pay/"), timeout=30_000)


async def test_a_press_into_a_line_that_has_just_died_is_not_lost_without_a_word(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    visitors.forgive(NOISE)
    await sam.sign_in()
    line = await Line().through(sam.page)
    await sam.look_at(course)
    await awake(sam.page)
    await expect(sam.page.get_by_role("button", name="Sign out")).to_be_visible()
    line.is_cut = True
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("offline")).to_be_visible()
    line.is_cut = False
    await expect(sam.page.get_by_test_id("press-notice")).to_contain_text(
        "press again if nothing happened", timeout=30_000
    )
    await sam.press("Book now")
    await sam.on_the_payment_page()


async def test_who_has_no_socket_can_look_sign_in_and_book(visitors: Visitors, stack: Stack):
    course = await open_course(stack, title="Plain knots")
    page = await visitors.open()
    visitors.forgive(NOISE)

    async def refused(wire: WebSocketRoute) -> None:
        await wire.close(code=1011)

    await page.route_web_socket(re.compile(SOCKET), refused)
    await page.goto("/courses")
    await expect(page.get_by_test_id("offline")).to_contain_text("works only in part")
    await page.get_by_label("Search courses").fill("plain knots")
    await expect(page).to_have_url(re.compile(r"q=plain\+knots"))
    await page.get_by_test_id("course-card").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1, name="Plain knots")).to_be_visible()
    await page.goto(f"/courses/{course.slug}")
    await page.get_by_role("button", name="Book now").click()
    await expect(page).to_have_url(re.compile("/sign-in"), timeout=30_000)
    await page.get_by_role("button", name="Continue as Sam Student").click()
    await expect(page).to_have_url(re.compile(course.slug), timeout=30_000)
    await page.get_by_role("button", name="Book now").click()
    await expect(page.get_by_text("Test payments: no money moves")).to_be_visible(timeout=30_000)


async def test_who_has_no_socket_reads_why_there_is_no_place(visitors: Visitors, stack: Stack):
    course = await open_course(stack, capacity=1)
    sam = Person(await visitors.open())
    visitors.forgive(f"{NOISE}|409")
    await sam.sign_in()
    await sam.page.route_web_socket(re.compile(SOCKET), lambda _: None)
    await sam.page.goto(f"/courses/{course.slug}")
    booked = stack.api("sally@example.test").post(
        "/api/stripe/checkout", json={"course_id": course.id}
    )
    assert booked.status_code == 201
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("press-notice")).to_be_visible(timeout=30_000)
    await expect(sam.page.get_by_test_id("press-notice")).to_contain_text("Nothing was charged")


async def test_who_loses_the_socket_pays_for_a_place_that_is_held(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = Person(await visitors.open(phone=True))
    visitors.forgive(NOISE)
    await sam.sign_in()
    booked = stack.api("sam@example.test").post(
        "/api/stripe/checkout", json={"course_id": course.id}
    )
    assert booked.status_code == 201
    for address in (
        f"/bookings?{urlencode({'q': course.title})}",
        f"/payment/cancel?booking_id={booked.json()['booking_id']}",
        f"/courses/{course.slug}",
    ):
        line = await Line().through(sam.page)
        await sam.page.goto(address)
        pay = sam.page.get_by_role("button", name=re.compile("^(Pay now|Try again)$"))
        await expect(pay).to_be_visible()
        await awake(sam.page)
        line.is_cut = True
        await expect(sam.page.get_by_test_id("offline")).to_contain_text(
            "book and pay", timeout=30_000
        )
        await pay.click()
        await sam.on_the_payment_page()


async def test_a_press_that_waited_half_a_minute_is_given_up_with_a_sentence(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    visitors.forgive(NOISE)
    await sam.sign_in()
    line = await Line().through(sam.page)
    await sam.look_at(course)
    await awake(sam.page)
    await sam.page.route("**/api/health", lambda route: route.abort())
    line.is_cut = True
    await expect(sam.page.get_by_test_id("offline")).to_be_visible()
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("press-notice")).to_contain_text(
        "your action was not carried out", timeout=45_000
    )
    told = stack.api("sam@example.test").get("/api/bookings").json()["items"]
    assert not [one for one in told if one["course"]["title"] == course.title]


async def test_a_dialog_says_itself_that_its_press_waits(visitors: Visitors, stack: Stack):
    """What stands behind a modal dialog is blurred, and no screen reader speaks it."""
    course = await open_course(stack)
    sam = Person(await visitors.open(phone=True))
    visitors.forgive(NOISE)
    await sam.sign_in()
    booked = stack.api("sam@example.test").post(
        "/api/stripe/checkout", json={"course_id": course.id}
    )
    assert booked.status_code == 201
    line = await Line().through(sam.page)
    await sam.bookings(course)
    await awake(sam.page)
    await sam.page.get_by_test_id("cancel").click()
    await expect(sam.page.get_by_test_id("cancel-dialog")).to_be_visible()
    await sam.page.route("**/api/health", lambda route: route.abort())
    line.is_cut = True
    told = sam.page.get_by_test_id("line-in-dialog")
    await expect(told).to_contain_text("No connection")
    await sam.page.get_by_test_id("confirm-cancel").click()
    await expect(told).to_contain_text("Your action is waiting")
    await expect(told).to_be_visible()
    line.is_cut = False
    await expect(sam.page.get_by_test_id("cancel-dialog")).to_be_hidden(timeout=30_000)
    await expect(sam.booking_of(course)).to_contain_text("Cancelled")
