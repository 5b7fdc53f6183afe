"""Live updates of personal data: only to the person's own tabs, and only while signed in."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from coursebook.ui.live import push
from coursebook.ui.middleware.subscribe_on_connect import SubscribeOnConnect
from coursebook.ui.reflex_compat.hydration import FIRST_EVENT
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.live import LiveState
from coursebook.ui.states.payment import PaymentState
from coursebook.ui.states.session import SessionState
from coursebook.ui.subscriptions import person_of
from tests.support.harness import Harness
from tests.ui.sockets import Sockets, a_tab
from tests.ui.tabs import Tab


async def test_only_the_tabs_of_a_person_look_again_and_only_while_their_token_lives(
    harness: Harness, sockets: Sockets, pusher: push.Pusher, monkeypatch: pytest.MonkeyPatch
):
    sam, sally = harness.student("sam"), harness.student("sally")
    course = await harness.course()
    started = await harness.checkout(sam, course)
    for student, name in ((sam, "one"), (sam, "two"), (sally, "three")):
        await a_tab(sockets, "/bookings", name).sign_in(harness, student)
    mine = frozenset(
        await harness.services.bookings.topics_of(await harness.principal(started.student))
    )
    await pusher.tell(mine)
    assert {tab for tab, _ in sockets.asked} == {"one", "two"}
    assert {event for _, event in sockets.asked} == {push.LOOK_AGAIN}
    assert sockets.sent == [], "personal data must not be pushed"
    sockets.asked.clear()
    later = person_of("one").until + 1  # type: ignore[union-attr]
    monkeypatch.setattr("coursebook.ui.live.push.time.time", lambda: later)
    await pusher.tell(mine)
    assert sockets.asked == []


async def test_a_tab_whose_token_was_over_for_a_while_looks_again_when_it_has_a_new_one(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    sam = harness.student("sam")
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(harness, sam)
    async with harness.services.live.notifying(pusher.tell, seconds=0.0), asyncio.timeout(20):
        await tab.sign_in(harness, sam)
        await asyncio.sleep(0.05)
        assert sockets.asked == [], "a token renewed in time misses no update"
        known = harness.services.live.subscriptions.find("tab-1:person")
        assert known is not None
        over = replace(known.about, until=0.0)
        harness.services.live.subscriptions.subscribe("tab-1:person", known.topics, over)
        await tab.sign_in(harness, sam)
        while not sockets.asked:  # noqa: ASYNC110 - told a moment later
            await asyncio.sleep(0.01)
    assert sockets.asked == [("tab-1", push.LOOK_AGAIN)]


async def test_whoever_signs_out_or_loses_their_session_hears_no_more(
    harness: Harness, sockets: Sockets
):
    tab = a_tab(sockets, "/bookings")
    for end in ((SessionState.signed_out,), (SessionState.token_received, "")):
        await tab.sign_in(harness, harness.student("sam"))
        assert person_of("tab-1") is not None
        await tab.fire(*end)
        assert person_of("tab-1") is None
    assert len(harness.services.live.subscriptions) == 0


async def test_the_first_booking_of_somebody_new_is_heard_of(
    harness: Harness, sockets: Sockets, pusher: push.Pusher
):
    sam, told = harness.student("sam"), set[str]()
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(harness, sam)

    async def hear(changed: frozenset[str]) -> None:
        told.update(changed)
        await pusher.tell(changed)

    async with harness.services.live.notifying(hear, seconds=0.0), asyncio.timeout(20):
        started = await harness.checkout(sam, await harness.course())
        while not sockets.asked:
            await harness.quiet()
        await LiveState.person_changed.fn(
            await tab.state(LiveState)
        )  # as the tab does after a notification
        sockets.asked.clear()
        await harness.pay(started)
        while not sockets.asked:
            await harness.quiet()
    assert set(sockets.asked) == {("tab-1", push.LOOK_AGAIN)}


async def test_a_socket_that_opens_again_watches_for_the_person_its_tab_knows(
    harness: Harness, sockets: Sockets
):
    tab = a_tab(sockets, "/bookings")
    await tab.sign_in(harness, harness.student("sam"))
    harness.services.live.subscriptions.unsubscribe(
        "tab-1:person"
    )  # it was connected to another process
    first = SimpleNamespace(name=FIRST_EVENT, payload={})
    await SubscribeOnConnect().preprocess(None, tab.root, first)  # type: ignore[arg-type]
    assert person_of("tab-1") is not None


@pytest.mark.parametrize(
    ("address", "handler"),
    [
        ("/bookings/", DashboardState.changed_elsewhere),
        ("/payment/success?session_id=cs_1", PaymentState.changed_elsewhere),
    ],
)
async def test_the_page_that_a_person_is_at_looks_again(
    harness: Harness, address: str, handler: Any
):
    tab = Tab(address)
    live = await tab.state(LiveState)
    assert await LiveState.person_changed.fn(live) is None, "nobody is signed in"
    await tab.sign_in(harness, harness.student("sam"))
    assert await LiveState.person_changed.fn(live) is handler
    tab.go("/courses")
    assert await LiveState.person_changed.fn(live) is None, "this page shows no personal data"


async def test_an_open_dashboard_shows_and_says_what_another_tab_has_done(harness: Harness):
    sam = harness.student("sam")
    started = await harness.checkout(sam, await harness.course(title="Clay"))
    tab = Tab("/bookings")
    await tab.sign_in(harness, sam)
    await tab.fire(DashboardState.viewer_arrived)
    dashboard = await tab.state(DashboardState)
    await harness.pay(started)
    await tab.fire(DashboardState.changed_elsewhere)
    assert dashboard.announcement == "Booking confirmed: Clay."
    await tab.fire(DashboardState.changed_elsewhere)
    assert dashboard.announcement == "", "nothing new, nothing said"
    await tab.fire(SessionState.signed_out)
    before = dashboard.sections
    assert [row.status for section in before for row in section.bookings] == ["confirmed"]
    await harness.post(f"/api/bookings/{started.booking_id}/cancel", sam)
    await tab.fire(DashboardState.changed_elsewhere)
    assert dashboard.sections == before, "nobody is signed in any more"
