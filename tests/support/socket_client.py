"""A tab without a browser: speaks to the pages' socket as Reflex's own script does, or as nobody
should. Engine.IO 4 and Socket.IO 5 in the few words that are needed."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from simple_websocket import AioClient, ConnectionClosed
from simple_websocket import ConnectionError as Refused

from coursebook.ui.reflex_compat.transport import SOCKET_PATH

SPACE = SOCKET_PATH


class SocketClient:
    """One socket. `said` is everything that the server has sent, as text."""

    def __init__(self, wire: AioClient, token: str) -> None:
        self._wire = wire
        self.token = token
        self.said: list[str] = []

    @classmethod
    async def open(cls, url: str, token: str = "", *, seconds: float = 10, **headers: str) -> Self:
        """Connect to the product at `url`. Raises ConnectionError when the door stays shut."""
        token = token or str(uuid.uuid4())
        query = urlencode({"token": token, "EIO": 4, "transport": "websocket"})
        address = f"{url.replace('http', 'ws', 1)}{SPACE}/?{query}"
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            wire = await AioClient.connect(address, headers=given)
            await wire._handle_events()  # what came in one piece with the answer to the handshake
            tab = cls(wire, token)
            await tab._until("0{", seconds)
            await wire.send(f"40{SPACE},")
            if (await tab._until("4", seconds)).startswith("44"):
                await tab.close()
                raise ConnectionError("The server refused the tab.")
        except (ConnectionClosed, Refused) as closed:
            raise ConnectionError(str(closed)) from None
        return tab

    async def emit(self, name: str, payload: Any, address: str = "/") -> None:
        """Send one event to a handler, named as the browser would name it."""
        path, _, query = address.partition("?")
        told = {"pathname": path, "asPath": address, "query": dict(parse_qsl(query))}
        event = {"name": name, "payload": payload, "router_data": told, "token": self.token}
        await self.raw("event", event)

    async def raw(self, kind: str, data: Any) -> None:
        """Send anything as a Socket.IO message."""
        await self._wire.send(f"42{SPACE},{json.dumps([kind, data])}")

    async def text(self, text: str | bytes) -> None:
        """Send anything at all."""
        await self._wire.send(text)

    async def settled(self, seconds: float = 10) -> str:
        """Wait until the server has worked off what was sent before; return what it said since."""
        before = len(self.said)
        await self._wire.send(f'42{SPACE},["ping"]')
        await self._until(f'42{SPACE},["ping"', seconds)
        return "\n".join(self.said[before:])

    async def is_open(self) -> bool:
        """Tell whether the server still speaks to us."""
        try:
            await self.settled()
        except (ConnectionClosed, TimeoutError):
            return False
        return True

    async def has_ended(self, seconds: float = 20) -> bool:
        """Tell whether the server ends the conversation: the tab, or the whole socket."""
        try:
            await self._until(f"41{SPACE}", seconds)
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Leave."""
        try:
            await self._wire.close()
        except (ConnectionClosed, Refused):
            return

    async def until(self, text: str, seconds: float = 10) -> str:
        """Wait until the server says something that holds `text`; return it."""
        for said in self.said:
            if text in said:
                return said
        return await self._until(text, seconds, anywhere=True)

    async def _until(self, text: str, seconds: float = 10, *, anywhere: bool = False) -> str:
        async with asyncio.timeout(seconds):
            while True:
                said = await self._wire.receive()
                if said == "2":
                    await self._wire.send("3")
                    continue
                self.said.append(str(said))
                if (text in said) if anywhere else said.startswith(text):
                    return str(said)


@asynccontextmanager
async def socket_client(url: str, token: str = "", **headers: str) -> AsyncIterator[SocketClient]:
    """Open a tab and leave at the end."""
    tab = await SocketClient.open(url, token, **headers)
    try:
        yield tab
    finally:
        await tab.close()
