"""What may come in over the socket of the pages, and what ends it."""

from typing import Any

import pytest

from coursebook.doors.guard import Guard, Message
from coursebook.doors.messages import LARGEST_MESSAGE, is_ours

SOUND = (
    "3",
    "1",
    "40/_event,",
    '40/_event,{"event":{"name":"a.b","payload":{}}}',
    "41/_event,",
    '42/_event,["event",{"name":"a.b"}]',
    '42/_event,["ping"]',
)
GARBAGE: tuple[Any, ...] = (
    "",
    "garbage",
    "2",
    "2probe",
    "4",
    "42",
    "42[]",
    '42/other,["event",{}]',
    "42/_event,",
    "42/_event,[]",
    "42/_event,[7]",
    '42/_event,{"event":1}',
    "40/_event,[]",
    '421/_event,["event",{}]',
    '451-/_event,["event",{"_placeholder":true,"num":0}]',
    "42/_event," + "[" * 60_000,
    '42/_event,["event","' + "x" * LARGEST_MESSAGE + '"]',
    b"\x00",
    None,
    7,
)


@pytest.mark.parametrize("message", SOUND)
def test_what_our_own_script_says_comes_in(message: str):
    assert is_ours(message)


@pytest.mark.parametrize("message", GARBAGE, ids=lambda m: repr(m)[:30])
def test_everything_else_stays_outside(message: Any):
    assert not is_ours(message)


@pytest.mark.parametrize(("text", "ends"), [(SOUND[0], False), (GARBAGE[1], True)])
async def test_garbage_ends_the_socket_before_anybody_reads_it(text: str, ends: bool):
    heard: list[Message] = []
    sent: list[Message] = []

    async def program(_scope: Any, receive: Any, _send: Any) -> None:
        heard.append(await receive())

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": text}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/_event/", "headers": []}
    await Guard(program, "http://localhost:3000", "")(scope, receive, send)
    assert heard[0]["type"] == ("websocket.disconnect" if ends else "websocket.receive")
    assert [message["type"] for message in sent] == (["websocket.close"] if ends else [])
