"""`/manage/bookings`: search, filter, more, and what each role finds."""

import pytest

from coursebook.domain.booking import SeatState
from coursebook.ui.presenters.manage.booking_list import BookingFilters
from coursebook.ui.states.manage.booking_list import BookingListState
from tests.contract.test_api_people import NAMES, add_people
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, Student
from tests.ui.tabs import Tab


async def opened(
    harness: Harness, query: str = "", who: Student | None = OPERATOR, language: str = ""
) -> tuple[Tab, BookingListState]:
    tab = Tab(f"/manage/bookings{query}", language)
    if who is not None:
        await tab.sign_in(harness, who)
    await tab.fire(BookingListState.viewer_arrived)
    return tab, await tab.state(BookingListState)


async def test_search_and_filter_are_in_the_address(harness: Harness):
    course = await harness.course()
    await add_people(harness, course, *NAMES)
    await add_people(harness, course, "Zoë Other", place=SeatState.EXPIRED)
    _, page = await opened(harness, "?q=zoe&place=cancelled")
    (row,) = page.rows
    assert (row.person.name, row.course, page.count) == ("Zoë Lindqvist", course.title, "1 booking")
    assert row.person.href == f"/manage/bookings/{row.person.id}"
    assert row.people_href == f"/manage/courses/{course.id}/people"
    assert page.applied == {"place": "cancelled", "q": "zoe"}
    _, page = await opened(harness, "?place=nonsense")
    assert (len(page.rows), page.applied) == (5, {})
    _, page = await opened(harness, "?q=nobody", language="de")
    assert page.empty == "Nichts für „nobody“"


async def test_more_follow_the_newest_ones(harness: Harness, monkeypatch: pytest.MonkeyPatch):
    course = await harness.course()
    await add_people(harness, course, *NAMES)
    monkeypatch.setattr(BookingFilters.to_query, "__kwdefaults__", {"cursor": None, "limit": 3})
    tab, page = await opened(harness)
    assert (len(page.rows), page.has_more, page.count) == (3, True, "The newest 3 bookings")
    await tab.fire(BookingListState.more_clicked)
    assert (len({row.person.id for row in page.rows}), page.has_more) == (4, False)


async def test_a_teacher_finds_those_of_her_courses_and_others_no_page(harness: Harness):
    course, other = await harness.course(), await harness.course()
    await add_people(harness, course, "Zoë Lindqvist")
    await add_people(harness, other, "Zoë Other")
    thea, _ = await join(harness, "thea", "teacher", course.id)
    _, page = await opened(harness, "?q=zoe", thea)
    (row,) = page.rows
    assert (row.person.name, row.person.email, page.sees_contacts) == ("Zoë Lindqvist", "", False)
    ari, _ = await join(harness, "ari", "accountant")
    for who in (ari, harness.student("sam"), None):
        _, hidden = await opened(harness, who=who)
        assert (hidden.view_state, hidden.rows) == ("missing", [])
