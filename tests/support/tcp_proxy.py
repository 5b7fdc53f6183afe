"""A TCP proxy that a test can cut, to simulate a failing network or server.

It runs in threads: when an asyncio server closes, Python 3.11 keeps its accepted connections open.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread

from tests.support.ports import free_port

LOOK_SECONDS = 0.05


class TcpProxy:
    """Relays bytes from its own port to another local port until it is cut."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._is_whole = False
        self._ends: list[socket.socket] = []
        self._threads: list[Thread] = []

    async def connect(self) -> None:
        """Start relaying."""
        listener = socket.create_server(("127.0.0.1", self.port))
        listener.settimeout(LOOK_SECONDS)
        self._is_whole = True
        self._begin(Thread(target=self._let_in, args=(listener,)))

    async def cut(self) -> None:
        """Reset every connection, including one being accepted, and refuse new ones."""
        self._is_whole = False
        while alive := [thread for thread in self._threads if thread.is_alive()]:
            for end in list(self._ends):
                _shut(end)
            await asyncio.to_thread(alive[0].join, LOOK_SECONDS)
        self._threads, self._ends = [], []

    def _begin(self, thread: Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _let_in(self, listener: socket.socket) -> None:
        with listener:
            while self._is_whole:
                with suppress(TimeoutError):
                    near, _ = listener.accept()
                    self._begin(Thread(target=self._carry, args=(near,)))

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as far:
            self._ends += [near, far]
            if self._is_whole:  # otherwise `cut` would miss it
                back = Thread(target=_pass_on, args=(far, near))
                back.start()
                _pass_on(near, far)
                back.join()


@asynccontextmanager
async def proxy_to(target: int) -> AsyncIterator[TcpProxy]:
    """Yield a connected proxy to a local port."""
    proxy = TcpProxy(target)
    await proxy.connect()
    try:
        yield proxy
    finally:
        await proxy.cut()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    for end in (source, target):
        _shut(end)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
