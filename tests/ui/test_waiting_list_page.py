"""The page of a full course: join the waiting list, one's number, the place that is offered."""

from datetime import timedelta

from coursebook.persistence.schema.tables import Course
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from tests.support.harness import OPERATOR, Harness, Started
from tests.ui.tabs import Tab


async def full(harness: Harness) -> tuple[Course, Started]:
    course = await harness.course(capacity=1)
    return course, await harness.confirmed(harness.student("sam"), course)


async def joined(harness: Harness, course: Course, name: str) -> Tab:
    """Return a tab whose person has joined the waiting list on the page."""
    tab, student = Tab(f"/courses/{course.slug}", name=name), harness.student(name)
    await tab.sign_in(harness, student)
    await tab.fire(CourseState.page_opened)
    assert (await tab.state(CourseState)).course.has_list
    await tab.fire(CourseState.join_clicked, await harness.token(student), "Europe/Lisbon")
    return tab


async def own(tab: Tab) -> tuple[str, str]:
    await tab.fire(CourseState.changed_elsewhere)
    row = (await tab.state(CourseState)).own
    return row.kind, row.words


async def test_a_full_course_is_waited_for_on_its_page(harness: Harness):
    course, booked = await full(harness)
    ann, bob = [await joined(harness, course, name) for name in ("ann", "bob")]
    assert await own(ann) == ("waiting", "You are number 1.")
    assert await own(bob) == ("waiting", "You are number 2.")
    token = await harness.token(harness.student("bob"))
    await bob.fire(CourseState.join_clicked, token)
    assert "already" in (await bob.state(CourseState)).notice.text
    await harness.post(f"/api/bookings/{booked.booking_id}/cancel", OPERATOR)
    kind, words = await own(ann)
    assert kind == "held"
    assert words.startswith("A place is kept for you until ")
    assert words.endswith(", Lisbon time.")
    assert await own(bob) == ("waiting", "You are number 1.")
    await ann.fire(CourseState.leave_clicked, await harness.token(harness.student("ann")))
    assert await own(ann) == ("", "")
    assert (await own(bob))[0] == "held"
    await bob.fire(CourseState.leave_clicked, token)
    assert (await harness.course_now(course)).held == 0


async def test_an_offered_place_stands_among_the_bookings(harness: Harness):
    course, booked = await full(harness)
    ann, _ = [await joined(harness, course, name) for name in ("ann", "bob")]
    await harness.post(f"/api/bookings/{booked.booking_id}/cancel", OPERATOR)
    ann.go("/bookings")
    await ann.fire(DashboardState.page_opened)
    (section,) = (await ann.state(DashboardState)).sections
    row = section.bookings[0]
    assert row.is_offer
    assert row.can_retry
    assert row.next.startswith("A place is kept for you until ")
    harness.clock.advance(timedelta(days=2))
    await harness.worker_round()
    ann.go(f"/courses/{course.slug}")
    await ann.sign_in(harness, harness.student("ann"))
    await ann.fire(CourseState.page_opened)
    row = (await ann.state(CourseState)).own
    assert (row.kind, row.words) == (
        "again",
        "Your turn is over: the place went to the next person.",
    )
    await ann.fire(CourseState.join_clicked, await harness.token(harness.student("ann")))
    assert await own(ann) == ("waiting", "You are number 1.")


async def test_whoever_is_not_signed_in_is_sent_to_sign_in(harness: Harness):
    course, _ = await full(harness)
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    went = await tab.fire(CourseState.join_clicked, "no token")
    assert [path.partition("?")[0] for path in went] == ["/sign-in"]
