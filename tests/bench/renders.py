"""Pages per second that the product renders, and that it serves from its micro-cache.

The client uses plain sockets, because an HTTP client would take more CPU than the product.
"""

import asyncio
import string
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.e2e.people import open_course
from tests.support.stack import Stack

SIDE_BY_SIDE, COURSES, CACHED = 8, 120, 3000
STATE = b'id="coursebook-state"'


async def renders(stack: Stack) -> dict[str, float]:
    """Return pages per second: course and catalog rendered each time, the catalog cached."""
    courses = [f"/courses/{(await open_course(stack)).slug}" for _ in range(COURSES)]
    lists = [
        f"/courses?q={a}{more}" for a in string.ascii_lowercase for more in ("", "&available=true")
    ]
    await _rate(stack.url, ["/courses"] * SIDE_BY_SIDE)
    return {
        "course pages drawn": await _rate(stack.url, courses),
        "catalog pages drawn": await _rate(stack.url, lists),
        "catalog pages kept": await _rate(stack.url, ["/courses"] * CACHED),
    }


async def _rate(url: str, paths: Sequence[str]) -> float:
    """Return the rendered pages per second; a static shell does not count."""
    shares = [paths[place::SIDE_BY_SIDE] for place in range(SIDE_BY_SIDE)]
    began = time.perf_counter()
    drawn = sum(await asyncio.gather(*(_drawn(url, share) for share in shares)))
    return drawn / (time.perf_counter() - began)


async def _drawn(url: str, paths: Sequence[str]) -> int:
    host, drawn = urlsplit(url).netloc, 0
    reader, writer = await asyncio.open_connection("localhost", int(host.rsplit(":", 1)[1]))
    for path in paths:
        asks = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n"
        writer.write(asks.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        drawn += STATE in await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return drawn
