"""Signing in with the real ClerkJS in a browser: booking, paying and signing out."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.clerk.accounts import SALLY, SAM, Visitor
from tests.clerk.conftest import HOST, PAGE, School
from tests.e2e.people import eventually, open_course
from tests.support import cards
from tests.support.browser import Visitors

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_student_signs_in_with_a_password_and_pays_for_a_place(
    page: Page, visitors: Visitors, school: School
):
    visitors.forgive(r"status of 422")  # Clerk's answer to a wrong password
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    course = await open_course(school.stack)
    sam = Visitor(page)
    await sam.look_at(course)
    await sam.press("Book now")
    await sam.types(SAM, password="not the pass phrase")
    await sam.is_told(re.compile("Password is incorrect"))
    await sam.types_password(SAM.password)
    await sam.on_the_payment_page()  # the booking continues after signing in
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    await sam.sees_booking(course, "Confirmed")
    assert asked == {HOST, PAGE, f"localhost:{school.stack.port + 1}"}


async def test_clerks_form_has_the_colours_of_the_page(page: Page):
    await page.goto("/sign-in")
    button = page.get_by_role("button", name="Continue", exact=True)
    accent = await page.get_by_role("main").evaluate(
        """main => {
            const probe = main.appendChild(document.createElement("i"));
            probe.style.color = "var(--accent)";
            const { color } = getComputedStyle(probe);
            probe.remove();
            return color;
        }"""
    )
    await expect(button).to_have_css("background-color", accent)


async def test_another_tab_follows_whoever_signs_in_and_out(page: Page, school: School):
    sam = Visitor(page)
    await page.goto("/courses")
    other = Visitor(await page.context.new_page())
    await other.page.goto("/courses")
    await other.is_signed_out()
    await sam.signs_in(SAM)
    await other.is_signed_in(SAM)
    await other.press("Sign out")
    await other.is_signed_out()
    await sam.is_signed_out()
    await sam.signs_in(SALLY, "/bookings")
    await sam.is_told("No bookings yet")
    await other.is_signed_in(SALLY)
    await other.page.reload()
    await other.is_signed_in(SALLY)


async def test_a_session_is_renewed_until_it_is_revoked(
    page: Page, visitors: Visitors, school: School
):
    visitors.forgive(r"status of 401")  # Clerk's answer after the revocation
    pushed: set[str] = set()

    def heard(frame: str | bytes) -> None:
        if "token_received" in str(frame):
            pushed.add(str(frame))

    page.on("websocket", lambda socket: socket.on("framesent", heard))
    sam = Visitor(page)
    school.clerk.token_life = 10
    await sam.signs_in(SAM)
    before = len(pushed)
    await eventually(lambda: len(pushed) >= before + 2)
    await sam.is_signed_in(SAM)
    school.clerk.revoke(SAM)
    await sam.is_signed_out()


async def test_a_revoked_session_can_book_nothing_more(
    page: Page, visitors: Visitors, school: School
):
    visitors.forgive(r"status of 401")
    course = await open_course(school.stack)
    sam = Visitor(page)
    await sam.signs_in(SAM, f"/courses/{course.slug}")
    school.clerk.revoke(SAM)
    await sam.press("Book now")
    await expect(page.get_by_label("Email address")).to_be_visible()


async def test_the_server_draws_the_pages_and_lets_only_clerk_in(school: School):
    course = await open_course(school.stack)
    answer = await asyncio.to_thread(httpx.get, f"{school.stack.url}/courses/{course.slug}")
    assert course.title in answer.text
    assert 'id="coursebook-state"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.count(f"https://{HOST}") == 2  # scripts and connections
