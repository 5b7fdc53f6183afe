"""Which messages the WebSocket guard passes on, and which end the connection."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursebook.http_security.security_headers import Message, SecurityHeaders
from coursebook.http_security.socket_protocol import MAX_MESSAGE, Conversation

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
    '42/_event,["event","' + "x" * MAX_MESSAGE + '"]',
    b"\x00",
    None,
    7,
)


CONNECT = "40/_event,{}"


def after_connecting(*messages: object) -> list[str | None]:
    """Return what is passed on of messages that follow the connect packet."""
    conversation = Conversation()
    assert conversation.read(CONNECT) == CONNECT
    return [conversation.read(message) for message in messages]


@pytest.mark.parametrize("message", ["3", "1", "40/_event,", SOUND[3]])
def test_the_first_packet_must_connect(message: str):
    assert Conversation().read(message) in (message, f"{message}{{}}")


@pytest.mark.parametrize("message", ["3", "1", "41/_event,", *SOUND[-2:]])
def test_messages_of_our_own_client_pass(message: str):
    assert after_connecting(message) == [message]


@pytest.mark.parametrize("message", GARBAGE, ids=lambda m: repr(m)[:30])
def test_every_other_message_is_refused(message: Any):
    assert after_connecting(message) == [None]


@pytest.mark.parametrize("message", ["41/_event,", *SOUND[-2:]])
def test_no_event_passes_before_the_connect_packet(message: str):
    assert Conversation().read(message) is None


def test_a_tab_connects_once_and_sends_nothing_after_disconnecting():
    assert after_connecting(CONNECT) == [None]
    assert after_connecting("41/_event,", CONNECT) == ["41/_event,", None]
    assert after_connecting("41/_event,", SOUND[-1], "1") == ["41/_event,", None, "1"]


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e999", "1" * 41, "[" * 20 + "]" * 20, '{"a":' * 20 + "1"],
)
@pytest.mark.parametrize("packet", ['42/_event,["event",{"payload":%s}]', '40/_event,{"event":%s}'])
def test_values_that_no_browser_sends_are_refused(packet: str, value: str):
    assert Conversation().read(packet % value) is None
    assert after_connecting(packet % value) == [None]


def test_invalid_unicode_is_replaced_at_every_depth():
    (said,) = after_connecting('42/_event,["event",{"\\ud800":["a\\u0000b","\\udfff"]}]')
    assert said is not None
    assert json.loads(said.partition(",")[2])[1] == {"\ufffd": ["a\ufffdb", "\ufffd"]}


def test_a_duplicate_key_has_one_meaning():
    (said,) = after_connecting('42/_event,["event",{"name":"a","name":"b"}]')
    assert said == '42/_event,["event",{"name":"b"}]'


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(kind=st.sampled_from("02"), value=JSON_VALUES)
def test_any_json_is_refused_or_passed_on_as_valid_json(kind: str, value: Any):
    conversation = Conversation()
    if kind == "2":
        conversation.read(CONNECT)
    said = conversation.read(f"4{kind}/_event,{json.dumps(value)}")
    if said is not None:
        again = json.loads(said.partition(",")[2], parse_constant=pytest.fail)
        json.dumps(again, ensure_ascii=False).encode()


SOCKET = {
    "type": "websocket",
    "path": "/_event/",
    "query_string": b"token=3b241101-e2bb-4255-8caf-4136c566a962&EIO=4&transport=websocket",
    "headers": [],
}


@pytest.mark.parametrize(("text", "ends"), [(SOUND[0], False), (GARBAGE[1], True)])
async def test_garbage_closes_the_socket_before_the_application(text: str, ends: bool):
    messages: list[Message] = []
    sent: list[Message] = []

    async def program(_scope: Any, receive: Any, _send: Any) -> None:
        messages.append(await receive())

    async def receive() -> Message:
        return {"type": "websocket.receive", "text": text}

    async def send(message: Message) -> None:
        sent.append(message)

    await SecurityHeaders(program, "http://localhost:3000", "")(dict(SOCKET), receive, send)
    assert messages[0]["type"] == ("websocket.disconnect" if ends else "websocket.receive")
    assert [message["type"] for message in sent] == (["websocket.close"] if ends else [])
