"""A course is edited over the API while students look at it; operators look at its preview."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Route, expect

from tests.e2e.people import Person, open_course
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import PHONE, Visitors
from tests.support.stack import Stack

COURSES = "/api/manage/courses"
OLGA = "olga@example.test"


def edit(stack: Stack, course_id: str, **values: Any) -> None:
    """Edit a course over the API, as Olga."""
    api, path = stack.api(OLGA), f"{COURSES}/{course_id}"
    version = api.get(path).json()["version"]
    answer = api.patch(path, json={"version": version, **values})
    assert answer.status_code == 200, answer.text


async def test_a_price_that_rises_while_the_page_is_open_is_said_before_it_is_booked(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    sam = Person(await visitors.open())
    await sam.sign_in()
    scripts = asyncio.Event()

    async def later(route: Route) -> None:
        await scripts.wait()
        await route.continue_()

    await sam.page.route("**/*.js", later)  # the drawn page can be read before they are there
    await sam.page.goto(f"/courses/{course.slug}", wait_until="commit")
    await sam.sees_heading(course.title)
    edit(stack, course.id, price={"amount": 5000, "currency": "eur"})
    scripts.set()
    await sam.is_told("The price is now €50.")
    edit(stack, course.id, price={"amount": 5200, "currency": "eur"})
    await sam.is_told("The price is now €52.")
    await assert_good_for_everybody(sam.page)
    await sam.press("Book now")
    await sam.is_told("Nothing is booked yet")
    answer = stack.api().get(f"/api/courses/{course.id}").json()
    assert answer["seats_left"] == answer["capacity"], "nothing was booked"
    await sam.press("Book now")
    await sam.on_the_payment_page()
    await expect(sam.page.get_by_text("€52.00").first).to_be_visible()


async def test_the_address_of_a_renamed_course_leads_on(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open()
    await page.goto(f"/courses/{course.slug}")
    edit(stack, course.id, slug=f"{course.slug}-renamed")
    await page.wait_for_url(f"**/courses/{course.slug}-renamed")
    new = f"/courses/{course.slug}-renamed"
    answer = stack.api().get(f"/courses/{course.slug}")
    assert (answer.status_code, answer.headers["location"]) == (308, new)
    await page.goto(f"/courses/{course.slug}")
    await page.wait_for_url(f"**{new}")
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible()


async def test_a_published_course_is_in_the_html_of_the_catalog_at_once(stack: Stack):
    starts_at = datetime.now(UTC) + timedelta(days=1)
    hours = [starts_at + timedelta(weeks=week) for week in (0, 1, 2)]
    title = f"Raku {starts_at.timestamp():.0f}"
    values = {
        "title": title,
        "summary": "Fire your own bowl.",
        "description": "Bring old clothes.",
        "category": "Crafts",
        "level": "Beginner",
        "instructor": "Ines Duarte",
        "location": {"kind": "place", "name": "Atelier", "address": "Rua Nova 1, Lisbon"},
        "timezone": "Europe/Lisbon",
        "meetings": [
            {"starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=2)).isoformat()}
            for at in hours
        ],
        "price": {"amount": 4500, "currency": "eur"},
        "capacity": 8,
    }
    api = stack.api(OLGA)
    draft = api.post(COURSES, json=values).json()
    page = f"/courses?q={title.replace(' ', '+')}"

    def cards() -> str:
        return api.get(page).text.partition("<article")[2].partition("</main>")[0]

    assert title not in cards()
    assert api.post(f"{COURSES}/{draft['id']}/publish").status_code == 200
    deadline = datetime.now(UTC) + timedelta(seconds=2)
    html = ""
    while title not in html and datetime.now(UTC) < deadline:
        html = cards()
    for shown in (title, "€45", "8 places left", "3 meetings"):
        assert shown in html
    assert api.post(f"{COURSES}/{draft['id']}/unpublish").status_code == 200


async def test_the_preview_of_a_draft_is_for_those_with_a_right(visitors: Visitors, stack: Stack):
    values = {"title": "Not public yet", "price": {"amount": 4550, "currency": "eur"}}
    draft = stack.api(OLGA).post(COURSES, json=values).json()
    path = f"/manage/courses/{draft['id']}/preview"
    shell = stack.api().get(path)
    assert "Not public yet" not in shell.text
    assert 'content="noindex"' in shell.text
    olga, sam = Person(await visitors.open()), Person(await visitors.open())
    await sam.sign_in()
    await sam.page.goto(path)
    await sam.sees_heading("We could not find this page")
    await olga.sign_in("Olga Operator")
    await olga.page.goto(path)
    await olga.sees_heading("Not public yet")
    await olga.is_told("Nothing can be booked here.")
    await expect(olga.page.get_by_test_id("booking-box")).to_contain_text("€45.50")
    await expect(olga.page.get_by_role("button", name="Book now")).to_have_count(0)
    await assert_good_for_everybody(olga.page)
    await olga.page.set_viewport_size(PHONE)
    await assert_good_for_everybody(olga.page)
