"""The socket client of the tests behaves as a browser does, also while no test waits for it."""

import asyncio

import pytest
from simple_websocket import ConnectionClosed

from tests.support.socket_client import PING, PONG, SPACE, SocketClient


class FakeWire:
    """The far end of a socket: `incoming` is what the server sends, None for a closed socket."""

    close_reason, close_message = 1000, None

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[str | None] = asyncio.Queue()
        self.sent: list[str] = []
        self.is_closed = self.is_taken = False

    async def receive(self) -> str:
        if self.is_taken:
            self.incoming.task_done()
        message = None if self.is_closed else await self.incoming.get()
        self.is_taken = True
        if message is None:
            self.is_closed = True
            raise ConnectionClosed
        return message

    async def send(self, data: str) -> None:
        if self.is_closed:
            raise ConnectionClosed
        self.sent.append(data)

    async def close(self) -> None:
        self.is_closed = True


@pytest.fixture
async def wire() -> FakeWire:
    return FakeWire()


@pytest.fixture
async def tab(wire: FakeWire):
    client = SocketClient(wire, "tab")  # type: ignore[arg-type]
    yield client
    await client.close()


async def passed(wire: FakeWire) -> None:
    """Let the client take everything that has come: it asks for more when it is done."""
    await asyncio.wait_for(wire.incoming.join(), 5)


async def test_a_ping_is_answered_while_nobody_waits(tab: SocketClient, wire: FakeWire):
    wire.incoming.put_nowait(PING)
    await passed(wire)
    assert wire.sent == [PONG]
    assert tab.received == []


async def test_what_came_before_somebody_waits_is_kept(tab: SocketClient, wire: FakeWire):
    for message in ("first", PING, "second"):
        wire.incoming.put_nowait(message)
    await passed(wire)
    assert await tab.until("sec") == "second"
    assert await tab.until("fir") == "first"


async def test_several_wait_at_once_for_what_comes_later(tab: SocketClient, wire: FakeWire):
    waits = [asyncio.create_task(tab.until(text)) for text in ("b", "a")]
    await asyncio.sleep(0)
    wire.incoming.put_nowait("a")
    wire.incoming.put_nowait("b")
    assert await asyncio.gather(*waits) == ["b", "a"]


async def test_an_answer_to_an_earlier_question_does_not_settle(tab: SocketClient, wire: FakeWire):
    answer = f'42{SPACE},["ping","pong"]'
    wire.incoming.put_nowait(answer)
    await passed(wire)
    with pytest.raises(TimeoutError):
        await tab.settled(0.05)
    wire.incoming.put_nowait("news")
    wire.incoming.put_nowait(answer)
    await passed(wire)
    assert await tab.until("news")


async def test_a_closed_socket_ends_every_wait_and_loses_nothing(tab: SocketClient, wire: FakeWire):
    wait = asyncio.create_task(tab.until("never"))
    wire.incoming.put_nowait("last words")
    wire.incoming.put_nowait(None)
    with pytest.raises(ConnectionClosed):
        await wait
    assert await tab.until("last words")
    assert not await tab.is_open()
    assert await tab.has_ended()
