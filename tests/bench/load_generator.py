"""Calls from several clients at once over plain sockets, so that the client costs little CPU."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


def call(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Return one HTTP request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Rate:
    """The result of a load: answered calls per second, and their statuses."""

    per_second: float
    statuses: Counter[int]


async def load(port: int, calls: list[bytes], clients: int) -> Rate:
    """Send all calls, spread over clients that each wait for their answers."""
    waiting, statuses = list(reversed(calls)), Counter[int]()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            writer.write(waiting.pop())
            statuses[await _answer(reader)] += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Rate(len(calls) / (time.perf_counter() - began), statuses)


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(
        (int(x.split(":")[1]) for x in head.split("\r\n") if x.startswith("content-length:")), None
    )
    if length is not None:
        await reader.readexactly(length)
    else:
        while size := int((await reader.readline()).strip(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head.split()[1])
