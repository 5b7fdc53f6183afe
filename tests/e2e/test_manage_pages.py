"""The console in a browser: who sees it, the list of courses by keyboard, the weight for others."""

import asyncio
import itertools
import json
import re
import secrets
from html import escape
from pathlib import Path

import httpx
from playwright.async_api import Page, expect

from coursebook.ui import i18n
from coursebook.ui.i18n.page_texts import MANAGE_ELEMENT
from coursebook.ui.pages import SITE
from tests.e2e.people import Opened, Person, eventually, open_course
from tests.support import cards
from tests.support.accessibility import (
    assert_good_for_everybody,
    assert_good_in_light_and_dark,
    press,
    write,
)
from tests.support.browser import Visitors
from tests.support.stack import Stack

SHELLS = [page.sample for page in SITE.pages if page.route.startswith("/manage")]
CONSOLE = set(i18n.manage_of("en").page) - set(i18n.of("en").page)

NOTE_HEADINGS = """
window.headings = [];
const note = () => headings.push(document.querySelector("h1")?.textContent);
new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
"""


def test_a_shell_of_the_console_holds_its_texts_and_no_data(stack: Stack):
    for path in SHELLS:
        answer = httpx.get(f"{stack.url}{path}", headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "Tabla" not in answer.text
        assert "example.test" not in answer.text
        assert 'content="noindex' in answer.text
        assert f'id="{MANAGE_ELEMENT}"' in answer.text, path


def test_no_page_of_students_carries_a_text_of_the_console(stack: Stack):
    for path in ("/", "/courses", "/bookings", "/sign-in"):
        text = httpx.get(f"{stack.url}{path}", headers={"Accept": "text/html"}).text
        assert [name for name in CONSOLE if f'"{name}"' in text] == []
        assert MANAGE_ELEMENT not in text


async def test_a_student_finds_no_console_and_nobody_the_way_to_sign_in(visitors: Visitors):
    sam = Person(await visitors.open())
    await sam.sign_in()
    await expect(sam.page.get_by_role("link", name="Manage")).to_have_count(0)
    for path in ("/manage", "/manage/courses"):
        await sam.page.goto(path)
        await sam.sees_heading("We could not find this page")
    nobody = await visitors.open(phone=True)
    await nobody.goto("/manage/courses")
    await expect(nobody.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    await assert_good_for_everybody(nobody)


async def test_an_operator_finds_a_course_by_keyboard_and_closes_its_booking(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    await press(olga.page, olga.page.get_by_role("link", name="Manage"))
    await olga.sees_heading("Today")
    await press(olga.page, _console(olga.page).get_by_role("link", name="Courses"))
    await olga.sees_heading("Courses")
    await expect(olga.page.get_by_role("link", name="New course")).to_be_visible()
    for name in ("Upcoming", "Drafts", "Past", "Cancelled", "Archived"):
        await expect(olga.page.get_by_role("button", name=name, exact=True)).to_be_visible()
    await write(
        olga.page, olga.page.get_by_role("searchbox", name="Search your courses"), course.title
    )
    await expect(olga.page.get_by_test_id("managed-courses").get_by_role("row")).to_have_count(2)
    await assert_good_for_everybody(olga.page)
    await _close_booking(olga.page, course)
    await assert_good_for_everybody(olga.page)
    await _opens_its_people_without_a_flash(olga.page, course)
    await _repeats_it_by_keyboard(olga.page, course)


async def _opens_its_people_without_a_flash(page: Page, course: Opened) -> None:
    await page.evaluate(NOTE_HEADINGS)
    await press(page, page.get_by_role("button", name=f"Actions for {course.title}"))
    await expect(page.get_by_role("link", name="People", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("People")
    assert "We could not find this page" not in await page.evaluate("headings")


async def _repeats_it_by_keyboard(page: Page, course: Opened) -> None:
    await page.goto(f"/manage/courses/{course.id}/repeat")
    await press(page, page.get_by_role("button", name="Show the dates"))
    dates = page.get_by_test_id("repeat-form")
    await expect(dates).to_be_visible()
    await expect(page.locator("#repeat-list")).to_be_focused()
    ticks = dates.get_by_role("checkbox")
    count = await ticks.count()
    await page.keyboard.press("Tab")
    await expect(ticks.first).to_be_focused()
    await page.keyboard.press("Space")
    await expect(ticks.first).not_to_be_checked()
    await press(page, dates.get_by_role("button", name=f"Add {count - 1} drafts"))
    notice = page.locator("#repeat-notice")
    await expect(notice).to_contain_text(f"{count - 1} drafts were added")
    await expect(notice).to_be_focused()
    await assert_good_for_everybody(page)


async def _close_booking(page: Page, course: Opened) -> None:
    dots = page.get_by_role("button", name=f"Actions for {course.title}")
    await press(page, dots)
    await expect(page.get_by_role("link", name="People", exact=True)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dots).to_be_focused()
    await page.keyboard.press("Enter")
    close = page.get_by_role("button", name="Close booking")
    for _ in range(9):
        if await close.evaluate("it => it === document.activeElement"):
            break
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("notice")).to_contain_text("booking is closed")
    await expect(close).to_be_hidden()
    await expect(page.get_by_role("row").filter(has_text=course.title)).to_contain_text(
        "Booking closed"
    )


async def test_an_owner_invites_by_keyboard_and_revokes_what_was_accepted(
    visitors: Visitors, stack: Stack
):
    olga, address = Person(await visitors.open()), f"{secrets.token_hex(4)}@example.test"
    await olga.sign_in("Olga Operator")
    await olga.page.goto("/manage/team")
    await olga.sees_heading("Team")
    await write(olga.page, olga.page.get_by_label("Mail address"), address)
    send = olga.page.get_by_role("button", name="Send invitation")
    await press(olga.page, send)
    summary = olga.page.get_by_test_id("error-summary")
    await expect(summary).to_be_focused()
    await summary.get_by_role("link", name="Courses").click()
    await expect(olga.page.get_by_role("searchbox", name="Find a course")).to_be_focused()
    await expect(olga.page.get_by_role("checkbox").first).to_be_visible()
    await expect(olga.page.get_by_label("Mail address")).to_have_value(address)
    await olga.page.get_by_label("Accountant").check()
    await press(olga.page, send)
    await expect(olga.page.get_by_test_id("notice")).to_contain_text(address)
    await assert_good_for_everybody(olga.page)

    sally = Person(await visitors.open())
    await sally.sign_in("Sally Student")
    await sally.page.goto(await _invitation_to(stack, address))
    await sally.press("Accept the invitation")
    await sally.sees_heading("Welcome to the team")
    await expect(sally.page.get_by_role("link", name="Manage")).to_be_visible()
    await assert_good_for_everybody(sally.page)
    assert stack.api("sally@example.test").get("/api/manage/me").status_code == 200

    await olga.page.reload()
    of_sally = olga.page.get_by_role("row").filter(has_text="Sally Student")
    await of_sally.get_by_role("button", name="Revoke").click()
    await expect(of_sally).to_have_count(0)
    assert stack.api("sally@example.test").get("/api/manage/me").status_code == 403


async def _invitation_to(stack: Stack, address: str) -> str:
    """Return the path of the link in the mail to an address."""
    paths: list[str] = []

    def has_come() -> bool:
        query = {"to": address}
        mails = httpx.get(f"{stack.sandbox_url}/_test/mail", params=query).json()["mails"]
        paths.extend(re.findall(r"/invitation\?code=\S+", "".join(m["text"] for m in mails)))
        return bool(paths)

    await eventually(has_come)
    return paths[0]


async def test_the_name_on_the_settings_page_is_on_every_page_at_once(
    visitors: Visitors, stack: Stack
):
    name = "O'Neil & <Söhne>"
    olga = Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    await olga.page.goto("/manage/settings")
    field = olga.page.get_by_label("Name of the school")
    try:
        await write(olga.page, field, name)
        await olga.press("Save")
        await expect(olga.page.get_by_test_id("notice")).to_contain_text("Pages, mails")
        title = f" · {escape(name)}</title>"
        await eventually(lambda: title in _html(stack, "/courses", "en"), seconds=5)
        for path, language in itertools.product(("/courses", "/", "/bookings"), ("en", "de")):
            _assert_called(stack, path, language, name)
        sam = await visitors.open()
        for path in ("/courses", "/bookings"):
            await sam.goto(path)
            await expect(sam.get_by_role("link", name=name, exact=True)).to_be_visible()
            await expect(sam).to_have_title(re.compile(re.escape(name)))
    finally:
        stack.api("olga@example.test").patch("/api/manage/settings", json={"name": ""})
    await eventually(lambda: " · coursebook</title>" in _html(stack, "/courses", "en"))


def _html(stack: Stack, path: str, language: str) -> str:
    """Return a page as a reader without JavaScript gets it."""
    headers = {"Accept": "text/html", "Accept-Language": language}
    return httpx.get(f"{stack.url}{path}", headers=headers).text


def _assert_called(stack: Stack, path: str, language: str, name: str) -> None:
    """Assert that the HTML of a page says this name of the school in every place."""
    html, written = _html(stack, path, language), re.escape(escape(name))
    assert re.search(rf"<title>({written} · [^<]*|[^<]* · {written})</title>", html), path
    assert re.search(rf"<span data-brand[^>]*>{written}</span>", html), path
    texts = re.search(r'id="coursebook-words"[^>]*>([^<]*)', html)
    assert texts
    assert json.loads(texts[1])["BRAND"] == name
    if path != "/bookings":
        assert re.search(rf'<meta content="{written}" property="og:site_name"', html), path
    if path == "/courses":
        (data,) = re.findall(r'"provider":(\{[^}]*\})', html)[:1]
        assert json.loads(data)["name"] == name


async def test_on_a_small_phone_in_german_nothing_breaks_a_rule(visitors: Visitors, stack: Stack):
    page = await visitors.open(phone=True, locale="de-DE")
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.goto("/sign-in?next=/manage")
    await page.get_by_role("button", name=re.compile("Olga Operator")).click()
    await expect(page.get_by_role("heading", name="Heute", exact=True)).to_be_visible()
    await assert_good_in_light_and_dark(page)
    for part in ("Kurse", "Buchungen", "Team", "Einstellungen"):
        await _console(page, "Verwaltung").get_by_role("link", name=part).click()
        await expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
        await expect(page.get_by_role("main").get_by_role("button").first).to_be_visible()
        await assert_good_in_light_and_dark(page)
    course = await open_course(stack)
    await page.goto(f"/manage/courses/{course.id}/people")
    await expect(page.get_by_role("heading", name="Personen", exact=True)).to_be_visible()
    await assert_good_in_light_and_dark(page)
    await page.goto(f"/manage/courses/{course.id}/repeat")
    await page.get_by_role("button", name="Termine zeigen").click()
    await expect(page.get_by_test_id("repeat-form")).to_be_visible()
    await assert_good_in_light_and_dark(page)


def _console(page: Page, name: str = "Console"):
    return page.get_by_role("navigation", name=name)


async def test_a_payment_elsewhere_turns_a_person_of_the_roster_to_paid(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    olga, sam = Person(await visitors.open()), Person(await visitors.open())
    await olga.sign_in("Olga Operator")
    await olga.page.goto(f"/manage/courses/{course.id}/people")
    await olga.sees_heading("People")
    await expect(olga.page.get_by_text(course.title)).to_be_visible()
    await expect(olga.page.get_by_text("Nobody has booked yet")).to_be_visible()
    await sam.sign_in()
    await sam.book(course)
    row = olga.page.get_by_test_id("people").get_by_role("row").filter(has_text="Sam Student")
    await expect(row).to_contain_text("Paying")
    for name in ("Coming", "Owes", "Cancelled"):
        await expect(olga.page.get_by_role("button", name=name)).to_be_visible()
    await sam.type_card(cards.VISA)
    await expect(row).to_contain_text("Paid")
    await assert_good_for_everybody(olga.page)

    await olga.page.get_by_label("Sort").select_option("Booked last")
    await expect(olga.page).to_have_url(re.compile(r"\?sort=booked$"))
    await _saves_a_file_by_keyboard(olga.page, course)
    await write(olga.page, olga.page.get_by_role("searchbox", name="Search people"), "nobody here")
    await expect(olga.page.get_by_text("Nothing for “nobody here”")).to_be_visible()
    await assert_good_for_everybody(olga.page)
    await olga.page.goto(f"/manage/courses/{course.id}/people")
    await _opens_an_act_and_leaves_it(olga)


async def _opens_an_act_and_leaves_it(olga: Person) -> None:
    """The focus goes from the menu of a row into the panel, and from there back to the row."""
    page = olga.page
    await press(page, page.get_by_role("button", name="More for Sam Student"))
    entry = page.get_by_role("link", name="Refund…")
    await expect(entry).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Give money back")).to_be_focused()
    await press(page, page.get_by_role("button", name="Close without doing anything"))
    await olga.sees_heading("People")
    await expect(page.get_by_role("button", name="More for Sam Student")).to_be_focused()
    await press(page, page.get_by_role("link", name="Sam Student"))
    await olga.sees_heading("Sam Student")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await press(page, page.get_by_role("button", name="Refund…"))
    await press(page, page.get_by_role("button", name="Close without doing anything"))
    await expect(page.get_by_role("button", name="Refund…")).to_be_focused()
    await page.go_back()
    await olga.sees_heading("People")
    await expect(page.get_by_role("link", name="Sam Student")).to_be_focused()


async def _saves_a_file_by_keyboard(page: Page, course: Opened) -> None:
    export = page.get_by_role("button", name="Export")
    await export.focus()
    await page.keyboard.press("Enter")
    entry = page.get_by_role("button", name="CSV")
    await expect(entry).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("button", name="Excel")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(export).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(entry).to_be_focused()
    async with page.expect_download() as saved:
        await page.keyboard.press("Enter")
    file = await saved.value
    assert re.fullmatch(rf"{course.slug}-[\d-]+\.csv", file.suggested_filename)
    content = await asyncio.to_thread(Path(await file.path()).read_text, "utf-8")
    assert "Sam Student" in content
    await expect(export).to_be_focused()
