"""An abandoned tab shows no personal data once the session has ended."""

import asyncio
import re
import time
from typing import Any

import pytest
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event import Event

from coursebook.coursebook import app
from coursebook.ui.middleware.expired_sessions import ExpiredSessions
from coursebook.ui.middleware.request_ids import RequestIds
from coursebook.ui.middleware.reset_on_load import ResetOnLoad
from coursebook.ui.middleware.subscribe_on_connect import SubscribeOnConnect
from coursebook.ui.reflex_compat.hydration import HASHES, WHOLE_TREE_EVENT
from coursebook.ui.reflex_compat.state_storage import token_of
from coursebook.ui.reflex_compat.text_patches import CONTEXT_JSX
from coursebook.ui.states.dashboard import DashboardState
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.generated import generated
from tests.ui.processing import event_queue
from tests.ui.tabs import Tab

TAB = "tab-1"
PLACE = {
    "pathname": "/bookings",
    "asPath": "/bookings",
    "query": {},
    "headers": {"origin": "http://localhost:3000"},
    "token": TAB,
}


def event_on_connect() -> str:
    """Return the name of the event that the compiled page itself sends when its socket opens.

    It is read from what Reflex generates, not from our names of its events: the pages send it,
    so the server has to act on it.
    """
    events = generated(CONTEXT_JSX).partition("export const initialEvents = ")[2]
    (name,) = re.findall(r"return \[ReflexEvent\('([^']+)', payload\)\]", events)
    return name


class LeftTab:
    """A tab with a person's bookings, as the server keeps it."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.states = tab, StateManagerMemory()
        self.states.states[token_of(TAB).cache_key] = tab.root

    async def end_session(self) -> None:
        """Let the person's last token expire."""
        (await self.tab.state(SessionState))._until = int(time.time()) - 60

    async def told(self, name: str, payload: dict[str, Any] | None = None) -> str:
        """Return everything that Reflex sends to the page for an event, through its own queue."""
        told: list[Any] = []

        async def tell(_tab: str, delta: Any) -> None:
            told.append(delta)

        async with event_queue(self.states, tell) as queue, asyncio.timeout(20):
            with app.set_contexts():
                event = Event(name=name, payload=payload or {}, router_data=dict(PLACE))
                done = await queue.enqueue(TAB, event)
                await done.wait_all()
        return str(told)


@pytest.fixture
async def left(harness: Harness) -> LeftTab:
    sally = harness.student("sally")
    await harness.checkout(sally, await harness.course(title="Secret pottery"))
    tab = Tab("/bookings", name=TAB)
    await tab.sign_in(harness, sally)
    await tab.fire(DashboardState.viewer_arrived)
    assert "Secret pottery" in str(await tab.root._get_resolved_delta())
    return LeftTab(tab)


@pytest.mark.parametrize("payload", [{}, {HASHES: ["a"]}], ids=["again", "opened"])
async def test_a_tab_whose_session_is_over_tells_nothing_when_its_page_connects(
    left: LeftTab, payload: dict[str, Any]
):
    await left.end_session()
    sent = await left.told(event_on_connect(), payload)
    assert "is_known" in sent, "the whole state tree must be sent"
    assert "Secret pottery" not in sent
    assert "sally" not in sent.lower()
    assert not (await left.tab.state(SessionState)).is_known, "the page sends its token again"


async def test_a_tab_whose_session_is_over_tells_nothing_when_reflex_sends_its_tree(left: LeftTab):
    await left.end_session()
    sent = await left.told(WHOLE_TREE_EVENT)
    assert "is_known" in sent
    assert "Secret pottery" not in sent


def test_the_product_looks_at_each_event_in_these_ways():
    kinds = [type(middleware) for middleware in app._middlewares]
    ours = [RequestIds, ExpiredSessions, ResetOnLoad, SubscribeOnConnect]
    assert [kind for kind in kinds if kind in ours] == ours, "lines of all are under the event's id"


@pytest.mark.parametrize("is_by_page", [True, False])
async def test_a_tab_whose_session_lives_keeps_what_it_shows(left: LeftTab, is_by_page: bool):
    name = event_on_connect() if is_by_page else WHOLE_TREE_EVENT
    assert "Secret pottery" in await left.told(name)


async def test_only_what_tells_everything_is_looked_at(left: LeftTab):
    await left.end_session()
    event = Event(name="x.more_clicked")
    await ExpiredSessions().preprocess(None, left.tab.root, event)  # type: ignore[arg-type]
    assert (await left.tab.state(DashboardState)).sections
