"""Lost, silent and partial connections: a notice is shown, and no click is lost."""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.async_api import Locator, Page, WebSocketRoute, expect

from coursebook.http_security.socket_protocol import SOCKET
from tests.e2e.people import Opened, Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import Stack

NOISE = "ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)|WebSocket|ERR_FAILED|TimeoutError"
QUIET_SECONDS = 8
SOCKET_PATTERN = re.compile(SOCKET)


@dataclass
class Connection:
    """The socket of a page; while it is cut, messages are dropped in both directions."""

    page: Page
    is_cut: bool = False

    async def cut(self, *, health: bool = True) -> None:
        """Drop every message, and `health` checks as well, so that the page is offline."""
        if health:
            await self.page.route("**/api/health", lambda route: route.abort())
        self.is_cut = True

    def restore(self) -> None:
        """Let messages through again; health checks still fail."""
        self.is_cut = False

    def carry(self, route: WebSocketRoute) -> None:
        """Pass on the messages of a socket."""
        if self.is_cut:
            return  # a connection that is never answered
        server = route.connect_to_server()
        route.on_message(lambda message: None if self.is_cut else server.send(message))
        server.on_message(lambda message: None if self.is_cut else route.send(message))


async def connection_of(page: Page) -> Connection:
    """Return the connection that the next pages of this tab will use."""
    connection = Connection(page)
    await page.route_web_socket(SOCKET_PATTERN, connection.carry)
    return connection


async def until_hydrated(page: Page) -> None:
    await page.wait_for_function("() => !window.coursebookEarly")


async def signed_in(visitors: Visitors, *, noise: str = NOISE, phone: bool = False) -> Person:
    """Return Sam, signed in, on a page whose failed requests are no error of the test."""
    sam = Person(await visitors.open(phone=phone))
    visitors.forgive(noise)
    await sam.sign_in()
    return sam


async def on_the_course_page(sam: Person, course: Opened) -> Connection:
    """Open the page of a course, and return its connection once the page is hydrated."""
    connection = await connection_of(sam.page)
    await sam.look_at(course)
    await until_hydrated(sam.page)
    return connection


def book(stack: Stack, email: str, course: Opened) -> str:
    """Book over the API; return the booking's id."""
    response = stack.api(email).post("/api/stripe/checkout", json={"course_id": course.id})
    assert response.status_code == 201
    return str(response.json()["booking_id"])


def offline(page: Page) -> Locator:
    """The notice about the connection."""
    return page.get_by_test_id("offline")


async def test_a_silent_line_is_noticed_after_eight_seconds_and_what_was_chosen_is_done(
    visitors: Visitors, stack: Stack
):
    page = await visitors.open()
    visitors.forgive(NOISE)
    connection = await connection_of(page)
    await page.goto("/courses")
    await until_hydrated(page)
    await connection.cut()
    began = time.monotonic()
    await page.get_by_label("Level").select_option("Beginner")
    await expect(page.get_by_test_id("courses").locator("xpath=..")).to_have_attribute(
        "aria-busy", "true"
    )
    await expect(offline(page)).to_contain_text("No connection")
    assert time.monotonic() - began < QUIET_SECONDS + 3
    connection.restore()
    await expect(offline(page)).to_have_count(0, timeout=30_000)
    await expect(page.get_by_role("link", name="Remove filter: Beginner")).to_be_visible()
    await expect(page.get_by_label("Level")).to_have_value("Beginner")


async def test_a_press_without_a_connection_says_that_it_waits_and_is_done_once_it_is_back(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = await signed_in(visitors)
    connection = await on_the_course_page(sam, course)
    await connection.cut()
    await expect(offline(sam.page)).to_be_visible()
    await sam.press("Book now")
    await expect(offline(sam.page)).to_contain_text("Your action is waiting")
    connection.restore()
    await sam.page.wait_for_url(re.compile("/c/pay/"), timeout=30_000)


async def test_a_press_into_a_line_that_has_just_died_is_not_lost_without_a_word(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = await signed_in(visitors)
    connection = await on_the_course_page(sam, course)
    await expect(sam.page.get_by_role("button", name="Sign out")).to_be_visible()
    await connection.cut(health=False)
    await sam.press("Book now")
    await expect(offline(sam.page)).to_be_visible()
    connection.restore()
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

    await page.route_web_socket(SOCKET_PATTERN, refused)
    await page.goto("/courses")
    await expect(offline(page)).to_contain_text("works only in part")
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
    sam = await signed_in(visitors, noise=f"{NOISE}|409")
    await sam.page.route_web_socket(SOCKET_PATTERN, lambda _: None)
    await sam.page.goto(f"/courses/{course.slug}")
    book(stack, "sally@example.test", course)
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("press-notice")).to_be_visible(timeout=30_000)
    await expect(sam.page.get_by_test_id("press-notice")).to_contain_text("Nothing was charged")


async def test_who_loses_the_socket_pays_for_a_place_that_is_held(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    sam = await signed_in(visitors, phone=True)
    booking_id = book(stack, "sam@example.test", course)
    for address in (
        f"/bookings?{urlencode({'q': course.title})}",
        f"/payment/cancel?booking_id={booking_id}",
        f"/courses/{course.slug}",
    ):
        connection = await connection_of(sam.page)
        await sam.page.goto(address)
        pay = sam.page.get_by_role("button", name=re.compile("^(Pay now|Try again)$"))
        await expect(pay).to_be_visible()
        await until_hydrated(sam.page)
        await connection.cut(health=False)
        await expect(offline(sam.page)).to_contain_text("book and pay", timeout=30_000)
        await pay.click()
        await sam.on_the_payment_page()


async def test_a_press_that_waited_half_a_minute_is_given_up_with_a_sentence(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = await signed_in(visitors)
    connection = await on_the_course_page(sam, course)
    await connection.cut()
    await expect(offline(sam.page)).to_be_visible()
    await sam.press("Book now")
    await expect(sam.page.get_by_test_id("press-notice")).to_contain_text(
        "your action was not carried out", timeout=45_000
    )
    bookings = stack.api("sam@example.test").get("/api/bookings").json()["items"]
    assert course.title not in [booking["course"]["title"] for booking in bookings]


async def test_a_dialog_says_itself_that_its_press_waits(visitors: Visitors, stack: Stack):
    """Content behind a modal dialog is blurred, and screen readers skip it."""
    course = await open_course(stack)
    sam = await signed_in(visitors, phone=True)
    book(stack, "sam@example.test", course)
    connection = await connection_of(sam.page)
    await sam.bookings(course)
    await until_hydrated(sam.page)
    await sam.page.get_by_test_id("cancel").click()
    await expect(sam.page.get_by_test_id("cancel-dialog")).to_be_visible()
    await connection.cut()
    notice = sam.page.get_by_test_id("connection-in-dialog")
    await expect(notice).to_contain_text("No connection")
    await sam.page.get_by_test_id("confirm-cancel").click()
    await expect(notice).to_contain_text("Your action is waiting")
    await expect(notice).to_be_visible()
    connection.restore()
    await expect(sam.page.get_by_test_id("cancel-dialog")).to_be_hidden(timeout=30_000)
    await expect(sam.booking_of(course)).to_contain_text("Cancelled")
