"""Limits of the data that the server keeps for one tab."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex_base.event import Event

from coursebook.ui.middleware.tab_budget import MAX_TAB_BYTES, DisconnectedTabs
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.reflex_compat import transport
from coursebook.ui.reflex_compat.events import event_name
from coursebook.ui.reflex_compat.state_storage import token_of
from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.states.session import SessionState
from tests.ui.processing import event_queue

PLACE = {"pathname": "/404", "asPath": "/404", "query": {}, "headers": {}, "token": "t"}
TOKEN = token_of("t")


async def after(manager: StateManagerMemory, *handlers: Any) -> list[Any]:
    """Handle events of one tab; return the deltas sent to its page."""
    told: list[Any] = []

    async def emit_delta(_token: str, delta: Any) -> None:
        told.append(delta)

    processor = event_queue(manager, emit_delta)
    async with processor, asyncio.timeout(20):
        for handler in handlers:
            event = Event(name=event_name(handler), router_data=dict(PLACE))
            done = await processor.enqueue("t", event)
            await done.wait_all()
    return told


async def session_of(manager: StateManagerMemory) -> SessionState:
    return await (await manager.get_state(TOKEN)).get_state(SessionState)


@pytest.mark.usefixtures("harness")
async def test_a_tab_within_its_budget_keeps_what_it_knows():
    manager = StateManagerMemory()
    await after(manager, SessionState.signed_out)
    (await session_of(manager)).display_name = "x" * 1000
    await after(manager, SessionState.notice_closed)
    assert (await session_of(manager)).display_name == "x" * 1000


@pytest.mark.usefixtures("harness")
async def test_a_tab_that_has_grown_beyond_its_budget_is_emptied_and_loads_again():
    manager = StateManagerMemory()
    await after(manager, SessionState.signed_out)
    session = await session_of(manager)
    session.session_notice = Notice("x" * MAX_TAB_BYTES, "bad")
    assert await after(manager, SessionState.sign_out_failed) == [], "the event is not handled"
    session = await session_of(manager)
    assert (session.session_notice, session.is_known) == (Notice(), False)
    deltas = await after(manager, SessionState.notice_closed)
    assert f"is_known{VAR_MARKER}" in str(deltas), "the page is sent everything"


async def test_a_left_tab_is_forgotten_in_redis_unless_it_is_open_elsewhere(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    manager = StateManagerRedis(redis=Redis.from_url(redis_url))
    connected: set[str] = set()

    async def is_open_anywhere(_app: Any, tab: str) -> bool:
        return tab in connected

    monkeypatch.setattr(transport, "is_open_anywhere", is_open_anywhere)
    disconnected_tabs: Any = DisconnectedTabs(SimpleNamespace(state_manager=manager), max_tabs=1)
    for tab in ("one", "two", "three"):
        async with manager.modify_state(token_of(tab, SessionState)) as state:
            (await state.get_state(SessionState)).is_known = True
    connected.add("one")
    for tab in ("one", "two", "three"):
        await disconnected_tabs.disconnected(tab, has_acted=True)
    kept = {key.decode().partition("_")[0] for key in await manager.redis.keys("*reflex*")}
    await manager.close()
    assert kept == {"one", "three"}
