"""An open course page while the course is edited: what it shows, and what a press books."""

from datetime import timedelta
from typing import Any

import pytest

from coursebook.live import topics
from coursebook.persistence.schema.columns import new_id
from coursebook.persistence.schema.tables import Course, Meeting
from coursebook.persistence.unit_of_work import writing
from coursebook.ui import i18n
from coursebook.ui.live import push
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from tests.support.harness import Harness, eur
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab

WEEK = timedelta(weeks=1)
AGAIN = "Nothing is booked yet; press “Book now” again if you still want to come."


async def edit(harness: Harness, course: Course, **values: Any) -> None:
    """Change columns of a course, as the operator's services do."""
    async with writing(harness.services.context.database) as work:
        row = await work.courses.lock(course.id)
        assert row is not None
        values = {"version": row.version + 1, "revision": row.revision + 1} | values
        for name, value in values.items():
            setattr(row, name, value)


async def meet(harness: Harness, course: Course, count: int, *, elsewhere: int = 0) -> None:
    """Let a course meet once a week; the meeting of the number `elsewhere` has its own place."""
    async with writing(harness.services.context.database) as work:
        for number in range(1, count + 1):
            work.meetings.add(
                Meeting(
                    id=new_id("mtg"),
                    course_id=course.id,
                    number=number,
                    starts_at=course.starts_at + (number - 1) * WEEK,
                    ends_at=course.ends_at + (number - 1) * WEEK,
                    place_name="The beach" if number == elsewhere else "",
                )
            )


async def opened(harness: Harness, course: Course) -> Tab:
    """Return a tab with the page of a course."""
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    return tab


async def press(tab: Tab, harness: Harness, name: str = "sally") -> list[str]:
    """Press "Book now"."""
    return await tab.fire(CourseState.book_clicked, await harness.token(harness.student(name)))


@pytest.mark.parametrize("is_live", [False, True], ids=["silent", "live"])
@pytest.mark.parametrize(
    ("edited", "sentence"),
    [
        ({"price": 5200}, "The price is now €52."),
        ({"place_name": "Atelier Graça"}, "The place is now Atelier Graça · Lisbon."),
        ({"terms": []}, "The cancellation terms have changed."),
        ({}, "The course has changed."),
    ],
)
async def test_the_first_press_after_a_change_says_what_it_is_now(
    harness: Harness, edited: dict[str, Any], sentence: str, is_live: bool
):
    course = await harness.course(price=eur(45))
    tab = await opened(harness, course)
    await edit(harness, course, **edited)
    if is_live:
        await tab.fire(CourseState.edited_elsewhere)
        assert (await tab.state(CourseState)).notice.text == sentence
    assert await press(tab, harness) == []
    state = await tab.state(CourseState)
    assert (state.notice.text, state.notice.tone) == (f"{sentence} {AGAIN}", "info")
    assert (await harness.course_now(course)).held == 0
    (address,) = await press(tab, harness)
    assert "/c/pay/cs_test_" in address


@pytest.mark.parametrize("is_first", [False, True], ids=["loaded first", "reported first"])
async def test_an_edit_between_the_drawn_page_and_its_load_is_said_and_not_booked(
    harness: Harness, is_first: bool
):
    course = await harness.course(price=eur(45))
    drawn = (await (await opened(harness, course)).state(CourseState)).course
    values = (course.slug, drawn.revision, drawn.price, drawn.when, drawn.where)
    await edit(harness, course, price=5200)
    tab = Tab(f"/courses/{course.slug}")
    if is_first:
        await tab.fire(CourseState.page_drawn, *values)
        await tab.fire(CourseState.page_opened)
    else:
        await tab.fire(CourseState.page_opened)
        await tab.fire(CourseState.page_drawn, *values)
    state = await tab.state(CourseState)
    assert state.notice.text == "The price is now €52."
    assert await press(tab, harness) == []
    assert state.notice.text == f"The price is now €52. {AGAIN}"
    assert (await harness.course_now(course)).held == 0
    assert await press(tab, harness) != []


async def test_a_page_drawn_as_it_is_says_nothing(harness: Harness):
    course, other = await harness.course(), await harness.course()
    tab = await opened(harness, course)
    row = (await tab.state(CourseState)).course
    for slug, revision in ((course.slug, row.revision), (other.slug, 7)):
        await tab.fire(CourseState.page_drawn, slug, revision, "", row.when, row.where)
    assert (await tab.state(CourseState)).notice.text == ""
    assert await press(tab, harness) != []


async def test_a_new_date_and_price_are_both_said(harness: Harness):
    course = await harness.course(price=eur(45))
    tab = await opened(harness, course)
    starts_at = course.starts_at + timedelta(days=1)
    ends_at = starts_at + timedelta(hours=3)
    await edit(harness, course, price=5200, starts_at=starts_at, ends_at=ends_at)
    await press(tab, harness)
    state = await tab.state(CourseState)
    now = f"The price is now €52. The date is now {state.course.when}."
    assert state.notice.text == f"{now} {AGAIN}"


async def test_a_new_title_asks_nobody_to_press_twice(harness: Harness):
    course = await harness.course()
    tab = await opened(harness, course)
    await edit(harness, course, title="Bowls", revision=course.revision)
    await tab.fire(CourseState.edited_elsewhere)
    state = await tab.state(CourseState)
    assert (state.course.title, state.notice.text) == ("Bowls", "")
    assert await press(tab, harness) != []


async def test_who_holds_a_place_is_not_asked_again(harness: Harness):
    course, sally = await harness.course(price=eur(45)), harness.student("sally")
    await harness.checkout(sally, course)
    tab = Tab(f"/courses/{course.slug}")
    await tab.sign_in(harness, sally)
    await tab.fire(CourseState.page_opened)
    await edit(harness, course, price=5200)
    await tab.fire(CourseState.edited_elsewhere)
    state = await tab.state(CourseState)
    assert (state.own.price, state.notice.text) == ("€45", "")
    assert await press(tab, harness) != []


async def test_a_course_with_a_new_address_takes_the_open_page_along(harness: Harness):
    course = await harness.course()
    tab = await opened(harness, course)
    async with writing(harness.services.context.database) as work:
        await work.slug_redirects.keep(course.slug, course.id, harness.clock())
    await edit(harness, course, slug=f"{course.slug}-new", revision=course.revision)
    (paying,) = await press(tab, harness)
    assert "/c/pay/cs_test_" in paying
    assert await tab.fire(CourseState.edited_elsewhere) == [f"/courses/{course.slug}-new"]
    tab.go(f"/courses/{course.slug}")
    assert await tab.fire(CourseState.page_opened) == [f"/courses/{course.slug}-new"]


async def test_only_pages_with_another_version_load_again(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course()
    for name, address, handler in (
        ("page", f"/courses/{course.slug}", CourseState.page_opened),
        ("list", "/courses", CatalogState.page_opened),
    ):
        await a_tab(sockets, address, name).fire(handler)
    changed = frozenset({topics.course(course.id)})
    await harness.checkout(harness.student("sam"), course)
    await pusher.tell(changed)
    assert sockets.asked == [], "a place that was taken is no edit"
    await edit(harness, course, title="Bowls", revision=course.revision)
    await pusher.tell(frozenset({topics.course("another")}))
    assert sockets.asked == []
    await pusher.tell(changed)
    assert sockets.asked == [("page", push.LOAD_AGAIN)]


async def test_an_open_page_of_a_course_that_is_withdrawn_says_so(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course()
    tab = a_tab(sockets, f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    await edit(harness, course, status="draft")
    await pusher.tell(frozenset({topics.course(course.id)}))
    assert sockets.asked == [("tab-1", push.LOAD_AGAIN)]
    await tab.fire(CourseState.edited_elsewhere)
    assert (await tab.state(CourseState)).view_state == "missing"


async def test_several_meetings_are_listed_and_counted(harness: Harness):
    course = await harness.course(title="Three Evenings")
    await edit(harness, course, ends_at=course.ends_at + 2 * WEEK)
    await meet(harness, course, 3, elsewhere=2)
    tab = await opened(harness, course)
    shown = (await tab.state(CourseState)).course
    assert [m.place for m in shown.meetings] == ["", "The beach", ""]
    assert shown.meetings[0].hours.endswith("Lisbon time")
    assert shown.when == f"{shown.days}, 3 meetings"
    assert (shown.day, shown.hours, shown.times) == (shown.days, "3 meetings", "3 meetings")
    tab.go("/courses")
    await tab.fire(CatalogState.page_opened)
    (card,) = [r for r in (await tab.state(CatalogState)).courses if r.title == course.title]
    assert card.when == shown.when


async def test_a_course_that_is_closed_for_booking_says_so(harness: Harness):
    course = await harness.course()
    await edit(harness, course, is_open=False)
    state = await (await opened(harness, course)).state(CourseState)
    assert (state.course.booking, state.course.places) == ("closed", "Booking closed")
    for english in ("COURSE_CLOSED", "CLOSED_HELP"):
        assert i18n.of("en").page[english].startswith("Booking is closed")


async def test_the_page_says_until_when_it_can_be_booked(harness: Harness):
    course = await harness.course()
    closes_at = course.starts_at - timedelta(days=1)
    await edit(harness, course, booking_closes_at=closes_at)
    shown = (await (await opened(harness, course)).state(CourseState)).course
    assert shown.book_by.startswith("You can book until ")
    assert shown.book_by.endswith("Lisbon time.")
    await edit(harness, course, is_open=False)
    assert (await (await opened(harness, course)).state(CourseState)).course.book_by == ""


async def test_the_dashboard_has_all_meetings_and_what_to_bring(harness: Harness):
    sally, course = harness.student("sally"), await harness.course()
    await edit(harness, course, attendee_info="- An apron", ends_at=course.ends_at + WEEK)
    await meet(harness, course, 2)
    await harness.confirmed(sally, course)
    tab = Tab("/bookings")
    await tab.sign_in(harness, sally)
    await tab.fire(DashboardState.page_opened)
    (row,) = (await tab.state(DashboardState)).sections[0].bookings
    assert (len(row.meetings), row.hours, row.attendee_info[0].kind) == (2, "2 meetings", "bullets")
