"""From a change to the browsers: who is told, of what, in which words, and who no longer is."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from reflex.utils.format import json_dumps

from coursebook.live import topics
from coursebook.ui.live import pushing
from coursebook.ui.live.meeting import MeetPeople
from coursebook.ui.live.watching import person_of
from coursebook.ui.ssr.fresh import FIRST_EVENT
from coursebook.ui.states.catalog import CatalogState
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.session import SessionState
from tests.support.world import World
from tests.ui.tabs import Tab


class Sockets:
    """Stands for Reflex's app: has sockets, keeps what is sent to them and what they are asked."""

    def __init__(self) -> None:
        self.instance_id = "this process"
        self.token_to_socket: dict[str, Any] = {}
        self._token_manager = self
        self.event_namespace = self.event_processor = self
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.asked: list[tuple[str, str]] = []

    def open(self, tab: str, instance: str = "this process") -> None:
        self.token_to_socket[tab] = SimpleNamespace(instance_id=instance)

    async def emit_update(self, update: Any, tab: str) -> None:
        self.sent.append((tab, json.loads(json_dumps(update.delta))))

    async def enqueue(self, tab: str, event: Any) -> Any:
        self.asked.append((tab, event.name))

        async def done() -> None:
            return None

        return done()

    @contextmanager
    def set_contexts(self) -> Iterator[None]:
        yield


@pytest.fixture
def sockets() -> Sockets:
    return Sockets()


@pytest.fixture
def pusher(world: World, sockets: Sockets) -> pushing.Pusher:
    return pushing.Pusher(sockets, world.services)  # type: ignore[arg-type]


def a_tab(sockets: Sockets, address: str, name: str = "tab-1") -> Tab:
    tab = Tab(address, name=name)
    sockets.open(name)
    return tab


def pushed(delta: dict[str, Any], kind: type = LiveState, name: str = "places") -> Any:
    return delta.get(kind.get_full_name(), {}).get(f"{name}_rx_state_")


async def test_a_catalog_that_is_open_gets_the_new_places_and_only_those(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    clay, glass = await world.course(capacity=2), await world.course()
    tab = a_tab(sockets, "/courses")
    await tab.fire(CatalogState.page_opened)
    rows = {row.id: row for row in (await tab.state(CatalogState)).courses}
    await world.checkout(world.student("sam"), clay)
    await pusher.tell(frozenset({topics.course(clay.id)}))
    ((name, delta),) = sockets.sent
    places = pushed(delta)
    assert (name, list(places), places[clay.id]["places"]) == ("tab-1", [clay.id], "1 place left")
    assert places[clay.id]["stamp"] > rows[clay.id].stamp
    await world.checkout(world.student("sally"), glass)
    await pusher.tell(frozenset({topics.course(glass.id)}))
    assert set(pushed(sockets.sent[-1][1])) == {clay.id, glass.id}, "one var holds them all"


async def test_the_course_page_says_what_matters_and_nothing_else(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    course = await world.course(capacity=2)
    tab = a_tab(sockets, f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    heard = []
    for name in ("sam", "sally"):
        started = await world.checkout(world.student(name), course)
        await pusher.tell(frozenset({topics.course(course.id)}))
        heard.append(pushed(sockets.sent[-1][1], CourseState, "said"))
        assert pushed(sockets.sent[-1][1])[course.id]["booking"] == (
            "open" if name == "sam" else "full"
        )
    await world.post(f"/api/bookings/{started.booking_id}/cancel", started.student)
    await pusher.tell(frozenset({topics.EVERYTHING}))
    heard.append(pushed(sockets.sent[-1][1], CourseState, "said"))
    assert heard == [
        "Only 1 place left.",
        "The last place was just taken: this course is full now.",
        "Free again: 1 place left.",
    ]
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert CourseState.get_full_name() not in sockets.sent[-1][1], "nothing new, nothing said"


async def test_a_german_tab_gets_german_words(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    course = await world.course(capacity=2)
    tab = Tab(f"/courses/{course.slug}", "de-AT,en;q=0.5", name="tab-1")
    sockets.open("tab-1")
    await tab.fire(CourseState.page_opened)
    await world.checkout(world.student("sam"), course)
    await pusher.tell(frozenset({topics.course(course.id)}))
    ((_, delta),) = sockets.sent
    assert pushed(delta)[course.id]["places"] == "1 Platz frei"
    assert pushed(delta, CourseState, "said") == "Nur noch 1 Platz frei."


async def test_a_course_is_read_once_for_any_number_of_tabs(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    course = await world.course()
    for number in range(30):
        tab = a_tab(sockets, f"/courses/{course.slug}", f"tab-{number}")
        await tab.fire(CourseState.page_opened)
    asked: list[str] = []
    engine = world.services.tools.database.reading.sync_engine
    note = lambda *told: asked.append(told[2])  # noqa: E731 - an event handler of SQLAlchemy
    sa.event.listen(engine, "before_cursor_execute", note)
    await pusher.tell(frozenset({topics.course(course.id)}))
    sa.event.remove(engine, "before_cursor_execute", note)
    assert len([one for one in asked if one.startswith("SELECT")]) == 1
    assert len(sockets.sent) == 30


async def test_a_tab_that_is_gone_or_at_another_process_is_not_watched_for(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    course, watchers = await world.course(), world.services.live.watchers
    for name in ("told", "gone", "elsewhere", "swept"):
        tab = a_tab(sockets, f"/courses/{course.slug}", name)
        await tab.sign_in(world, world.student("sam"))
        await tab.fire(CourseState.page_opened)
    assert len(watchers) == 8
    del sockets.token_to_socket["gone"]
    sockets.open("elsewhere", "another process")
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert {name for name, _ in sockets.sent} == {"told", "swept"}
    assert len(watchers) == 4
    del sockets.token_to_socket["swept"]
    pusher.sweep()
    assert (len(watchers), set(pusher._said_left)) == (2, {"told:courses"})
    del sockets.token_to_socket["told"]
    pusher.sweep()
    await pusher.tell(frozenset({topics.EVERYTHING}))
    assert (len(watchers), pusher._said_left, pusher._newest) == (0, {}, {})


async def test_a_page_that_is_drawn_for_nobody_yet_watches_nothing(world: World):
    course = await world.course()
    tab = Tab(f"/courses/{course.slug}")
    await tab.fire(CourseState.page_opened)
    await tab.sign_in(world, world.student("sam"))
    assert len(world.services.live.watchers) == 0


async def test_only_the_tabs_of_a_person_look_again_and_only_while_their_token_lives(
    world: World, sockets: Sockets, pusher: pushing.Pusher, monkeypatch: pytest.MonkeyPatch
):
    sam, sally = world.student("sam"), world.student("sally")
    course = await world.course()
    started = await world.checkout(sam, course)
    for student, name in ((sam, "one"), (sam, "two"), (sally, "three")):
        await a_tab(sockets, "/bookings", name).sign_in(world, student)
    mine = frozenset(
        await world.services.bookings.topics_of(await world.principal(started.student))
    )
    await pusher.tell(mine)
    assert {tab for tab, _ in sockets.asked} == {"one", "two"}
    assert {event for _, event in sockets.asked} == {pushing.LOOK_AGAIN}
    assert sockets.sent == [], "nothing of a person is sent unasked"
    sockets.asked.clear()
    later = person_of("one").until + 1  # type: ignore[union-attr]
    monkeypatch.setattr("coursebook.ui.live.pushing.time.time", lambda: later)
    await pusher.tell(mine)
    assert sockets.asked == []


async def test_a_tab_whose_token_was_over_for_a_while_looks_again_when_it_has_a_new_one(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    sam = world.student("sam")
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(world, sam)
    async with world.services.live.telling(pusher.tell, seconds=0.0), asyncio.timeout(20):
        await tab.sign_in(world, sam)
        await asyncio.sleep(0.05)
        assert sockets.asked == [], "a token that is renewed in time missed nothing"
        known = world.services.live.watchers.find("tab-1:person")
        assert known is not None
        over = replace(known.about, until=0.0)
        world.services.live.watchers.watch("tab-1:person", known.topics, over)
        await tab.sign_in(world, sam)
        while not sockets.asked:  # noqa: ASYNC110 - told a moment later
            await asyncio.sleep(0.01)
    assert sockets.asked == [("tab-1", pushing.LOOK_AGAIN)]


async def test_whoever_signs_out_or_loses_their_session_hears_no_more(
    world: World, sockets: Sockets
):
    tab = a_tab(sockets, "/bookings")
    for end in ((SessionState.signed_out,), (SessionState.token_received, "")):
        await tab.sign_in(world, world.student("sam"))
        assert person_of("tab-1") is not None
        await tab.fire(*end)
        assert person_of("tab-1") is None
    assert len(world.services.live.watchers) == 0


async def test_the_first_booking_of_somebody_new_is_heard_of(
    world: World, sockets: Sockets, pusher: pushing.Pusher
):
    sam, told = world.student("sam"), set[str]()
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(world, sam)

    async def hear(changed: frozenset[str]) -> None:
        told.update(changed)
        await pusher.tell(changed)

    async with world.services.live.telling(hear, seconds=0.0), asyncio.timeout(20):
        started = await world.checkout(sam, await world.course())
        while not sockets.asked:
            await world.quiet()
        await LiveState.person_changed.fn(await tab.state(LiveState))  # as the tab does then
        sockets.asked.clear()
        await world.pay(started)
        while not sockets.asked:
            await world.quiet()
    assert sockets.asked == [("tab-1", pushing.LOOK_AGAIN)]


async def test_a_socket_that_opens_again_watches_for_the_person_its_tab_knows(
    world: World, sockets: Sockets
):
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(world, world.student("sam"))
    world.services.live.watchers.leave("tab-1:person")  # it was at another process
    first = SimpleNamespace(name=f"reflex{FIRST_EVENT}", payload={})
    await MeetPeople().preprocess(None, tab.root, first)  # type: ignore[arg-type]
    assert person_of("tab-1") is not None


@pytest.mark.parametrize(
    ("address", "handler"),
    [
        ("/bookings/", DashboardState.changed_elsewhere),
        ("/payment/success?session_id=cs_1", PaymentState.changed_elsewhere),
    ],
)
async def test_the_page_that_a_person_is_at_looks_again(world: World, address: str, handler: Any):
    tab = Tab(address)
    live = await tab.state(LiveState)
    assert await LiveState.person_changed.fn(live) is None, "nobody is there"
    await tab.sign_in(world, world.student("sam"))
    assert await LiveState.person_changed.fn(live) is handler
    tab.go("/courses")
    assert await LiveState.person_changed.fn(live) is None, "nothing of theirs is shown here"


async def test_an_open_dashboard_shows_what_another_tab_has_done(world: World):
    sam = world.student("sam")
    started = await world.checkout(sam, await world.course(title="Clay"))
    tab = Tab("/bookings")
    await tab.sign_in(world, sam)
    await tab.fire(DashboardState.viewer_arrived)
    await world.pay(started)
    await tab.fire(DashboardState.changed_elsewhere)
    await tab.fire(SessionState.signed_out)
    before = (await tab.state(DashboardState)).sections
    assert [row.status for section in before for row in section.bookings] == ["confirmed"]
    await world.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await tab.fire(DashboardState.changed_elsewhere)
    assert (await tab.state(DashboardState)).sections == before, "nobody is there any more"
