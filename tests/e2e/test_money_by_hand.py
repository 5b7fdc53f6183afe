"""The pages of money by hand on a small phone: accessible, in German, light and dark."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.people import open_course
from tests.support.accessibility import assert_good_for_everybody
from tests.support.browser import Visitors
from tests.support.stack import Stack


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_money_by_hand_are_good_on_a_small_phone_in_german(
    visitors: Visitors, stack: Stack, scheme: str
):
    course = await open_course(stack)
    page = await visitors.open(phone=True, locale="de-DE", color_scheme=scheme)
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
        await assert_good_for_everybody(page)
