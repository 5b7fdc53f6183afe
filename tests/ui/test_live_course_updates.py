"""Live updates of seats: which browsers get them, and in which words."""

import sqlalchemy as sa
from sqlmodel import col

from coursebook.live import topics
from coursebook.persistence.schema.tables import Course
from coursebook.persistence.unit_of_work import writing
from coursebook.ui.live import push
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from tests.support.harness import Harness
from tests.ui.sockets import Sockets, a_tab, pushed
from tests.ui.tabs import Tab


async def test_a_catalog_that_is_open_gets_the_new_places_and_only_those(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    clay, glass = await harness.course(capacity=2), await harness.course()
    tab = a_tab(sockets, "/courses")
    await tab.fire(CatalogState.page_opened)
    rows = {row.id: row for row in (await tab.state(CatalogState)).courses}
    await harness.checkout(harness.student("sam"), clay)
    await pusher.tell(frozenset({topics.course(clay.id)}))
    ((name, delta),) = sockets.sent
    places = pushed(delta)
    assert (name, list(places), places[clay.id]["places"]) == ("tab-1", [clay.id], "1 place left")
    assert places[clay.id]["stamp"] > rows[clay.id].stamp
    await harness.checkout(harness.student("sally"), glass)
    await pusher.tell(frozenset({topics.course(glass.id)}))
    assert set(pushed(sockets.sent[-1][1])) == {clay.id, glass.id}, "all seats are in one var"


async def test_the_course_page_says_what_matters_and_nothing_else(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course(capacity=2)
    tab = a_tab(sockets, f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    heard = []
    for name in ("sam", "sally"):
        started = await harness.checkout(harness.student(name), course)
        await pusher.tell(frozenset({topics.course(course.id)}))
        heard.append(pushed(sockets.sent[-1][1], CourseState, "announcement"))
        assert pushed(sockets.sent[-1][1])[course.id]["booking"] == (
            "open" if name == "sam" else "full"
        )
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await pusher.tell(frozenset({topics.EVERYTHING}))
    heard.append(pushed(sockets.sent[-1][1], CourseState, "announcement"))
    assert heard == [
        "Only 1 place left.",
        "The last place was just taken: this course is full now.",
        "Free again: 1 place left.",
    ]
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert CourseState.get_full_name() not in sockets.sent[-1][1], "nothing new, nothing said"


async def test_places_of_other_dates_come_too_and_an_edited_one_is_read_again(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course, other = await harness.course(), await harness.course(capacity=2)
    ids = [course.id, other.id]
    async with writing(harness.services.context.database) as work:
        in_series = sa.update(Course).where(col(Course.id).in_(ids)).values(series_id="ser_1")
        await work.session.execute(in_series)
    tab = a_tab(sockets, f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    page = await tab.state(CourseState)
    assert [(row.id, row.places) for row in page.dates] == [(other.id, "2 places left")]
    await harness.checkout(harness.student("sam"), other)
    await pusher.tell(frozenset({topics.course(other.id)}))
    ((_, delta),) = sockets.sent
    assert pushed(delta)[other.id]["places"] == "1 place left"
    assert CourseState.get_full_name() not in delta, "only the page's own course is announced"
    async with writing(harness.services.context.database) as work:
        await work.session.execute(
            sa.update(Course).where(col(Course.id) == other.id).values(version=2, price=6000)
        )
    assert sockets.asked == []
    await pusher.tell(frozenset({topics.course(other.id)}))
    assert sockets.asked == [("tab-1", push.LOAD_AGAIN)]
    await tab.fire(CourseState.edited_elsewhere)
    assert (await tab.state(CourseState)).dates[0].price == "€60"


async def test_a_german_tab_gets_german_words(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course(capacity=2)
    tab = a_tab(sockets, f"/courses/{course.slug}", accept_language="de-AT,en;q=0.5")
    await tab.fire(CourseState.page_opened)
    await harness.checkout(harness.student("sam"), course)
    await pusher.tell(frozenset({topics.course(course.id)}))
    ((_, delta),) = sockets.sent
    assert pushed(delta)[course.id]["places"] == "1 Platz frei"
    assert pushed(delta, CourseState, "announcement") == "Nur noch 1 Platz frei."


async def test_a_course_is_read_and_written_once_for_any_number_of_tabs(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course = await harness.course()
    for number in range(30):
        tab = a_tab(sockets, f"/courses/{course.slug}", f"tab-{number}")
        await tab.fire(CourseState.page_opened)
    asked: list[str] = []
    engine = harness.services.context.database.reading.sync_engine
    note = lambda *told: asked.append(told[2])  # noqa: E731 - an event handler of SQLAlchemy
    sa.event.listen(engine, "before_cursor_execute", note)
    await pusher.tell(frozenset({topics.course(course.id)}))
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.startswith("SELECT")]) == 1
    assert len({name for name, _ in sockets.sent}) == len(sockets.sent) == 30
    assert len(sockets.written) == 1, "the message is built once for all tabs"


async def test_a_tab_that_is_gone_or_at_another_process_is_not_watched_for(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    course, watchers = await harness.course(), harness.services.live.subscriptions
    for name in ("told", "gone", "elsewhere", "swept"):
        tab = a_tab(sockets, f"/courses/{course.slug}", name)
        await tab.sign_in(harness, harness.student("sam"))
        await tab.fire(CourseState.page_opened)
    assert len(watchers) == 8
    del sockets.token_to_socket["gone"]
    sockets.open("elsewhere", "another process")
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert {name for name, _ in sockets.sent} == {"told", "swept"}
    assert len(watchers) == 4
    del sockets.token_to_socket["swept"]
    pusher.sweep()
    assert (len(watchers), set(pusher._last_seats_left)) == (2, {"told:courses"})
    del sockets.token_to_socket["told"]
    pusher.sweep()
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert (len(watchers), pusher._last_seats_left, pusher._newest) == (0, {}, {})


async def test_a_page_that_is_drawn_for_nobody_yet_watches_nothing(harness: Harness):
    course = await harness.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    await tab.sign_in(harness, harness.student("sam"))
    assert len(harness.services.live.subscriptions) == 0
