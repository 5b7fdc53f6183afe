"""A tab without a browser: speaks to the pages' socket as Reflex's own script does, or as nobody
should. Engine.IO 4 and Socket.IO 5 in the few words that are needed."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from simple_websocket import AioClient, ConnectionClosed
from simple_websocket import ConnectionError as Refused

from coursebook.ui.reflex_compat.transport import SOCKET_PATH

SPACE = SOCKET_PATH
PING, PONG = "2", "3"
PATIENCE = 30.0
"""Seconds: a busy machine is slow, not wrong."""


class SocketClient:
    """One socket, read in the background from `open` to `close`.

    It answers the server's pings at once, as a browser does, whatever the test is waiting for.
    `received` is every message of the server, as text, in order.
    """

    def __init__(self, wire: AioClient, token: str) -> None:
        self._wire = wire
        self.token = token
        self.received: list[str] = []
        self._news = asyncio.Condition()
        self._has_ended = False
        self._reader = asyncio.create_task(self._read(), name=f"tab {token}")

    @classmethod
    async def open(
        cls, url: str, token: str = "", *, seconds: float = PATIENCE, **headers: str
    ) -> Self:
        """Connect to the product at `url`. Raises ConnectionError when the door stays shut."""
        token = token or str(uuid.uuid4())
        query = urlencode({"token": token, "EIO": 4, "transport": "websocket"})
        address = f"{url.replace('http', 'ws', 1)}{SPACE}/?{query}"
        sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            wire = await AioClient.connect(address, headers=sent_headers)
            await wire._handle_events()  # what came in one piece with the answer to the handshake
        except (ConnectionClosed, Refused) as error:
            raise ConnectionError(str(error)) from None
        tab = cls(wire, token)
        try:
            await tab._connect(seconds)
        except BaseException:
            await tab.close()
            raise
        return tab

    async def emit(self, name: str, payload: Any, address: str = "/") -> None:
        """Send one event to a handler, named as the browser would name it."""
        path, _, query = address.partition("?")
        router_data = {"pathname": path, "asPath": address, "query": dict(parse_qsl(query))}
        event = {"name": name, "payload": payload, "router_data": router_data, "token": self.token}
        await self.raw("event", event)

    async def raw(self, kind: str, data: Any) -> None:
        """Send anything as a Socket.IO message."""
        await self._wire.send(f"42{SPACE},{json.dumps([kind, data])}")

    async def text(self, text: str | bytes) -> None:
        """Send anything at all."""
        await self._wire.send(text)

    async def settled(self, seconds: float = PATIENCE) -> str:
        """Wait until the server has worked off what was sent before; return its messages since."""
        start = len(self.received)
        await self._wire.send(f'42{SPACE},["ping"]')
        await self._message(lambda text: text.startswith(f'42{SPACE},["ping"'), seconds, start)
        return "\n".join(self.received[start:])

    async def is_open(self) -> bool:
        """Tell whether the server still answers."""
        try:
            await self.settled()
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    async def has_ended(self, seconds: float = PATIENCE) -> bool:
        """Tell whether the server ends the conversation: the tab, or the whole socket."""
        try:
            await self._message(lambda text: text.startswith(f"41{SPACE}"), seconds)
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Leave."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        with suppress(ConnectionClosed, Refused):
            await self._wire.close()

    async def until(self, text: str, seconds: float = PATIENCE) -> str:
        """Return the first message that contains `text`, from the beginning or still to come.

        Raises TimeoutError, and ConnectionClosed when the server closes the socket before.
        """
        return await self._message(lambda message: text in message, seconds)

    async def _connect(self, seconds: float) -> None:
        """Connect the tab after the handshake. Raises ConnectionError."""
        try:
            await self._message(lambda text: text.startswith("0{"), seconds)
            await self._wire.send(f"40{SPACE},")
            answer = await self._message(lambda text: text.startswith("4"), seconds)
        except ConnectionClosed as error:
            raise ConnectionError(str(error)) from None
        if answer.startswith("44"):
            raise ConnectionError("The server refused the tab.")

    async def _message(
        self, is_wanted: Callable[[str], bool], seconds: float, start: int = 0
    ) -> str:
        """Wait for a message; those before number `start` do not count."""
        async with asyncio.timeout(seconds), self._news:
            while True:
                for message in self.received[start:]:
                    if is_wanted(message):
                        return message
                start = len(self.received)
                if self._has_ended:
                    raise ConnectionClosed(self._wire.close_reason, self._wire.close_message)
                await self._news.wait()

    async def _read(self) -> None:
        try:
            with suppress(ConnectionClosed):
                while True:
                    await self._take(str(await self._wire.receive()))
        finally:
            async with self._news:
                self._has_ended = True
                self._news.notify_all()

    async def _take(self, message: str) -> None:
        if message == PING:
            await self._wire.send(PONG)
            return
        async with self._news:
            self.received.append(message)
            self._news.notify_all()


@asynccontextmanager
async def socket_client(url: str, token: str = "", **headers: str) -> AsyncIterator[SocketClient]:
    """Open a tab and leave at the end."""
    tab = await SocketClient.open(url, token, **headers)
    try:
        yield tab
    finally:
        await tab.close()
