"""Rate limits of the services on the pages, shown as a sentence."""

import re
from typing import Any

import pytest

from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.session import SessionState
from tests.support.harness import a_harness
from tests.support.sandbox import SandboxProcess
from tests.ui.tabs import Tab

WAIT = re.compile(r"That was a lot of tries\. Please wait \d+ seconds? and try again\.")


async def test_booking_retrying_and_cancelling_count_together(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, checkout_limit="1/minute") as harness:
        sam, course = harness.student("sam"), await harness.course()
        started = await harness.checkout(sam, course)
        tab = Tab(f"/courses/{course.slug}")
        token, booking = await harness.token(sam), started.booking_id
        assert await tab.fire(CourseState.book_clicked, token) == []
        assert WAIT.match((await tab.state(CourseState)).notice.text)
        dashboard = await tab.state(DashboardState)
        for clicked in (DashboardState.retry_clicked, DashboardState.cancel_confirmed):
            assert await tab.fire(clicked, booking, token) == []
            assert WAIT.match(dashboard.outcomes[booking].text)
        assert await harness.status_of(started) == "pending"


async def test_searches_count_for_the_person(sandbox_of_the_run: SandboxProcess, sqlite_url: str):
    async with a_harness(sandbox_of_the_run, sqlite_url, search_limit="1/minute") as harness:
        await harness.course(title="Clay")
        tab = Tab("/courses")
        await tab.sign_in(harness, harness.student("sam"))
        catalog = await tab.state(CatalogState)
        tab.go("/courses?q=clay")
        await tab.fire(CatalogState.page_opened)
        assert (catalog.view_state, [row.title for row in catalog.courses]) == ("content", ["Clay"])
        tab.go("/courses?q=clay+2")
        await tab.fire(CatalogState.page_opened)
        assert (catalog.view_state, bool(WAIT.match(catalog.error))) == ("error", True)
        dashboard = await tab.state(DashboardState)
        tab.go("/bookings?q=clay")
        await tab.fire(DashboardState.page_opened)
        assert (dashboard.view_state, bool(WAIT.match(dashboard.error))) == ("error", True)
        tab.go("/bookings")
        await tab.fire(DashboardState.page_opened)
        assert dashboard.view_state == "empty", "only searching by words is counted"


async def searched(tab: Tab, words: str) -> str:
    """Search in a tab; return the message shown, or ""."""
    tab.go(f"/courses?q={words}")
    await tab.fire(CatalogState.page_opened)
    return (await tab.state(CatalogState)).error


@pytest.mark.parametrize("limits", [{"visitor_limit": "1/minute"}, {"address_limit": "1/minute"}])
async def test_searches_of_strangers_do_not_count_for_who_is_signed_in(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str, limits: dict[str, Any]
):
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        await harness.course(title="Clay")
        messages = [
            await searched(Tab(name=f"stranger {number // 2}"), f"clay {number}")
            for number in range(24)
        ]
        assert WAIT.match(messages[-1])
        tab = Tab("/courses", name="sam's")
        await tab.sign_in(harness, harness.student("sam"))
        for number in range(5):
            assert await searched(tab, f"clay {number}") == ""


async def test_one_stranger_does_not_lock_the_search_of_others_in_the_same_network(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, visitor_limit="2/minute") as harness:
        await harness.course(title="Clay")
        messages = [await searched(Tab(name="one who tries"), f"clay {n}") for n in range(30)]
        assert WAIT.match(messages[-1])
        assert await searched(Tab(name="another"), "clay") == ""


async def test_a_page_that_looks_again_by_itself_does_not_count_as_a_search(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    async with a_harness(sandbox_of_the_run, sqlite_url, search_limit="1/minute") as harness:
        sam = harness.student("sam")
        await harness.checkout(sam, await harness.course(title="Clay"))
        tab = Tab("/bookings?q=clay")
        await tab.sign_in(harness, sam)
        await tab.fire(DashboardState.viewer_arrived)
        for _ in range(3):
            await tab.fire(DashboardState.changed_elsewhere)
        assert (await tab.state(DashboardState)).view_state == "content"


async def test_too_many_tokens_are_told_to_wait_and_the_tab_stays_as_it_was(
    sandbox_of_the_run: SandboxProcess, sqlite_url: str
):
    limits = {"token_limit": "2/minute", "address_limit": "2/minute"}
    async with a_harness(sandbox_of_the_run, sqlite_url, **limits) as harness:
        sam = harness.student("sam")
        mine, stranger = Tab(), Tab()
        for _ in range(2):
            await mine.sign_in(harness, sam)
            await stranger.fire(SessionState.token_received, "no token")
        session, other = await mine.state(SessionState), await stranger.state(SessionState)
        assert (session.session_notice.text, other.session_notice.text) == ("", "")
        await mine.sign_in(harness, sam)
        await stranger.fire(SessionState.token_received, "no token")
        for state in (session, other):
            assert WAIT.match(state.session_notice.text)
        assert session.is_signed_in
        await stranger.fire(SessionState.token_received, "")
        await stranger.sign_in(harness, harness.student("sally"))
        assert other.is_signed_in, "invalid tokens of another client must not lock anybody out"
