"""Hostile messages for the WebSocket of the pages, and what they cost the product."""

import asyncio
import copy
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psutil

from coursebook.ui.reflex_compat import hydration
from coursebook.ui.reflex_compat.events import SETVAR, UPDATE_VARS_EVENT
from coursebook.ui.reflex_compat.transport import SOCKET_PATH
from coursebook.ui.states.session import SessionState
from tests.support.stack import Stack

SPACE = SOCKET_PATH
STATE = hydration.ROOT_STATE
HANDLER = f"{SessionState.get_full_name()}.token_received"
BOOT = hydration.FIRST_EVENT
NOT_TO_CALL = (SETVAR, hydration.SET_IS_HYDRATED, hydration.HYDRATE, "no_such")
MEGABYTE = 1 << 20
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


def event(**changed: Any) -> dict[str, Any]:
    """Return an event as a page sends it, with overrides."""
    place = {"pathname": "/courses", "asPath": "/courses", "query": {}}
    return {"name": HANDLER, "payload": {"token": ""}, "router_data": place} | changed


def at(**place: Any) -> dict[str, Any]:
    """Return an event that claims to come from this address."""
    return event(router_data={"pathname": "/courses", "asPath": "/courses", "query": {}} | place)


class RawSocket:
    """A raw WebSocket that sends any bytes, valid or not (RFC 6455)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, url: str, query: str = "", **headers: str) -> Self:
        """Open a socket. Raises ConnectionError when it is refused."""
        parts = urlsplit(url)
        query = query or f"token={uuid.uuid4()}&EIO=4&transport=websocket"
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        opened_socket = cls(reader, writer)
        request_headers = {**HANDSHAKE, "Host": parts.netloc}
        request_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [
            f"GET {SPACE}/?{query} HTTP/1.1",
            *(f"{k}: {v}" for k, v in request_headers.items()),
        ]
        writer.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1"))
        try:
            async with asyncio.timeout(20):
                answer = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0]
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            answer = b"nothing"
        if b" 101 " not in answer + b" ":
            await opened_socket.close()
            raise ConnectionError(answer.decode("latin-1"))
        return opened_socket

    async def text(self, text: str | bytes) -> None:
        """Send one frame: a text frame for `str`, a binary frame for `bytes`."""
        kind, data = (1, text.encode()) if isinstance(text, str) else (2, text)
        await self._send(0x80 | kind, data)

    async def piece(self, data: bytes, *, is_first: bool = False) -> None:
        """Send a part of a text message that never ends (RFC 6455 §5.4)."""
        await self._send(1 if is_first else 0, data)

    async def _send(self, first: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = bytes((first, 0x80 | size))
        elif size < 1 << 16:
            head = bytes((first, 0x80 | 126)) + size.to_bytes(2)
        else:
            head = bytes((first, 0x80 | 127)) + size.to_bytes(8)
        self._writer.write(head + bytes(4) + data)  # an all-zero mask
        await self._writer.drain()

    async def connect(self, sent: Any = None) -> None:
        """Send the packet that connects a tab, with any content."""
        await self.text(f"40{SPACE}," + ("" if sent is None else json.dumps(sent)))

    async def say(self, *sent: Any) -> None:
        """Send a Socket.IO message."""
        await self.text(f"42{SPACE},{json.dumps(sent)}")

    async def hear(self, seconds: float = 0.05) -> list[str]:
        """Return the server's messages until it is silent for `seconds` or closes."""
        messages: list[str] = []
        with suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
            while True:
                async with asyncio.timeout(seconds):
                    messages.append(await self._frame())
        return messages

    async def _frame(self) -> str:
        first, size = await self._reader.readexactly(2)
        if size == 126:
            size = int.from_bytes(await self._reader.readexactly(2))
        elif size == 127:
            size = int.from_bytes(await self._reader.readexactly(8))
        data = await self._reader.readexactly(size)
        return data.decode() if first & 0xF == 1 else ""

    async def close(self) -> None:
        """Close the TCP connection without a closing frame."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


@asynccontextmanager
async def raw_socket(url: str, query: str = "", **headers: str) -> AsyncIterator[RawSocket]:
    """Open a socket and close it afterwards; the server may close it first."""
    opened = await RawSocket.open(url, query, **headers)
    try:
        with suppress(ConnectionError):
            yield opened
    finally:
        await opened.close()


@dataclass
class Costs:
    """The log output and memory growth of the product since `begin`."""

    stack: Stack
    memory: int
    written: int

    @classmethod
    def begin(cls, stack: Stack) -> Self:
        """Start measuring."""
        return cls(stack, memory_of(stack), stack.log.stat().st_size)

    def growth(self) -> float:
        """Return the memory growth in megabytes."""
        return (memory_of(self.stack) - self.memory) / MEGABYTE

    def log(self) -> str:
        """Return the log lines written since `begin`."""
        with Path(self.stack.log).open(errors="replace") as log:
            log.seek(self.written)
            return log.read()


def memory_of(stack: Stack) -> int:
    """Return the resident memory, in bytes, of the processes that serve pages and API."""
    family = psutil.Process(stack.process.pid).children(recursive=True)
    serving = [
        process for process in family if any("granian" in part for part in process.cmdline())
    ]
    return sum(process.memory_info().rss for process in serving)


ODD: Sequence[Any] = (
    None,
    True,
    -1,
    10**30,
    10**400,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "@[",
    "//[",
    "\u2100.evil",
    "\ud800",
    "\x00",
    "a\r\nb",
    "x" * 5000,
    "/" + "%" * 900,
    "/?" + "&".join(f"k{number}=v" for number in range(300)),
    [],
    [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],
    {},
    {"a": {"b": ["c"]}},
    {"self": "x", "cls": "y", "": ""},
    {f"k{number}": "v" * 50 for number in range(200)},
)
NAMES = (
    *(f"{STATE}.{name}" for name in NOT_TO_CALL),
    UPDATE_VARS_EVENT,
    hydration.PAGE_LOAD_EVENT,
    HANDLER,
    BOOT,
)
QUERIES = (
    "",
    "token={tab}",
    "token={tab}&EIO=4&transport=polling",
    "token={tab}&EIO=3&transport=websocket",
    "%74oken=ANYTHING&token={tab}&EIO=4&transport=websocket",
    "token={tab}&token={tab}&EIO=4&transport=websocket",
    "token={tab}%00%0a&EIO=4&transport=websocket",
    "token=" + "x" * 6000 + "&EIO=4&transport=websocket",
    "token={tab}&sid=x&EIO=4&transport=websocket",
)


class Fuzz:
    """Sends random JSON in random places of random packets, repeatable by seed."""

    def __init__(self, url: str, seed: int) -> None:
        self._url, self._random = url, random.Random(seed)
        self.sockets = 0

    async def run_for(self, seconds: float) -> None:
        """Open one socket after another for that many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self._fuzz_socket()

    async def _fuzz_socket(self) -> None:
        self.sockets += 1
        query = ""
        if self._random.random() < 0.1:
            query = self._random.choice(QUERIES).format(
                tab=uuid.UUID(int=self._random.getrandbits(128))
            )
        with suppress(ConnectionError):
            async with raw_socket(self._url, query) as opened:
                await self._begin(opened)
                for _ in range(self._random.randrange(12)):
                    await self._message(opened)
                await opened.hear()

    async def _begin(self, opened: RawSocket) -> None:
        kind = self._random.random()
        if kind < 0.4:
            await opened.connect()
        elif kind < 0.9:
            await opened.connect({"event": self._event(), "state_schema": self._odd()})
        else:
            await opened.connect(self._odd())

    async def _message(self, opened: RawSocket) -> None:
        kind = self._random.random()
        if kind < 0.7:
            await opened.say("event", self._event())
        elif kind < 0.8:
            names = ("event", "client_error", "connect", "disconnect", "ping", "no", "")
            await opened.say(self._random.choice(names), self._odd())
        elif kind < 0.9:
            await opened.say(*(self._odd() for _ in range(self._random.randrange(4))))
        else:
            await opened.text(self._packet())

    def _packet(self) -> str | bytes:
        code = self._random.choice(
            ("0", "1", "2", "3", "4", "40", "41", "42", "43", "44", "45", "46")
        )
        space = self._random.choice((f"{SPACE},", f"{SPACE}?a=b,", "/other,", "", f"{SPACE},7"))
        text = f"{code}{space}{json.dumps(self._odd())}"
        return text.encode() if self._random.random() < 0.2 else text

    def _event(self) -> Any:
        """Return an event with random values in random places."""
        hostile_event = event(name=self._random.choice(NAMES))
        if hostile_event["name"] == BOOT:
            hostile_event["payload"] = {"vars": {}, "hashes": []}
        for _ in range(self._random.randrange(3)):
            self._spoil(hostile_event)
        return hostile_event

    def _spoil(self, made: dict[str, Any]) -> None:
        place: Any = made
        while True:
            key = self._random.choice([*place, "more"])
            inner = place.get(key)
            if not isinstance(inner, dict) or not inner or self._random.random() < 0.3:
                place[key] = self._odd()
                return
            place = inner

    def _odd(self) -> Any:
        return copy.deepcopy(self._random.choice(ODD))
