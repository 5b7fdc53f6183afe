"""A tab that was left shows nothing of its person once the session is over."""

import time

import pytest
from reflex_base.event import Event

from coursebook.coursebook import app
from coursebook.ui.middleware.expired_sessions import PrivatePages
from coursebook.ui.middleware.request_ids import EventIds
from coursebook.ui.middleware.reset_on_load import FreshPages
from coursebook.ui.middleware.subscribe_on_connect import MeetPeople
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.session import SessionState
from tests.support.harness import World
from tests.ui.tabs import Tab

HYDRATE = "reflex___state____state.hydrate_and_load"


async def a_tab_with_bookings(world: World) -> Tab:
    sally = world.student("sally")
    await world.checkout(sally, await world.course(title="Secret pottery"))
    tab = Tab("/bookings")
    await tab.sign_in(world, sally)
    await tab.fire(DashboardState.viewer_arrived)
    assert "Secret pottery" in str(await tab.root._get_resolved_delta())
    return tab


async def told_after(tab: Tab, name: str) -> str:
    """Return all that Reflex would send for an event, as at the beginning of a connection."""
    await PrivatePages().preprocess(None, tab.root, Event(name=name))  # type: ignore[arg-type]
    return str(tab.root.dict())


async def test_a_tab_whose_session_is_over_tells_nothing_any_more(world: World):
    tab = await a_tab_with_bookings(world)
    session = await tab.state(SessionState)
    session._until = int(time.time()) - 60
    told = await told_after(tab, HYDRATE)
    assert "Secret pottery" not in told
    assert "sally" not in told.lower()
    assert not session.is_known, "the page sends its token again"


def test_the_product_looks_at_each_event_in_these_ways():
    kinds = [type(one) for one in app._middlewares]
    ours = [EventIds, PrivatePages, FreshPages, MeetPeople]
    assert [kind for kind in kinds if kind in ours] == ours, "lines of all are under the event's id"


@pytest.mark.parametrize("name", [HYDRATE, "reflex___state____state.hydrate"])
async def test_a_tab_whose_session_lives_keeps_what_it_shows(world: World, name: str):
    tab = await a_tab_with_bookings(world)
    assert "Secret pottery" in await told_after(tab, name)


async def test_only_what_tells_everything_is_looked_at(world: World):
    tab = await a_tab_with_bookings(world)
    (await tab.state(SessionState))._until = 1
    await PrivatePages().preprocess(None, tab.root, Event(name="x.more_clicked"))  # type: ignore[arg-type]
    assert (await tab.state(DashboardState)).sections
