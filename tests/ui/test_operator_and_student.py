"""What operators do over the API reaches the students: lists, search, open pages, addresses."""

import asyncio
from datetime import timedelta
from typing import Any

from coursebook.coursebook import app
from coursebook.ui.live import push
from coursebook.ui.ssr.loaders import PageRequest, load
from coursebook.ui.states.course import CourseState
from tests.support.harness import OPERATOR, Harness
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab

COURSES = "/api/manage/courses"


async def published(harness: Harness, title: str) -> dict[str, Any]:
    """Create and publish a course over the API."""
    starts_at = harness.clock().replace(microsecond=0) + timedelta(days=30)
    days = [timedelta(weeks=week) for week in (0, 1)]
    values = {
        "title": title,
        "summary": "Fire your own bowl.",
        "description": "Bring **old clothes**.",
        "category": "Crafts",
        "level": "Beginner",
        "instructor": "Ines Duarte",
        "location": {"kind": "place", "name": "Atelier", "address": "Rua da Regueira 40, Lisbon"},
        "timezone": "Europe/Lisbon",
        "meetings": [
            {
                "starts_at": (starts_at + day).isoformat(),
                "ends_at": (starts_at + day + timedelta(hours=2)).isoformat(),
            }
            for day in days
        ],
        "price": {"amount": 4500, "currency": "eur"},
        "capacity": 8,
    }
    draft = (await harness.post(COURSES, OPERATOR, json=values)).json()
    answer = await harness.post(f"{COURSES}/{draft['id']}/publish", OPERATOR)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def patched(harness: Harness, course: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Edit a course over the API."""
    path, body = f"{COURSES}/{course['id']}", {"version": course["version"], **values}
    answer = await harness.call("PATCH", path, OPERATOR, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_course_is_in_the_catalog_and_found_as_soon_as_it_is_published(harness: Harness):
    course = await published(harness, "Raku Firing")
    for query in ("", "q=raku"):
        shown = str((await load(app, PageRequest("/courses", query))).state)
        assert "Raku Firing" in shown
        assert "€45" in shown
        assert "8 places left" in shown
        assert "2 meetings" in shown
    course = await patched(harness, course, title="Salt Firing")
    assert "Salt Firing" in str((await load(app, PageRequest("/courses", "q=salt"))).state)
    found = (await harness.get("/api/courses", params={"q": "raku"})).json()["items"]
    assert course["id"] not in [item["id"] for item in found]


async def test_an_open_page_follows_every_edit_and_books_what_was_seen(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await published(harness, "Wheel Evenings")
    tab = a_tab(sockets, f"/courses/{course['slug']}")
    await tab.fire(CourseState.page_opened)
    async with harness.services.live.notifying(pusher.tell, seconds=0.01):
        course = await patched(harness, course, price={"amount": 5200, "currency": "eur"})
        assert await asked(sockets) == [("tab-1", push.LOAD_AGAIN)]
    await tab.fire(CourseState.edited_elsewhere)
    state = await tab.state(CourseState)
    assert (state.course.price, state.notice.text) == ("€52", "The price is now €52.")
    token = await harness.token(harness.student("sally"))
    assert await tab.fire(CourseState.book_clicked, token) == []
    assert "The price is now €52. Nothing is booked yet" in state.notice.text
    (address,) = await tab.fire(CourseState.book_clicked, token)
    assert "/c/pay/cs_test_" in address


async def test_a_renamed_course_is_found_under_its_old_address(harness: Harness):
    course = await published(harness, "Old Name")
    old = course["slug"]
    course = await patched(harness, course, slug="a-new-name")
    loaded = await load(app, PageRequest(f"/courses/{old}"))
    assert (loaded.status, loaded.moved_to) == (308, "/courses/a-new-name")
    answer = await harness.get(f"/api/courses/{old}")
    assert (answer.status_code, answer.headers["location"]) == (308, "/api/courses/a-new-name")


async def test_closing_unpublishing_and_archiving_reach_the_page(harness: Harness):
    course = await published(harness, "Short Lived")
    tab = Tab(f"/courses/{course['slug']}")
    words = []
    for act in ("close", "open", "unpublish"):
        await harness.post(f"{COURSES}/{course['id']}/{act}", OPERATOR)
        await tab.fire(CourseState.page_opened)
        state = await tab.state(CourseState)
        words.append((state.view_state, state.course.booking))
    assert words[:2] == [("content", "closed"), ("content", "open")]
    assert words[2][0] == "missing"


async def asked(sockets: Sockets) -> list[tuple[str, str]]:
    """Return the handlers that were called, once there is one."""
    async with asyncio.timeout(5):
        while not sockets.asked:  # noqa: ASYNC110 - another task of this loop that we watch
            await asyncio.sleep(0.01)
    return sockets.asked
