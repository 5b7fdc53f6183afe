"""Topics through PostgreSQL's LISTEN and NOTIFY, to every process on the same database.

They are sent after the commit, outside its transaction. A NOTIFY inside a transaction would
serialize all commits of the database: PostgreSQL takes one lock for the notification queue.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from coursebook.live.connection import TransportLost

CHANNEL = "coursebook_live"
TIMEOUT = 5
PING_INTERVAL = 10
CONNECTION_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class PostgresTransport:
    """One connection that listens and sends. `url` is an address such as DATABASE_URL."""

    # A notification has at most 8000 bytes (postgresql.org/docs/current/sql-notify.html).
    max_topics = 100

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._statement_lock = asyncio.Lock()

    async def send(self, text: str) -> None:
        """Send one message. Raises TransportLost."""
        await self._execute("SELECT pg_notify($1, $2)", CHANNEL, text)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        """Listen. Raises TransportLost when the connection ends."""
        texts: asyncio.Queue[str | None] = asyncio.Queue()
        try:
            async with self._connected() as connection:
                connection.add_termination_listener(lambda _connection: texts.put_nowait(None))
                await connection.add_listener(
                    CHANNEL, lambda *notification: texts.put_nowait(notification[-1])
                )
                # Not before add_listener: asyncpg runs one operation at a time.
                self._connection = connection
                yield self._receive(texts)
        except CONNECTION_ERRORS as error:
            raise TransportLost(str(error)) from error
        finally:
            self._connection = None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(
            self._url,
            timeout=TIMEOUT,
            command_timeout=TIMEOUT,
            server_settings={"application_name": "coursebook live"},
        )
        try:
            yield connection
        finally:
            connection.terminate()

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _receive(self, texts: asyncio.Queue[str | None]) -> AsyncIterator[str]:
        while True:
            try:
                async with asyncio.timeout(PING_INTERVAL):
                    text = await texts.get()
            except TimeoutError:
                await self._execute("SELECT 1")
            else:
                if text is None:
                    raise TransportLost("the server ended the connection")
                yield text

    async def _execute(self, statement: str, *values: str) -> None:
        async with self._statement_lock:
            if self._connection is None or self._connection.is_closed():
                raise TransportLost("not connected")
            try:
                await self._connection.execute(statement, *values)
            except asyncpg.InternalClientError as error:  # the server went away
                self._connection.terminate()  # asyncpg cannot use it again
                raise TransportLost(str(error)) from error
            except CONNECTION_ERRORS as error:
                raise TransportLost(str(error)) from error
