"""Hands that are quicker than the line: a late answer has no effect on another page.

The line is made slow where the test says: each message of the socket that comes from the server
is held for a while.
"""

import asyncio
import contextlib
import re
import secrets
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, Route, WebSocketRoute, expect

from coursebook.http_security.socket_protocol import SOCKET
from tests.e2e.people import Opened, Person, open_course
from tests.support.browser import Visitors
from tests.support.stack import CREATE_SESSION, ROOT, Stack

PAUSE = re.search(r"search: (\d+)", (ROOT / "coursebook/ui/kit/address.jsx").read_text())
HOLD_PAUSE = """((pause) => {
  const held = new Map();
  const { setTimeout: start, clearTimeout: stop } = window;
  window.setTimeout = (run, ms, ...rest) => {
    if (ms !== pause) return start(run, ms, ...rest);
    const id = -1 - held.size;
    held.set(id, () => run(...rest));
    return id;
  };
  window.clearTimeout = (id) => (held.has(id) ? held.set(id, () => {}) : stop(id));
  window.endPause = () => held.forEach((run) => run());
})"""
"""Holds the pause after typing until the test ends it: the speed of the machine decides nothing."""
BACK_AS_THE_PAUSE_ENDS = """() => {
  window.addEventListener("popstate", window.endPause, { capture: true, once: true });
  history.back();
}"""
"""The pause ends when the address has changed and React has not rendered it yet."""
HOLD_RENDERING = """(() => {
  const held = [];
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (...said) {
    const post = () => postMessage.apply(this, said);
    window.holdsRendering ? held.push(post) : post();
  };
  window.render = () => {
    window.holdsRendering = false;
    held.forEach((post) => post());
  };
})()"""
"""React renders a navigation in a task of its own, which it asks for by a message to itself."""
SLOW = 0.4
SETTLED = 1.5
"""Seconds after which nothing more is on its way."""


async def slow_line(page: Page, seconds: float = SLOW) -> None:
    """Let every answer of the server take its time, in the order in which they are sent."""

    def held(wire: WebSocketRoute) -> None:
        server = wire.connect_to_server()
        loop = asyncio.get_running_loop()
        server.on_message(lambda said: loop.call_later(seconds, _pass_on, wire, said))

    await page.route_web_socket(re.compile(SOCKET), held)


def _pass_on(wire: WebSocketRoute, said: str | bytes) -> None:
    with contextlib.suppress(Exception):  # the page has gone
        wire.send(said)


async def hold_pause(page: Page) -> None:
    """Let typed text wait for `end_pause`, in every document that the page opens from now on."""
    assert PAUSE
    await page.add_init_script(f"{HOLD_PAUSE}({PAUSE[1]})")


async def end_pause(page: Page) -> None:
    """Let the pause after typing be over. Text that is no longer wanted has to stay unwritten."""
    await page.evaluate("window.endPause()")


def address(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def link_to(page: Page, course: Opened) -> Locator:
    return page.locator(f"main a[href='/courses/{course.slug}']").first


async def stays_at(page: Page, expected: str) -> None:
    """Wait until the page is there, then until everything that was on its way has come."""
    await expect(page).to_have_url(re.compile(re.escape(expected) + "$"))
    await asyncio.sleep(SETTLED)
    assert address(page) == expected


COUNT_PANELS = """() => {
  window.mostPanels = 0;
  new MutationObserver(() => {
    const panels = document.querySelectorAll("section[aria-label=Payment]").length;
    window.mostPanels = Math.max(window.mostPanels, panels);
  }).observe(document, { childList: true, subtree: true });
}"""
"""Counts the bookings that a page of one shows at the same moment."""


async def ready(page: Page, path: str) -> None:
    await page.goto(path)
    await expect(page.get_by_test_id("course-count")).to_be_visible()
    await page.wait_for_function("() => !window.coursebookEarly")


@pytest.mark.parametrize("start", ["/", "/courses"])
@pytest.mark.parametrize("what", ["search", "day", "select", "check"])
async def test_a_choice_and_at_once_a_link_lead_where_the_link_leads(
    visitors: Visitors, stack: Stack, start: str, what: str
):
    tag = secrets.token_hex(4)
    course = await open_course(stack, title=f"Quick hands {tag}")
    page = await visitors.open()
    await hold_pause(page)
    await slow_line(page)
    await ready(page, f"{start}?q={tag}")
    if what == "search":
        await page.get_by_label("Search courses").press_sequentially("x")
    elif what == "day":
        await page.get_by_label("From").fill("2026-12-01")
    elif what == "select":
        await page.get_by_label("Level").select_option("Beginner")
    else:
        await page.get_by_label("Places left only").check()
    await link_to(page, course).click()
    await expect(page).to_have_url(re.compile(f"/courses/{course.slug}$"))
    await end_pause(page)
    await stays_at(page, f"/courses/{course.slug}")


async def test_on_my_bookings_too(visitors: Visitors, stack: Stack):
    sam = Person(await visitors.open())
    await sam.sign_in()
    await slow_line(sam.page)
    for choose in ("words", "status"):
        await sam.bookings()
        await sam.page.wait_for_function("() => !window.coursebookEarly")
        await expect(sam.page.get_by_test_id("filter-confirmed")).to_be_visible()
        if choose == "words":
            await sam.page.get_by_label("Search my bookings").press_sequentially("pasta")
        else:
            await sam.page.get_by_test_id("filter-confirmed").click()
        await sam.page.get_by_role("link", name="Courses", exact=True).click()
        await stays_at(sam.page, "/courses")


async def test_back_at_once_after_typing_is_not_undone_and_loses_no_entry(
    visitors: Visitors, stack: Stack
):
    page = await visitors.open()
    await hold_pause(page)
    await slow_line(page)
    await ready(page, "/courses")
    await page.get_by_label("Level").select_option("Beginner")
    await expect(page).to_have_url(re.compile("level=Beginner$"))
    await page.get_by_label("Search courses").press_sequentially("pasta")
    await page.evaluate(BACK_AS_THE_PAUSE_ENDS)
    await stays_at(page, "/courses")
    await expect(page.get_by_label("Search courses")).to_have_value("")
    await expect(page.get_by_label("Level")).to_have_value("")
    await page.go_forward()
    await stays_at(page, "/courses?level=Beginner")
    await expect(page.get_by_label("Level")).to_have_value("Beginner")


async def test_one_entry_of_history_for_each_intention(visitors: Visitors, stack: Stack):
    page = await visitors.open()
    await ready(page, "/courses")
    before = await page.evaluate("history.length")
    box = page.get_by_label("Search courses")
    await box.press_sequentially("pas", delay=400)
    await expect(page).to_have_url(re.compile("q=pas$"))
    await page.get_by_label("Level").select_option("Beginner")
    await page.get_by_label("Sort by").select_option("price")
    await expect(page).to_have_url(re.compile("q=pas&level=Beginner&sort=price$"))
    assert await page.evaluate("history.length") == before + 3
    await page.get_by_role("link", name="Remove filter: Beginner").click()
    await expect(page).to_have_url(re.compile("q=pas&sort=price$"))
    await expect(page.get_by_label("Level")).to_have_value("")


@pytest.mark.parametrize(
    ("link", "left"),
    [("Remove filter: Beginner", "?q=pas&sort=price"), ("Clear all filters", "?sort=price")],
)
async def test_removing_a_filter_keeps_what_was_chosen_since_the_list_was_answered(
    visitors: Visitors, stack: Stack, link: str, left: str
):
    page = await visitors.open()
    await slow_line(page)
    await ready(page, "/courses?q=pas&level=Beginner")
    await page.get_by_label("Sort by").select_option("price")
    await page.get_by_role("link", name=link).click()
    await stays_at(page, f"/courses{left}")
    await expect(page.get_by_label("Level")).to_have_value("")
    await expect(page.get_by_label("Sort by")).to_have_value("price")


async def test_what_was_chosen_without_a_connection_is_not_done_from_another_page(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack, title="Offline knots")
    page = await visitors.open()
    visitors.forgive("ERR_INTERNET_DISCONNECTED|Failed to (load|fetch)|WebSocket")
    await ready(page, "/courses?q=offline+knots")
    await page.goto(f"/courses/{course.slug}")
    await page.get_by_role("link", name="All courses").click()
    await ready(page, "/courses?q=offline+knots")
    await link_to(page, course).click()
    await expect(page).to_have_url(re.compile(course.slug))
    await page.go_back()
    await page.context.set_offline(True)
    await page.get_by_label("Level").select_option("Beginner")
    await link_to(page, course).click()
    await page.context.set_offline(False)
    await stays_at(page, f"/courses/{course.slug}")
    await expect(page.get_by_role("heading", level=1, name=course.title)).to_be_visible()


async def test_a_sign_in_that_ends_late_moves_nobody(visitors: Visitors, stack: Stack):
    course = await open_course(stack)
    page = await visitors.open()
    await slow_line(page)
    await page.goto(f"/sign-in?next=/courses/{course.slug}")
    await page.get_by_role("button", name="Continue as Sam Student").click()
    await page.get_by_role("link", name="My bookings").click()
    await stays_at(page, "/bookings")


async def test_a_stranger_who_goes_on_is_not_pulled_to_the_sign_in(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await visitors.open()
    await slow_line(page)
    await page.goto(f"/courses/{course.slug}")
    await page.wait_for_function("() => !window.coursebookEarly")
    await page.get_by_role("button", name="Book now").click()
    await page.get_by_role("link", name="All courses").click()
    await stays_at(page, "/courses")


async def test_an_answer_between_a_click_and_its_rendering_does_not_lead_elsewhere(
    visitors: Visitors, stack: Stack
):
    course = await open_course(stack)
    page = await visitors.open()
    await page.add_init_script(HOLD_RENDERING)
    await slow_line(page)
    await page.goto(f"/courses/{course.slug}")
    await page.wait_for_function("() => !window.coursebookEarly")
    await page.get_by_role("button", name="Book now").click()
    has_answer = asyncio.Event()

    async def late(route: Route) -> None:
        await has_answer.wait()
        await route.continue_()

    await page.route("**/*.js", late)  # the code of the next page
    go_on = page.get_by_role("link", name="All courses")
    await go_on.evaluate("(link) => { window.holdsRendering = true; link.click(); }")
    await asyncio.sleep(SETTLED)  # the redirect to the sign-in arrives
    has_answer.set()
    await page.evaluate("window.render()")
    await stays_at(page, "/courses")


@pytest.fixture
async def two_courses(stack: Stack) -> tuple[Opened, Opened]:
    tag = secrets.token_hex(4)
    return await open_course(stack, title=f"{tag} A"), await open_course(stack, title=f"{tag} B")


async def from_one_to_the_other(page: Page, one: Opened, other: Opened) -> None:
    """Press «Book now» on a course and go to another one, without loading a page anew."""
    await page.goto(f"/courses?q={one.title.split()[0]}")
    await link_to(page, other).click()
    await expect(page.get_by_role("heading", level=1, name=other.title)).to_be_visible()
    await page.go_back()
    await link_to(page, one).click()
    await expect(page.get_by_role("heading", level=1, name=one.title)).to_be_visible()
    await page.get_by_role("button", name="Book now").click()
    await expect(page.get_by_role("button", name="Reserving")).to_be_visible()
    await page.go_back()
    await link_to(page, other).click()
    await expect(page.get_by_role("heading", level=1, name=other.title)).to_be_visible()


async def test_the_payment_page_of_a_course_does_not_open_over_another_one(
    visitors: Visitors, stack: Stack, two_courses: tuple[Opened, Opened]
):
    one, other = two_courses
    sam = Person(await visitors.open())
    await sam.sign_in()
    stack.control("faults", count=1, kind="slow", delay_ms=4000, **CREATE_SESSION)
    await from_one_to_the_other(sam.page, one, other)
    await asyncio.sleep(3)
    await stays_at(sam.page, f"/courses/{other.slug}")
    await expect(sam.page.get_by_role("button", name="Book now")).to_be_enabled()
    await sam.sees_booking(one, "Waiting for payment")


async def test_what_went_wrong_on_a_course_is_not_said_on_another_one(
    visitors: Visitors, stack: Stack, two_courses: tuple[Opened, Opened]
):
    one, other = two_courses
    sam = Person(await visitors.open())
    await sam.sign_in()
    with stack.stripe_fails(kind="500", **CREATE_SESSION):
        await from_one_to_the_other(sam.page, one, other)
        await asyncio.sleep(4)
    await expect(sam.page.get_by_role("heading", level=1, name=other.title)).to_be_visible()
    await expect(sam.page.get_by_text("Your place is held")).to_have_count(0)


async def test_the_page_of_a_booking_never_shows_the_other_rows_of_the_list(
    visitors: Visitors, stack: Stack
):
    tag = secrets.token_hex(4)
    courses = [await open_course(stack, title=f"Pair {tag} {n}", price=0) for n in range(2)]
    for course in courses:
        answer = stack.api("sam@example.test").post(
            "/api/stripe/checkout", json={"course_id": course.id}
        )
        assert answer.is_success, answer.text
    sam = Person(await visitors.open())
    await sam.sign_in()
    await slow_line(sam.page)
    await sam.page.goto(f"/bookings?q={tag}")
    await expect(sam.page.get_by_role("article")).to_have_count(2)
    await sam.page.evaluate(COUNT_PANELS)
    await sam.page.get_by_role("link", name=courses[0].title).click()
    await expect(sam.page.get_by_test_id("booking")).to_contain_text(courses[0].title)
    await asyncio.sleep(SETTLED)
    assert await sam.page.evaluate("window.mostPanels") == 1
