"""The page of a money inbox entry, from the link in the mail to its action."""

import json
import sqlite3

import httpx
import pytest
from playwright.async_api import expect

from tests.e2e.people import Person, eventually, open_course
from tests.support import cards
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import Visitors
from tests.support.stack import Stack


def _entry_of(stack: Stack, booking_id: str) -> str:
    with sqlite3.connect(stack.data / "coursebook.db") as books:
        question = "SELECT id FROM money_inbox_entry WHERE booking_id = ?"
        found = books.execute(question, (booking_id,)).fetchone()
    return found[0] if found else ""


def _booking_of(stack: Stack, course_id: str) -> tuple[str, str]:
    with sqlite3.connect(stack.data / "coursebook.db") as books:
        question = (
            "SELECT b.id, a.payment_intent_id FROM booking b JOIN payment_attempt a "
            "ON a.booking_id = b.id WHERE b.course_id = ?"
        )
        return books.execute(question, (course_id,)).fetchone()


def _charge_of(stack: Stack, payment: str) -> str:
    keys = json.loads((stack.data / "sandbox-keys.json").read_text())
    secret = next(key for key in keys.values() if str(key).startswith("sk_test_"))
    payment_url = f"{stack.sandbox_url}/v1/payment_intents/{payment}"
    return str(httpx.get(payment_url, auth=(secret, ""), timeout=30).json()["latest_charge"])


@pytest.mark.parametrize("language", ["en", "de"])
async def test_an_operator_comes_from_the_mail_reads_the_entry_and_acts(
    visitors: Visitors, stack: Stack, language: str
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    await sam.book(course)
    await sam.type_card(cards.VISA)
    await sam.sees_heading("Booking confirmed")
    booking_id, payment = _booking_of(stack, course.id)
    stack.control(f"charges/{_charge_of(stack, payment)}/refund", amount=500)
    await eventually(lambda: bool(_entry_of(stack, booking_id)))
    address = f"/manage/inbox/{_entry_of(stack, booking_id)}"
    await sam.page.goto(address)
    await expect(sam.page.get_by_test_id("not-found")).to_be_visible()
    olga = await visitors.open(locale=language)
    await olga.goto(address)
    await olga.get_by_role("main").get_by_role("link").first.click()
    await olga.get_by_role("button", name="Olga Operator").click()
    await expect(olga.get_by_test_id("inbox-entry")).to_be_visible()
    assert olga.url.endswith(address)
    await assert_good_for_everybody(olga)
    await olga.get_by_test_id("act").click()
    await expect(olga.get_by_test_id("notice")).to_be_visible()
    await expect(olga.get_by_test_id("act")).to_have_count(0)
    await assert_good_for_everybody(olga)
