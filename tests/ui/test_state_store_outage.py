"""An outage of Redis, which stores the tabs' states: one message in the tab, and no loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event import Event
from structlog.testing import capture_logs

from coursebook.ui import i18n
from coursebook.ui.reflex_compat.events import event_name
from coursebook.ui.reflex_compat.state_tree import VAR_MARKER
from coursebook.ui.states.course import CourseState
from coursebook.ui.states.session import SessionState
from tests.ui.processing import event_queue


class Away(StateManagerMemory):
    """An unreachable state store that counts the calls."""

    tries = 0

    @asynccontextmanager
    async def modify_state(self, *_token: Any, **_context: Any) -> AsyncIterator[Any]:
        Away.tries += 1
        raise RedisAway("Error 111 connecting to 10.0.0.7:6379.")
        yield


@pytest.mark.parametrize("language", ["en", "de"])
async def test_a_click_while_the_states_are_away_gets_one_sentence_and_is_not_tried_for_ever(
    language: str,
):
    Away.tries, told, came = 0, [], asyncio.Event()

    async def emit_delta(_token: str, delta: Any) -> None:
        told.append(delta)
        came.set()

    processor = event_queue(Away(), emit_delta)
    with capture_logs() as log_entries:
        async with processor, asyncio.timeout(20):
            headers = {"accept-language": language}
            place = {"pathname": "/", "asPath": "/", "query": {}, "headers": headers, "token": "t"}
            name = event_name(CourseState.book_clicked)
            await processor.enqueue("t", Event(name=name, payload={"token": ""}, router_data=place))
            await came.wait()
            await asyncio.sleep(0.1)
    ((state, changed),) = told[0].items()
    assert (state, len(told)) == (SessionState.get_full_name(), 1)
    assert changed[f"session_notice{VAR_MARKER}"]["text"] == i18n.of(language).STATES_AWAY
    assert Away.tries == 1
    assert [entry["event"] for entry in log_entries] == ["state_store.failed"]
    assert "10.0.0.7" not in str(told)
