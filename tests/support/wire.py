"""A wire between two programs that a test can cut, as a failing network or server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.ports import free_port


class Wire:
    """Passes bytes from a port of its own to another port of this machine, until it is cut."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def connect(self) -> None:
        """Begin to pass bytes."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Break every connection, also one that is just being made, and refuse new ones."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        while self._passing:
            for end in tuple(self._ends):
                end.transport.abort()
            await asyncio.wait(self._passing, timeout=0.05)
        await server.wait_closed()

    async def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)
        ends = {back}
        self._ends |= ends
        with suppress(OSError):
            far, there = await asyncio.open_connection("127.0.0.1", self._target)
            ends.add(there)
            self._ends |= ends
            if self._server is not None:
                await asyncio.gather(_pass_on(near, there), _pass_on(far, back))
        for end in ends:
            end.transport.abort()
        self._ends -= ends


@asynccontextmanager
async def wire_to(target: int) -> AsyncIterator[Wire]:
    """Yield a connected wire to a port of this machine."""
    wire = Wire(target)
    await wire.connect()
    try:
        yield wire
    finally:
        await wire.cut()


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    target.close()
