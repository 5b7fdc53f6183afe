"""The sandbox's own pages beside the product, in a browser, with and without JavaScript."""

import re

import httpx
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, eventually, open_course
from tests.support import cards
from tests.support.browser import DESKTOP, PHONE, Visitors
from tests.support.stack import Stack

BOARD_PAGES = (
    "/",
    "/payments",
    "/refunds",
    "/disputes",
    "/events",
    "/mailbox",
    "/sign-ins",
    "/clock",
    "/faults",
)


async def book_and_pay(sam: Person, stack: Stack) -> Opened:
    """Book a new course as Sam, pay for it, and wait for the confirmation."""
    course = await open_course(stack)
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    return course


async def open_payment(page: Page, course: Opened, stack: Stack) -> None:
    """Find the payment of a course on the dashboard."""
    await page.goto(f"{stack.sandbox_url}/payments")
    await page.get_by_role("link", name=course.title).click()
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible()


async def test_a_refund_on_the_dashboard_reaches_the_product(visitors: Visitors, stack: Stack):
    sam = Person(await visitors.open())
    course = await book_and_pay(sam, stack)
    dashboard = await visitors.open(java_script_enabled=False)
    await open_payment(dashboard, course, stack)
    await expect(dashboard.get_by_text("Test payments: no money moves")).to_be_visible()
    await expect(dashboard.get_by_text("Visa •••• 4242")).to_be_visible()
    await dashboard.get_by_label("Amount to give back").fill("10")
    await dashboard.get_by_role("button", name="Refund").click()
    await expect(dashboard.get_by_role("status")).to_contain_text("Refund made.")
    await expect(dashboard.get_by_text("Partly refunded").first).to_be_visible()
    await dashboard.get_by_role("button", name="Refund", exact=True).click()
    await expect(dashboard.get_by_text("Nothing is left to give back.")).to_be_visible()
    await eventually(lambda: _payment_status(stack, course) == "refunded")
    await sam.bookings(course)
    await expect(sam.booking_of(course)).to_contain_text("€45.00 · Refunded")


async def test_an_event_is_sent_once_more_and_nothing_comes_of_it_twice(
    visitors: Visitors, stack: Stack
):
    sam = Person(await visitors.open())
    course = await book_and_pay(sam, stack)
    dashboard = await visitors.open(java_script_enabled=False)
    await open_payment(dashboard, course, stack)
    await dashboard.get_by_role("link", name="checkout.session.completed").click()
    await dashboard.get_by_role("button", name="Resend").click()
    await expect(dashboard.get_by_role("status")).to_contain_text("is being sent again")
    event = dashboard.url.split("/")[-1].split("?")[0]
    await eventually(lambda: _answers_to(stack, event) == [200, 200])
    await dashboard.reload()
    await expect(dashboard.get_by_role("cell", name="200")).to_have_count(2)
    await sam.sees_booking(course, "Confirmed")
    await eventually(lambda: _mails_about(stack, course) == 1)


async def test_the_mail_of_a_booking_is_shown_as_it_looks(visitors: Visitors, stack: Stack):
    sam = Person(await visitors.open())
    course = await book_and_pay(sam, stack)
    await eventually(lambda: _mails_about(stack, course) == 1)
    dashboard = await visitors.open(java_script_enabled=False)
    await dashboard.goto(f"{stack.sandbox_url}/mailbox")
    await dashboard.get_by_role("link", name=course.title).click()
    await expect(dashboard.get_by_role("link", name=re.compile(r"\.ics$"))).to_be_visible()
    mail = dashboard.frame_locator("iframe")
    await expect(mail.get_by_role("heading", name="Booked")).to_be_visible()
    await expect(mail.get_by_text(course.title).locator("visible=true").first).to_be_visible()


async def test_a_dispute_on_the_dashboard_is_opened_and_won(visitors: Visitors, stack: Stack):
    sam = Person(await visitors.open())
    course = await book_and_pay(sam, stack)
    dashboard = await visitors.open(java_script_enabled=False)
    await open_payment(dashboard, course, stack)
    await dashboard.get_by_role("button", name="Open a dispute").click()
    await expect(dashboard.get_by_role("status")).to_contain_text("Dispute opened.")
    await dashboard.get_by_role("button", name=re.compile("won$")).click()
    await expect(dashboard.get_by_role("status")).to_contain_text("Dispute closed.")
    await expect(dashboard.get_by_text("Won", exact=True)).to_be_visible()


async def test_a_session_that_is_ended_on_the_dashboard_is_ended_in_the_product(
    visitors: Visitors, stack: Stack
):
    page = await visitors.open()
    visitors.forgive("401")  # the answer to a revoked session
    await page.goto(f"{stack.sandbox_url}/sign-ins")
    await page.get_by_label("Email address").fill("vera.visitor@example.test")
    await page.get_by_role("button", name="Sign in to the product").click()
    await expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url.startswith(stack.url)
    dashboard = await visitors.open(java_script_enabled=False)
    await dashboard.goto(f"{stack.sandbox_url}/sign-ins")
    await dashboard.get_by_role("button", name="End the session of Vera Visitor").click()
    await expect(dashboard.get_by_role("status")).to_contain_text("Session ended.")
    await page.reload()
    await expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


async def test_every_page_of_the_dashboard_fits_and_can_be_used_by_everybody(
    visitors: Visitors, stack: Stack
):
    stack.control("events/foreign")
    dashboard = await visitors.open(bypass_csp=True)
    for path in BOARD_PAGES:
        await dashboard.goto(stack.sandbox_url + path)
        for size in (DESKTOP, PHONE):
            await dashboard.set_viewport_size(size)
            wider = await dashboard.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, (path, size)
        for scheme in ("light", "dark"):
            await dashboard.emulate_media(color_scheme=scheme)
            assert await _accessibility_problems(dashboard) == [], (path, scheme)
        await dashboard.keyboard.press("Tab")
        await expect(dashboard.get_by_role("link", name="Skip to the content")).to_be_focused()


async def _accessibility_problems(page: Page) -> list[str]:
    axe_results = await Axe().run(page)
    return [
        f"{one['id']}: {one['nodes'][0]['target']}" for one in axe_results.response["violations"]
    ]


def _answers_to(stack: Stack, event: str) -> list[int]:
    listed = httpx.get(f"{stack.sandbox_url}/_test/deliveries", timeout=30).json()["deliveries"]
    return [one["status"] for each in listed if each["event"] == event for one in each["answers"]]


def _payment_status(stack: Stack, course: Opened) -> str:
    with stack.api("sam@example.test") as api:
        items = api.get("/api/bookings", params={"limit": 100}).json()["items"]
    return next(
        booking["payment_status"] for booking in items if booking["course"]["slug"] == course.slug
    )


def _mails_about(stack: Stack, course: Opened) -> int:
    return sum(course.title in subject for subject in stack.mail_subjects())
