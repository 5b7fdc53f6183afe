"""Writing to the people of a course, and cancelling it: by keyboard, and on a phone in German."""

import re

import httpx
from playwright.async_api import Page, expect

from tests.e2e.people import Opened, Person, eventually, open_course
from tests.support.accessibility import (
    assert_good_for_everybody,
    assert_good_in_light_and_dark,
    press,
    write,
)
from tests.support.browser import Visitors
from tests.support.stack import Stack

MISTAKE = "Hello {nmae}"


async def test_a_course_is_written_to_and_cancelled_by_keyboard(visitors: Visitors, stack: Stack):
    course = await open_course(stack, price=0)
    sally = stack.api("sally@example.test")
    assert sally.post("/api/stripe/checkout", json={"course_id": course.id}).is_success
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    page = olga.page
    await page.goto("/manage/messages")
    await press(page, page.get_by_role("main").get_by_role("link", name="New message"))
    await olga.sees_heading("New message")
    await page.goto(f"/manage/courses/{course.id}/people")
    await press(page, page.get_by_role("main").get_by_role("link", name="Message", exact=True))
    await olga.sees_heading("New message")
    await _writes(page, course)
    await _sends(page, stack, course)
    await _cancels(page, course)


async def _writes(page: Page, course: Opened) -> None:
    await expect(page.get_by_test_id("people")).to_contain_text("1 person now.")
    await write(page, page.get_by_label("Subject"), "Bring an apron")
    await write(page, page.get_by_label("Text", exact=True), MISTAKE)
    await press(page, page.get_by_test_id("send"))
    summary = page.get_by_test_id("error-summary")
    await expect(summary).to_be_focused()
    await assert_good_for_everybody(page)
    await press(page, summary.get_by_role("link", name="Text"))
    await expect(page.get_by_label("Text", exact=True)).to_be_focused()
    await expect(page.get_by_label("Text", exact=True)).to_have_value(MISTAKE)
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Hello ")
    await press(page, page.get_by_role("button", name="+ name"))
    mail = page.get_by_test_id("mail")
    await expect(mail).to_contain_text("Hello Sally")
    await expect(mail).to_contain_text("Bring an apron")
    await assert_good_for_everybody(page)


async def _sends(page: Page, stack: Stack, course: Opened) -> None:
    def subjects(address: str) -> list[str]:
        mails = httpx.get(f"{stack.sandbox_url}/_test/mail", params={"to": address}).json()
        return [mail["subject"] for mail in mails["mails"] if course.title in mail["text"]]

    await press(page, page.get_by_test_id("test"))
    await expect(page.get_by_test_id("notice")).to_contain_text("olga@example.test")
    await press(page, page.get_by_role("button", name="Send now to 1 person"))
    await expect(page.get_by_role("heading", name="Bring an apron").first).to_be_visible()
    recipients = page.get_by_test_id("recipients")
    await expect(recipients).to_contain_text("Sally")
    await expect(recipients).to_contain_text("Sent")
    await assert_good_for_everybody(page)
    assert subjects("sally@example.test").count("Bring an apron") == 1
    await eventually(lambda: any("apron" in one for one in subjects("olga@example.test")))
    await press(page, page.get_by_role("button", name="Failed"))
    await expect(page.get_by_text("Nobody is in this list.")).to_be_visible()
    await page.goto("/manage/messages")
    row = page.get_by_role("row").filter(has_text=course.title)
    await expect(row).to_contain_text("1 of 1")
    await assert_good_for_everybody(page)
    await press(page, row.get_by_role("link", name="Bring an apron"))
    await expect(page.get_by_test_id("recipients")).to_be_visible()


async def _cancels(page: Page, course: Opened) -> None:
    await page.goto("/manage/courses")
    await write(page, page.get_by_role("searchbox", name="Search your courses"), course.title)
    await press(page, page.get_by_role("button", name=f"Actions for {course.title}"))
    await press(page, page.get_by_role("link", name="Cancel course…"))
    await expect(page.get_by_role("heading", name="Cancel this course?")).to_be_visible()
    await assert_good_for_everybody(page)
    cancel = page.get_by_test_id("cancel-course")
    await expect(cancel).to_be_disabled()
    await write(page, page.get_by_label("Reason"), "The kiln broke.")
    await write(page, page.get_by_label("Type 1 to confirm"), "2")
    await expect(cancel).to_be_disabled()
    await write(page, page.get_by_label("Type 1 to confirm"), "1")
    await press(page, cancel)
    await expect(page.get_by_role("heading", name="The course is cancelled")).to_be_visible()
    await expect(page.get_by_test_id("progress")).to_contain_text("1")
    await assert_good_for_everybody(page)


async def test_messages_and_cancelling_are_good_on_a_small_phone_in_german(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, price=0)
    sally = stack.api("sally@example.test")
    assert sally.post("/api/stripe/checkout", json={"course_id": course.id}).is_success
    olga = stack.api("olga@example.test")
    written = {"subject": "Schürze", "body": "Hallo {name}, {when}, {where}"}
    whom = {"course_id": course.id, "audience": {"kind": "coming"}}
    draft = olga.post("/api/manage/messages", json=written | whom)
    assert draft.status_code == 201, draft.text
    page = await visitors.open(phone=True, locale="de-DE")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/sign-in?next=/manage/messages")
    await page.get_by_role("button", name=re.compile("Olga Operator")).click()
    await expect(page.get_by_role("heading", name="Nachrichten", exact=True)).to_be_visible()
    for path, name in (
        ("/manage/messages", "Nachrichten"),
        (f"/manage/messages/new?course={course.id}", "Neue Nachricht"),
        (f"/manage/messages/{draft.json()['id']}", "Schürze"),
        (f"/manage/courses/{course.id}/cancel", "Diesen Kurs absagen?"),
    ):
        await page.goto(path)
        await expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible()
        await assert_good_in_light_and_dark(page)
