"""The date filter: fields, chips and URL agree, however the dates are entered."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import Visitors

OPEN = "() => !window.coursebookEarly"


async def agrees(page: Page, first: str, last: str) -> None:
    """Check that URL, fields and chips show the same dates."""
    query = "&".join(f"{name}={day}" for name, day in (("from", first), ("to", last)) if day)
    await expect(page).to_have_url(re.compile(r"/courses" + (rf"\?{query}$" if query else "$")))
    await expect(page.get_by_label("From", exact=True)).to_have_value(first)
    await expect(page.get_by_label("Until", exact=True)).to_have_value(last)
    chips = page.get_by_role("link", name=re.compile("Remove filter: (From|Until)"))
    await expect(chips).to_have_count(bool(first) + bool(last))


@pytest.fixture
async def catalog(visitors: Visitors) -> Page:
    page = await visitors.open(locale="en-US")
    await page.goto("/courses")
    await page.wait_for_function(OPEN)
    return page


async def fill(page: Page, label: str, day: str) -> None:
    await page.get_by_label(label, exact=True).fill(day)


async def test_the_end_that_was_not_chosen_now_moves_along(catalog: Page):
    await fill(catalog, "From", "2027-01-10")
    await agrees(catalog, "2027-01-10", "")
    await fill(catalog, "Until", "2026-12-10")
    await agrees(catalog, "2026-12-10", "2026-12-10")
    await fill(catalog, "From", "2026-12-20")
    await agrees(catalog, "2026-12-20", "2026-12-20")
    await fill(catalog, "Until", "2027-02-01")
    await agrees(catalog, "2026-12-20", "2027-02-01")
    await catalog.get_by_role("link", name="Remove filter: From").click()
    await agrees(catalog, "", "2027-02-01")
    await catalog.reload()
    await agrees(catalog, "", "2027-02-01")


async def test_both_within_half_a_second_lose_none(catalog: Page):
    await fill(catalog, "From", "2026-12-15")
    await fill(catalog, "Until", "2027-05-01")
    await agrees(catalog, "2026-12-15", "2027-05-01")


async def test_a_year_that_is_typed_slowly_is_taken_when_it_is_whole(catalog: Page):
    await fill(catalog, "From", "2026-12-15")
    await agrees(catalog, "2026-12-15", "")
    before = await catalog.evaluate("history.length")
    await catalog.get_by_label("Until", exact=True).focus()
    for figure in "01052027":
        await catalog.keyboard.press(figure)
        await asyncio.sleep(0.7)
        assert "to=0" not in catalog.url
        assert "from=2026-12-15" in catalog.url
    await agrees(catalog, "2026-12-15", "2027-01-05")
    assert await catalog.evaluate("history.length") == before + 1


async def test_a_month_on_its_way_to_another_moves_nothing(catalog: Page):
    await fill(catalog, "From", "2027-02-01")
    await fill(catalog, "Until", "2027-05-10")
    await agrees(catalog, "2027-02-01", "2027-05-10")
    await catalog.get_by_label("Until", exact=True).focus()
    await catalog.keyboard.press("1")
    await asyncio.sleep(1)
    await catalog.keyboard.press("2")
    await agrees(catalog, "2027-02-01", "2027-12-10")


async def test_a_day_that_is_half_typed_is_put_back_when_somebody_leaves_it(catalog: Page):
    await fill(catalog, "Until", "2027-05-10")
    await agrees(catalog, "", "2027-05-10")
    await catalog.get_by_label("Until", exact=True).focus()
    await catalog.keyboard.press("Backspace")
    await asyncio.sleep(0.8)
    await catalog.get_by_label("Search courses").focus()
    await agrees(catalog, "", "2027-05-10")


async def test_an_address_the_wrong_way_round_is_read_and_shown_as_it_is_read(visitors: Visitors):
    page = await visitors.open()
    await page.goto("/courses?from=2027-01-10&to=2026-12-10")
    await page.wait_for_function(OPEN)
    await expect(page.get_by_label("From", exact=True)).to_have_value("2026-12-10")
    await expect(page.get_by_label("Until", exact=True)).to_have_value("2027-01-10")
    await expect(page.get_by_role("link", name=re.compile("From Thu 10 Dec"))).to_be_visible()
