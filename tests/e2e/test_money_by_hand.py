"""Money by hand in a browser: by keyboard from adding a booking to the inbox, and on a phone."""

import re
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, eventually, open_course
from tests.support.accessibility import (
    assert_good_for_everybody,
    assert_good_in_light_and_dark,
    press,
    reach,
    write,
)
from tests.support.browser import Visitors
from tests.support.stack import Stack


async def test_money_by_hand_by_keyboard_from_a_phone_call_to_the_inbox(
    visitors: Visitors, stack: Stack
):
    course, cheaper = await open_course(stack), await open_course(stack, price=3500)
    address = f"gerda-{secrets.token_hex(4)}@example.test"
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    await _adds_a_hold(olga.page, course, address)
    await _claims(visitors, stack, course, address)
    await _voids_and_records(olga.page, stack, course)
    await _moves(olga.page, course, cheaper)
    await _gives_a_part_back(olga.page, stack, cheaper)


async def _adds_a_hold(page: Page, course: Opened, address: str) -> None:
    await page.goto(f"/manage/courses/{course.id}/people")
    await press(page, page.get_by_role("link", name="Add a booking"))
    await expect(page.get_by_role("heading", name="Add a booking")).to_be_visible()
    await reach(page, page.get_by_label("Paid already"))
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_label("Held until paid")).to_be_checked()
    add = page.get_by_role("button", name="Add a booking")
    await press(page, add)
    summary = page.get_by_test_id("error-summary")
    await expect(summary).to_be_focused()
    await assert_good_for_everybody(page)
    await press(page, summary.get_by_role("link", name="Name"))
    await expect(page.get_by_label("Name", exact=True)).to_be_focused()
    await page.keyboard.type("Gerda Gast")
    await write(page, page.get_by_label("Mail address"), address)
    await page.get_by_label("Until", exact=True).fill(_day(7))
    await press(page, add)
    row = page.get_by_test_id("people").get_by_role("row").filter(has_text="Gerda Gast")
    await expect(row).to_contain_text("Reserved")


async def _claims(visitors: Visitors, stack: Stack, course: Opened, address: str) -> None:
    """Open the link of the mail as somebody with an account, and add the booking to it."""
    links: list[str] = []

    def has_come() -> bool:
        mails = httpx.get(f"{stack.sandbox_url}/_test/mail", params={"to": address}).json()
        links.extend(re.findall(r"/claim/[\w-]+", "".join(m["text"] for m in mails["mails"])))
        return bool(links)

    await eventually(has_come)
    sally = Person(await visitors.open())
    await sally.sign_in("Sally Student")
    await sally.page.goto(links[0])
    await expect(sally.page.get_by_role("main")).to_contain_text(course.title)
    await assert_good_for_everybody(sally.page)
    await press(sally.page, sally.page.get_by_role("button", name="Add to my account"))
    await sally.sees_heading(course.title)
    await expect(sally.page.get_by_role("button", name="Pay now")).to_be_visible()
    await sally.page.goto(links[0])
    await sally.sees_heading("This link no longer works")
    await assert_good_for_everybody(sally.page)


async def _voids_and_records(page: Page, stack: Stack, course: Opened) -> None:
    trust = {"how": "expected", "due_on": _day(3)}
    _add(stack, course, {"name": "Tina Trust", "pay": trust})
    await page.goto("/manage/money/expected")
    row = page.get_by_test_id("expected-row").filter(has_text=course.title)
    row = row.filter(has_text="Tina Trust")
    dialog = page.get_by_test_id("expected-dialog")
    await press(page, row.get_by_test_id("void"))
    await expect(dialog.get_by_label("Why")).to_be_focused()
    await assert_good_for_everybody(page)
    await press(page, dialog.get_by_test_id("send"))
    await expect(dialog).to_contain_text("Say why, in a few words.")
    await assert_good_for_everybody(page)
    await write(page, dialog.get_by_label("Why"), "Agreed on another day")
    await dialog.get_by_label("New day").fill(_day(5))
    await press(page, dialog.get_by_test_id("send"))
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_test_id("notice")).to_be_visible()
    await press(page, row.get_by_test_id("record"))
    await expect(dialog).to_contain_text("€45.00, Tina Trust")
    await assert_good_for_everybody(page)
    await page.keyboard.press("Escape")
    await expect(row.get_by_test_id("record")).to_be_focused()
    await page.keyboard.press("Enter")
    await write(page, dialog.get_by_label("Reference"), "Bank 7")
    await press(page, dialog.get_by_test_id("send"))
    await expect(page.get_by_test_id("notice")).to_contain_text("Recorded: €45.00 from Tina Trust.")
    await expect(row).to_have_count(0)


async def _moves(page: Page, course: Opened, cheaper: Opened) -> None:
    await page.goto(f"/manage/courses/{course.id}/people")
    await press(page, page.get_by_role("button", name="More for Tina Trust"))
    move = page.get_by_role("link", name="Move…")
    await expect(page.get_by_role("link", name="Refund…")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(move).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Move Tina to another course")).to_be_visible()
    await write(page, page.get_by_role("searchbox", name="Find a course"), cheaper.title)
    await reach(page, page.get_by_label(cheaper.title))
    await page.keyboard.press("Space")
    await expect(page.get_by_text("It costs €35.00 there.")).to_be_visible()
    await reach(page, page.get_by_label("Give back €10.00"))
    await page.keyboard.press("Space")
    await assert_good_for_everybody(page)
    await press(page, page.get_by_test_id("do-act"))
    await expect(page.get_by_test_id("notice")).to_be_visible()
    await expect(page).to_have_title(re.compile(re.escape(cheaper.title)))
    await assert_good_for_everybody(page)


async def _gives_a_part_back(page: Page, stack: Stack, course: Opened) -> None:
    """Press the second button of an entry about a hold whose time is over, half paid."""
    hold = {"how": "hold", "due_on": _day(7)}
    booking = _add(stack, course, {"name": "Paula Part", "pay": hold})
    part = {"amount": 1000, "method": "cash", "expect": booking["expect"]}
    path = f"/api/manage/bookings/{booking['id']}/payments"
    assert stack.api("olga@example.test").post(path, json=part).is_success
    with sqlite3.connect(stack.data / "coursebook.db", timeout=30) as books:
        over = "UPDATE booking SET reserved_until = ?1, hold_expires_at = ?1 WHERE id = ?2"
        moment = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
        books.execute(over, (moment, booking["id"]))
    await page.goto("/manage/money")
    row = page.get_by_test_id("inbox-row").filter(has_text="Paula Part")
    await expect(row).to_be_visible(timeout=60_000)
    await assert_good_for_everybody(page)
    await press(page, row.get_by_test_id("other"))
    await expect(page.get_by_test_id("notice").first).to_be_visible()
    await expect(row.get_by_test_id("other")).to_have_count(0)
    await expect(row).to_contain_text("has to be given back by hand")
    await press(page, row.get_by_test_id("act"))
    await expect(row).to_have_count(0)
    await assert_good_for_everybody(page)


def _add(stack: Stack, course: Opened, body: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/manage/courses/{course.id}/bookings"
    answer = stack.api("olga@example.test").post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


async def test_the_pages_of_money_by_hand_are_good_on_a_small_phone_in_german(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await visitors.open(phone=True, locale="de-DE")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/sign-in?next=/manage")
    await page.get_by_role("button", name=re.compile("Olga Operator")).click()
    await expect(page.get_by_role("heading", name="Heute", exact=True)).to_be_visible()
    people = f"/manage/courses/{course.id}/people"
    for path, name in (
        (f"{people}/new", "Buchung hinzufügen"),
        ("/manage/money/expected", "Geld"),
        (f"/manage/courses/{course.id}/history", "Verlauf"),
    ):
        await page.goto(path)
        await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await assert_good_in_light_and_dark(page)
