"""Another process of the product that only takes part in live updates.

    python -m tests.support.peer_process redis://… | postgresql://…

Publishes each line that it reads, and writes one line of topics for each notification.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from coursebook.live.connection import Transport
from coursebook.live.hub import Hub
from coursebook.live.postgres import PostgresTransport
from coursebook.live.redis import RedisTransport

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
QUICK = 0.05


def transport_to(url: str) -> Transport:
    """Return the transport for a URL."""
    return RedisTransport(url) if url.startswith("redis") else PostgresTransport(url)


async def wait_until_connected(hub: Hub) -> None:
    """Wait until a hub is connected to the others."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while hub.is_alone:  # noqa: ASYNC110 - it is the server that we wait for
            await asyncio.sleep(0.01)


class PeerProcess:
    """A handle on the other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def publish(self, topic: str) -> None:
        """Make it publish a topic."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{topic}\n".encode())
        await self._process.stdin.drain()

    async def hears(self) -> set[str]:
        """Return the topics of its next notification."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return set((await self._process.stdout.readline()).decode().split())

    async def ready(self) -> Self:
        """Wait until it is listening."""
        assert await self.hears() == {"listening"}
        return self


@asynccontextmanager
async def peer_process(url: str) -> AsyncIterator[PeerProcess]:
    """Start another process, and stop it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.peer_process", url),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield await PeerProcess(process).ready()
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def main(url: str) -> None:
    """Publish lines from standard input and print notifications until the input ends."""
    hub = Hub(transport_to(url))

    async def tell(topics: frozenset[str]) -> None:
        print(*sorted(topics), flush=True)

    async with hub.opened(), hub.notifying(tell, seconds=QUICK):
        await wait_until_connected(hub)
        print("listening", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            hub.publish([line.strip()])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
