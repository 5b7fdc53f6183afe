"""From no course to one that anybody can book, in a browser; and what goes wrong on the way."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.people import Person, open_course
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import Visitors
from tests.support.stack import Stack

NEW = "/manage/courses/new"
TITLE = "Lime Wash and Limewater"
DAY = (datetime.now(UTC) + timedelta(days=45)).date().isoformat()
NEXT_DAY = (datetime.now(UTC) + timedelta(days=46)).date().isoformat()
PICTURE = Path(__file__).parents[2] / "assets" / "og.png"
FIELDS = {
    "Summary": "Slake, thin and brush a wall in three coats.",
    "Description": "You paint **one wall**.\n\n- lime\n- pigment",
    "Category": "Crafts",
    "Teacher": "Ines Duarte",
    "Place": "Atelier Alfama",
    "Address": "Rua da Regueira 40, Lisbon",
    "First day": DAY,
    "Starts at": "10:00",
    "Ends at": "13:00",
    "Price": "45,00",
}


async def _operator_at(visitors: Visitors, address: str) -> Page:
    person = Person(await visitors.open())
    await person.page.goto(f"/sign-in?next={address}")
    await person.page.get_by_role("button", name="Olga Operator").click()
    await expect(person.page.get_by_test_id("course-form")).to_be_visible()
    return person.page


def _field(page: Page, label: str) -> Locator:
    return page.get_by_test_id("course-form").get_by_label(label, exact=True)


async def test_a_school_publishes_its_first_course_with_twelve_fields(
    visitors: Visitors, stack: Stack
):
    page = await _operator_at(visitors, NEW)
    for label, text in FIELDS.items():
        await _field(page, label).fill(text)
    await page.get_by_role("button", name="Publish").click()
    summary = page.get_by_test_id("error-summary")
    await expect(summary).to_be_focused()
    await expect(summary).to_contain_text("Title")
    await expect(summary).to_contain_text("Places")
    await summary.get_by_role("link", name="Title").click()
    await expect(_field(page, "Title")).to_be_focused()
    await summary.get_by_role("link", name="Places").click()
    await expect(_field(page, "Places")).to_be_focused()
    for label, text in FIELDS.items():
        await expect(_field(page, label)).to_have_value(text)
    await _field(page, "Title").fill(TITLE)
    await _field(page, "Places").fill("7")
    await expect(page.get_by_test_id("not-saved")).to_be_visible()
    await expect(page.get_by_test_id("course-preview")).to_contain_text("€45")
    await _field(page, "Picture").set_input_files(PICTURE)
    await expect(page.get_by_test_id("picture-drop").get_by_role("presentation")).to_be_visible()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_test_id("form-notice")).to_contain_text("published")
    answer = await page.request.get(f"{stack.url}/courses?q=limewater")
    found = await answer.text()  # as a reader without JavaScript gets it
    for part in (TITLE, "€45", "7 places left"):
        assert part in found
    await expect(page).to_have_url(f"{stack.url}/manage/courses/{_key(page)}/edit")
    await assert_good_for_everybody(page)
    await _two_editors(visitors, page)
    await _asks_before_a_new_date(stack, page)


async def _two_editors(visitors: Visitors, page: Page) -> None:
    other = await _operator_at(visitors, f"/manage/courses/{_key(page)}/edit")
    await _field(other, "Summary").fill("Theirs")
    await other.get_by_role("button", name="Save").click()
    await expect(other.get_by_test_id("not-saved")).to_be_hidden()
    await _field(page, "Summary").fill("Mine")
    await page.get_by_role("button", name="Save").click()
    conflict = page.get_by_test_id("conflict")
    await expect(conflict).to_contain_text("Theirs")
    await expect(_field(page, "Summary")).to_have_value("Mine")
    await assert_good_for_everybody(page)
    await page.get_by_test_id("keep-mine").click()
    await expect(conflict).to_be_hidden()
    await expect(page.get_by_test_id("not-saved")).to_be_hidden()


async def _asks_before_a_new_date(stack: Stack, page: Page) -> None:
    api = stack.api("sam@example.test")
    assert api.post("/api/stripe/checkout", json={"course_id": _key(page)}).status_code == 201
    await _field(page, "First day").fill(NEXT_DAY)
    await page.get_by_role("button", name="Save").click()
    question = page.get_by_role("dialog", name="1 person has booked")
    await expect(question).to_contain_text("Place")
    await assert_good_for_everybody(page)
    await question.get_by_label("Tell them now").uncheck()
    await expect(question.get_by_role("button", name="Save, tell nobody")).to_be_visible()
    await question.get_by_role("button", name="Keep as it was").click()
    await expect(question).to_be_hidden()
    await expect(_field(page, "First day")).to_have_value(NEXT_DAY)
    await page.get_by_role("button", name="Discard").click()
    await expect(_field(page, "First day")).to_have_value(DAY)
    await expect(page.get_by_test_id("not-saved")).to_be_hidden()


def _key(page: Page) -> str:
    return page.url.removesuffix("/edit").rpartition("/")[2]


async def test_another_day_while_a_copy_is_being_made_is_refused_visibly(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await _operator_at(visitors, f"/manage/courses/{course.id}/edit")
    await page.get_by_role("button", name="Duplicate").click()
    question = page.get_by_role("dialog", name="Duplicate this course")
    sending = asyncio.Event()

    async def wait(route: Route) -> None:
        await sending.wait()
        await route.continue_()

    await page.route("**/v1/client/sessions/*/tokens", wait)
    for day in (DAY, DAY, NEXT_DAY):  # the second is a double click
        await expect(question.get_by_role("alert")).to_be_hidden()
        await question.get_by_label("First day").fill(day)
        await question.get_by_role("button", name="Make the copy").click()
    await expect(question.get_by_role("alert")).to_contain_text("was not sent")
    sending.set()
    await expect(page).not_to_have_url(re.compile(course.id))
    await expect(_field(page, "First day")).to_have_value(DAY)
