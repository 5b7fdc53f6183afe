"""People in a browser, with a step for each thing they do, and courses for them."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Locator, Page, expect

from coursebook.domain.course import CourseDraft
from coursebook.domain.terms import STANDARD
from coursebook.persistence.engine.databases import open_database
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.services.seeding.seed import course_values
from tests.support.stack import Stack


@dataclass(frozen=True)
class Opened:
    """A course that only this test uses."""

    id: str
    slug: str
    title: str


async def open_course(
    stack: Stack,
    *,
    price: int = 4500,
    capacity: int = 10,
    title: str = "",
    database: str = "",
    **more: Any,
) -> Opened:
    """Store a course in the running product's database: €45, 10 seats, in 30 days.

    `database` overrides the embedded database; `more` are fields of the draft.
    """
    now = datetime.now(UTC)
    tag = secrets.token_hex(4)
    draft = CourseDraft(
        slug=f"test-course-{tag}",
        title=title or f"Test course {tag}",
        summary="A course that one browser test books.",
        description="## What you get\n\nA place, and a **good** time.",
        category="Tests",
        level="Beginner",
        instructor="Tess Ter",
        is_online=False,
        place_name="Test hall",
        place_address="Testweg 1, Berlin",
        timezone="Europe/Berlin",
        starts_at=now + timedelta(days=30),
        ends_at=now + timedelta(days=30, hours=3),
        price=price,
        currency="eur",
        terms=STANDARD,
        capacity=capacity,
    )
    draft = replace(draft, **more)
    opened = open_database(database or f"sqlite:///{stack.data / 'coursebook.db'}")
    try:
        async with writing(opened) as work:
            course = Course(**course_values(draft, now))
            work.courses.add(course)
            return Opened(course.id, course.slug, course.title)
    finally:
        await opened.close()


async def eventually(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition is true; fail on a timeout."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < deadline, f"the condition was not met within {seconds:.0f} s"
        await asyncio.sleep(0.3)


class Person:
    """A person with a browser. Buttons and fields are found by the names of the contract."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, name: str = "Sam Student") -> None:
        """Sign in on the sign-in page."""
        await self.page.goto("/sign-in")
        await self.press(f"Continue as {name}")
        await expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    async def press(self, name: str) -> None:
        """Press a button by its name."""
        await self.page.get_by_role("button", name=name).click()

    async def look_at(self, course: Opened) -> None:
        """Open the page of a course."""
        await self.page.goto(f"/courses/{course.slug}")
        await self.sees_heading(course.title)

    async def book(self, course: Opened) -> None:
        """Open a course and press «Book now»; the payment page opens."""
        await self.look_at(course)
        await self.press("Book now")
        await self.on_the_payment_page()

    async def on_the_payment_page(self) -> None:
        """Wait for the sandbox's payment page."""
        await expect(self.page.get_by_text("Test payments: no money moves")).to_be_visible()

    async def type_card(self, number: str) -> None:
        """Fill in the card and press «Pay …»."""
        await self.page.get_by_label("Card number").fill(number)
        await self.page.get_by_label("Expiry").fill("12/34")
        await self.page.get_by_label("CVC").fill("123")
        await self.page.get_by_role("button", name=re.compile("^Pay ")).click()

    async def sees_heading(self, name: str) -> None:
        """Wait for a heading."""
        await expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    async def is_told(self, text: str | re.Pattern[str]) -> None:
        """Wait until the page shows a text."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def bookings(self, course: Opened | None = None) -> None:
        """Open the dashboard; give a course to search for it there.

        Most tests book as Sam, so a booking may be below "Show more".
        """
        query = f"?{urlencode({'q': course.title})}" if course else ""
        await self.page.goto(f"/bookings{query}")
        await self.sees_heading("My bookings")

    def booking_of(self, course: Opened) -> Locator:
        """The dashboard's entry for a course."""
        return self.page.get_by_role("article").filter(has_text=course.title)

    async def sees_booking(self, course: Opened, status: str) -> None:
        """Open the dashboard and wait for the status of a booking there."""
        await self.bookings(course)
        await expect(self.booking_of(course).get_by_text(status, exact=True)).to_be_visible()
