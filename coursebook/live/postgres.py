"""Topics through PostgreSQL's LISTEN and NOTIFY, to every process on the same database.

Sent after the commit and by itself: a NOTIFY inside of a transaction would make all commits of the
database wait for one another (PostgreSQL takes one lock for the queue of notifications).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from coursebook.live.transports import TransportLost

CHANNEL = "coursebook_live"
PATIENCE_SECONDS = 5
PING_SECONDS = 10
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class PostgresWire:
    """One connection that listens and speaks. `url` is an address such as DATABASE_URL."""

    longest = 100  # a notification has at most 8000 bytes (postgresql.org/docs/current/sql-notify)

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def send(self, text: str) -> None:
        """Send one message. Raises WireLost."""
        await self._do("SELECT pg_notify($1, $2)", CHANNEL, text)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. Raises WireLost when the connection ends."""
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        try:
            async with self._connected() as connection:
                connection.add_termination_listener(lambda _gone: heard.put_nowait(None))
                await connection.add_listener(CHANNEL, lambda *told: heard.put_nowait(told[-1]))
                self._connection = connection  # not before: it does one thing at a time
                yield self._texts(heard)
        except AWAY as problem:
            raise TransportLost(str(problem)) from problem
        finally:
            self._connection = None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(
            self._url,
            timeout=PATIENCE_SECONDS,
            command_timeout=PATIENCE_SECONDS,
            server_settings={"application_name": "coursebook live"},
        )
        try:
            yield connection
        finally:
            connection.terminate()

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _texts(self, heard: asyncio.Queue[str | None]) -> AsyncIterator[str]:
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    text = await heard.get()
            except TimeoutError:
                await self._do("SELECT 1")
            else:
                if text is None:
                    raise TransportLost("the server ended the connection")
                yield text

    async def _do(self, statement: str, *values: str) -> None:
        async with self._one_at_a_time:
            if self._connection is None or self._connection.is_closed():
                raise TransportLost("not connected")
            try:
                await self._connection.execute(statement, *values)
            except asyncpg.InternalClientError as problem:  # the server went away meanwhile
                self._connection.terminate()  # asyncpg can use it for nothing more
                raise TransportLost(str(problem)) from problem
            except AWAY as problem:
                raise TransportLost(str(problem)) from problem
