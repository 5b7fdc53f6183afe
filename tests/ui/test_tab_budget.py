"""What the server keeps for one tab."""

import asyncio
import dataclasses
from typing import Any

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State
from reflex_base.event import Event
from reflex_base.event.processor.base_state_processor import BaseStateEventProcessor
from reflex_base.utils.format import format_event_handler

from coursebook.coursebook import app
from coursebook.ui.middleware.tab_budget import MOST_BYTES, LeftTabs
from coursebook.ui.presenters.rows import Notice
from coursebook.ui.states.session import SessionState

PLACE = {"pathname": "/404", "asPath": "/404", "query": {}, "headers": {}, "token": "t"}
TOKEN = BaseStateToken(ident="t", cls=State)


async def after(manager: StateManagerMemory, *handlers: Any) -> list[Any]:
    """Handle events of one tab; return what its page is told."""
    told: list[Any] = []

    async def emit_delta(_token: str, delta: Any) -> None:
        told.append(delta)

    processor = BaseStateEventProcessor(middleware=app)
    processor.configure(state_manager=manager)
    processor._root_context = dataclasses.replace(
        processor._root_context, emit_delta_impl=emit_delta
    )
    async with processor, asyncio.timeout(20):
        for handler in handlers:
            event = Event(name=format_event_handler(handler), router_data=dict(PLACE))
            done = await processor.enqueue("t", event)
            await done.wait_all()
    return told


async def session_of(manager: StateManagerMemory) -> SessionState:
    return await (await manager.get_state(TOKEN)).get_state(SessionState)


@pytest.mark.usefixtures("world")
async def test_a_tab_within_its_budget_keeps_what_it_knows():
    manager = StateManagerMemory()
    await after(manager, SessionState.signed_out)
    (await session_of(manager)).display_name = "x" * 1000
    await after(manager, SessionState.notice_closed)
    assert (await session_of(manager)).display_name == "x" * 1000


@pytest.mark.usefixtures("world")
async def test_a_tab_that_has_grown_beyond_its_budget_is_emptied_and_loads_again():
    manager = StateManagerMemory()
    await after(manager, SessionState.signed_out)
    session = await session_of(manager)
    session.session_notice = Notice("x" * MOST_BYTES, "bad")
    assert await after(manager, SessionState.sign_out_failed) == [], "the event is not handled"
    session = await session_of(manager)
    assert (session.session_notice, session.is_known) == (Notice(), False)
    told = await after(manager, SessionState.notice_closed)
    assert "is_known_rx_state_" in str(told), "the page is sent everything"


async def test_a_left_tab_is_forgotten_in_redis_unless_it_is_open_elsewhere(redis_url: str):
    manager = StateManagerRedis(redis=Redis.from_url(redis_url))
    connected: set[str] = set()

    class Tabs:
        state_manager = manager

        async def is_token_connected(self, tab: str) -> bool:
            return tab in connected

    tabs: Any = Tabs()
    tabs.event_namespace = tabs._token_manager = tabs
    left = LeftTabs(tabs, most=1)
    for tab in ("one", "two", "three"):
        async with manager.modify_state(BaseStateToken(ident=tab, cls=SessionState)) as state:
            (await state.get_state(SessionState)).is_known = True
    connected.add("one")
    for tab in ("one", "two", "three"):
        await left.left(tab, has_acted=True)
    kept = {key.decode().partition("_")[0] for key in await manager.redis.keys("*reflex*")}
    await manager.close()
    assert kept == {"one", "three"}
