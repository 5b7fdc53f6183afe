"""Unexpected errors in a handler: an error number for the person, the details in the log."""

import asyncio
from typing import Any

import pytest
from reflex.istate.manager.memory import StateManagerMemory
from reflex_base.event import Event
from structlog.testing import capture_logs

from coursebook.ui.reflex_compat.events import event_name
from coursebook.ui.states.session import SessionState
from tests.support.harness import Harness
from tests.ui.processing import event_queue

SENTENCE = "tell us the number"


async def test_a_surprise_in_a_handler_becomes_a_message_with_a_number(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
):
    async def breaks(*_: object) -> None:
        raise ConnectionError("db.internal:5432 refused")

    monkeypatch.setattr(harness.services.verifier, "principal", breaks)
    deltas = await deltas_of(SessionState.token_received, {"token": "a.b.c"})
    text = str(deltas)
    assert SENTENCE in text
    assert "5432" not in text


async def deltas_of(handler: Any, payload: dict[str, Any]) -> list[Any]:
    """Run an event as the server does; return the deltas sent to the browser."""
    told: list[Any] = []
    message_came = asyncio.Event()

    async def emit_delta(_token: str, delta: Any) -> None:
        told.append(delta)
        if SENTENCE in str(delta):
            message_came.set()

    processor = event_queue(StateManagerMemory(), emit_delta)
    async with processor, asyncio.timeout(20):
        data = {"pathname": "/", "asPath": "/", "query": {}, "headers": {}, "token": "t"}
        event = Event(name=event_name(handler), payload=payload, router_data=data)
        await processor.enqueue("t", event)
        await message_came.wait()
    return told


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
@pytest.mark.parametrize("path", ["@[", "\u2100.evil", {}])
async def test_a_failure_before_any_handler_is_told_once_and_has_no_failure_of_its_own(
    path: object, closed: bool
):
    """Reflex fails while computing the router, for every event of this address."""
    told: list[Any] = []

    async def emit_delta(_token: str, delta: Any) -> None:
        told.append(delta)
        if closed:
            raise ConnectionError("the tab has left")

    processor = event_queue(StateManagerMemory(), emit_delta)
    headers = {"origin": "http://localhost:3000"}
    place = {"pathname": "/", "asPath": path, "query": {}, "headers": headers, "token": "t"}
    name = event_name(SessionState.notice_closed)
    with capture_logs() as log_entries:
        async with processor, asyncio.timeout(20):
            await processor.enqueue("t", Event(name=name, router_data=place))
            await asyncio.sleep(0.5)
    assert len(told) == 1
    assert [entry["event"] for entry in log_entries] == [
        "page.failed",
        *["tab.notify_failed"] * closed,
    ]
