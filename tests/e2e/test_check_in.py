"""The page at the door on a phone: ticks, another phone, no network, conflicts, the camera."""

import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, eventually, open_course
from tests.integration.test_tickets import picture_in
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import Visitors
from tests.support.qr_reader import text_of
from tests.support.stack import Stack

NAMES = (
    *("Ana Castelo", "Bruno Lima", "Carla Lima", "Dara Odell", "Eva Maier", "Finn Olsen"),
    "Gil Reis",
)
DEBTOR = "Hana Sato"
"""She owes the price, so she is the eighth on the list."""
PRICE = "HUF 15,000.00"
BERLIN = ZoneInfo("Europe/Berlin")
"""The zone of courses that tests open."""
SMALL = {"width": 360, "height": 740}
OFFLINE = "ERR_INTERNET_DISCONNECTED|WebSocket connection"
OUTAGE = "ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|502|503"


@pytest.fixture
async def course(stack: Stack) -> Opened:
    """A course with eight people that begins soon; one of them has not paid.

    Its price is in forint, of which browsers write no decimals and Stripe two.
    """
    now = datetime.now(UTC)
    last_moment = now.replace(hour=23, minute=59, second=50)
    starts_at = min(now + timedelta(minutes=20), last_moment)  # it is on Today's page
    opened = await open_course(
        stack,
        starts_at=starts_at,
        ends_at=now + timedelta(minutes=80),
        price=1_500_000,
        currency="huf",
    )
    for name in NAMES:
        add(stack, opened, name)
    due_on = starts_at.astimezone(BERLIN).date()  # its day may be the next one already
    add(stack, opened, DEBTOR, {"how": "expected", "due_on": due_on.isoformat()})
    return opened


def add(
    stack: Stack, course: Opened, name: str, pay: dict[str, str] | None = None, **more: Any
) -> str:
    body = {"name": name, "pay": pay or {"how": "complimentary"}, "tell": False, **more}
    answer = stack.api("olga@example.test").post(
        f"/api/manage/courses/{course.id}/bookings", json=body
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def path_of(course: Opened) -> str:
    return f"/manage/check-in/mtg_{course.id.removeprefix('crs_')}"


async def at_the_door(visitors: Visitors, course: Opened) -> Page:
    page = await visitors.open(phone=True)
    await page.set_viewport_size(SMALL)  # type: ignore[arg-type]
    await Person(page).sign_in("Olga Operator")
    await page.goto(path_of(course))
    await expect(page.get_by_test_id("count")).to_have_text("0 of 8 here")
    return page


def row(page: Page, name: str) -> object:
    return page.get_by_role("button", name=name).first


async def test_two_phones_one_without_a_network(visitors: Visitors, course: Opened, stack: Stack):
    first, second = [await at_the_door(visitors, course) for _ in range(2)]
    await expect(first.get_by_role("heading", level=1)).to_have_text(course.title)
    await assert_good_for_everybody(first)
    await row(second, "Ana Castelo").click()  # type: ignore[attr-defined]
    await expect(first.get_by_text("Here since")).to_be_visible(timeout=10_000)
    search = first.get_by_role("searchbox", name="Name or code")
    await search.fill("bruno")
    await search.press("Enter")
    await expect(first.get_by_test_id("count")).to_have_text("2 of 8 here")
    await expect(first.locator('[data-mark="sent"]')).to_have_count(2)
    await _refuses_a_ticket_of_another_course(first, stack)

    visitors.forgive(OFFLINE)
    await first.context.set_offline(True)
    for name in NAMES[2:]:
        await row(first, name).click()  # type: ignore[attr-defined]
    await first.get_by_role("button", name="More about Finn Olsen").click()
    await first.get_by_role("button", name="Undo").click()
    await expect(first.get_by_test_id("not-sent")).to_contain_text("6 not sent yet")
    await row(second, "Carla Lima").click()  # type: ignore[attr-defined]
    await expect(second.get_by_test_id("count")).to_have_text("3 of 8 here")
    await expect(second.locator('[data-mark="own"]')).to_have_count(0)
    visitors.forgive(OUTAGE)
    stack.kill_product()
    stack.wait_until_ready()
    await first.context.set_offline(False)
    refusals = first.get_by_test_id("refusals")
    await expect(refusals).to_contain_text("Carla Lima: already here since")
    await expect(refusals).to_contain_text("by Olga Operator")
    await expect(first.get_by_test_id("not-sent")).to_be_empty()
    await expect(second.get_by_test_id("count")).to_have_text("6 of 8 here", timeout=15_000)
    assert sorted(ticks_of(stack, course)) == [*["present"] * 6, "undone"]
    await first.get_by_role("button", name="OK").click()
    await takes_cash(first)
    stack.forget_trouble()  # the product was killed by this test


async def _refuses_a_ticket_of_another_course(page: Page, stack: Stack) -> None:
    address = f"ivo-{secrets.token_hex(4)}@example.test"
    told = {"email": address, "tell": True}
    elsewhere = add(stack, await open_course(stack), "Ivo Elsewhere", **told)
    mails: list[dict[str, Any]] = []

    def has_come() -> bool:
        answer = httpx.get(f"{stack.sandbox_url}/_test/mail", params={"to": address})
        mails.extend(answer.json()["mails"])
        return bool(mails)

    await eventually(has_come)
    scanned = text_of(picture_in(mails[0]))
    with sqlite3.connect(stack.data / "coursebook.db") as books:
        query = "SELECT ticket_code FROM booking WHERE id = ?"
        assert books.execute(query, [elsewhere]).fetchone() == (scanned.removeprefix("CB1:"),)
    search = page.get_by_role("searchbox", name="Name or code")
    await search.fill(scanned)
    await search.press("Enter")
    await expect(page.get_by_role("heading", name="Not for today")).to_be_focused()
    await assert_good_for_everybody(page)
    await page.get_by_role("button", name="Search the name").click()
    await expect(page.get_by_test_id("count")).to_have_text("2 of 8 here")


def ticks_of(stack: Stack, course: Opened) -> list[str]:
    """Return what is recorded of each person, by the API."""
    path = path_of(course).replace("/manage/check-in", "/api/manage/meetings") + "/snapshot"
    people = stack.api("olga@example.test").get(path).json()["people"]
    return [person["tick"]["state"] for person in people if person["tick"]]


async def takes_cash(page: Page) -> None:
    """Take the price of somebody who owes it, without leaving the door."""
    await page.get_by_role("button", name=f"More about {DEBTOR}").click()
    await page.get_by_role("button", name="Take cash").click()
    await expect(page.get_by_role("button", name=f"{PRICE} in cash taken")).to_be_focused()
    await assert_good_for_everybody(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"{PRICE} in cash is recorded.")).to_be_visible()
    await expect(page.get_by_text("Owes")).to_have_count(0)
    await page.get_by_role("button", name="Check in").click()
    await (
        page.get_by_role("button", name="Search the name")
        .or_(page.get_by_role("button", name="Close"))
        .first.click()
    )
    await expect(page.get_by_test_id("count")).to_have_text("7 of 8 here")


async def test_the_camera_is_allowed_at_the_door_only_which_is_loaded_as_a_whole(
    visitors: Visitors, course: Opened
):
    page = await visitors.open(phone=True)
    await Person(page).sign_in("Olga Operator")
    for list_path in ("/manage/check-in", "/manage"):
        await page.goto(list_path)
        await expect(page.locator(f'a[href^="{path_of(course)}"]').first).to_be_visible()
    link = page.locator(f'a[data-testid="check-in"][href^="{path_of(course)}"]')
    await page.evaluate("window.isSameDocument = true")
    async with page.expect_navigation(wait_until="load"):
        await link.click()
    await expect(page.get_by_test_id("count")).to_be_visible()
    assert not await page.evaluate("window.isSameDocument === true")
    await page.get_by_role("button", name="Scan").click()
    await expect(page.get_by_test_id("no-camera")).to_contain_text("Search the name")


def test_only_that_page_has_the_header_of_a_camera(stack: Stack, course: Opened):
    for path in ("/courses", "/manage", "/manage/check-in", path_of(course)):
        headers = httpx.get(stack.url + path, follow_redirects=True).headers
        camera = "camera=(self)" if path == path_of(course) else "camera=()"
        assert camera in headers["permissions-policy"], path
