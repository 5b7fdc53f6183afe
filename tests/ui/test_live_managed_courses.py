"""The list of courses on the operator's side follows bookings and payments by itself."""

from coursebook.live import topics
from coursebook.ui.live import push
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.manage.course_list import ManagedCoursesState
from tests.contract.test_api_team import join
from tests.support.harness import OPERATOR, Harness, eur
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab


def address(title: str) -> str:
    return f"/manage/courses?q={title.replace(' ', '+')}"


async def opened(harness: Harness, sockets: Sockets, title: str) -> Tab:
    tab = a_tab(sockets, address(title))
    await tab.sign_in(harness, OPERATOR)
    await tab.fire(ManagedCoursesState.viewer_arrived)
    sockets.asked.clear()
    return tab


async def test_an_open_list_is_called_and_shows_new_places_and_money(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course, other = await harness.course(price=eur(45)), await harness.course()
    tab = await opened(harness, sockets, course.title)
    page = await tab.state(ManagedCoursesState)
    await harness.confirmed(harness.student("sally"), course)
    await pusher.tell(frozenset({topics.roster(course.id)}))
    assert (sockets.asked, sockets.sent) == ([("tab-1", push.LIST_AGAIN)], [])
    await tab.fire(ManagedCoursesState.changed_elsewhere)
    assert [(row.taken, row.received) for row in page.rows] == [("1", "€45")]
    sockets.asked.clear()
    await pusher.tell(frozenset({topics.course(other.id), topics.roster(other.id)}))
    assert sockets.asked == [], "that course is not on the page"


async def test_a_list_that_was_left_is_not_read_again(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course()
    tab = await opened(harness, sockets, course.title)
    page = await tab.state(ManagedCoursesState)
    before = list(page.rows)
    tab.go("/courses")
    await tab.fire(CatalogState.page_opened)
    await harness.checkout(harness.student("sam"), course)
    await pusher.tell(frozenset({topics.roster(course.id)}))
    assert sockets.asked == []
    await tab.fire(ManagedCoursesState.changed_elsewhere)
    assert page.rows == before


async def test_whoever_lost_the_right_loses_the_list_at_the_next_change(
    harness: Harness, sockets: Sockets
):
    course = await harness.course()
    thea, grant = await join(harness, "thea", "teacher", course.id)
    tab = a_tab(sockets, "/manage/courses")
    await tab.sign_in(harness, thea)
    await tab.fire(ManagedCoursesState.viewer_arrived)
    page = await tab.state(ManagedCoursesState)
    assert [row.id for row in page.rows] == [course.id]
    answer = await harness.call("DELETE", f"/api/manage/team/{grant}", OPERATOR)
    assert answer.status_code in (200, 204), answer.text
    await tab.fire(ManagedCoursesState.changed_elsewhere)
    assert (page.rows, page.view_state) == ([], "missing")
