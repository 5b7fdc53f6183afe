"""A stand-in for PgBouncer in transaction mode in front of a real PostgreSQL.

It refuses the start-up parameters that PgBouncer refuses, or drops those in
`ignore_startup_parameters`. It sends DISCARD ALL after each transaction, so session state is lost
as if the next transaction ran on another server connection.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

PASSED_ON = ("user", "database", "application_name", "client_encoding", "datestyle", "timezone")
PASSED_ON += ("standard_conforming_strings", "options")
SSL_REQUEST = 80877103
DISCARD = b"Q" + struct.pack("!I", 16) + b"DISCARD ALL\0"


class Pooler:
    """Listens on a free local port."""

    def __init__(self, host: str, port: int, *, drops: bool) -> None:
        self._host, self._port, self._drops = host, port, drops
        self.transactions = 0

    async def serve(
        self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter
    ) -> None:
        """Relay one client's connection."""
        server_out = None
        try:
            hello = await _hello(client_in, client_out)
            told = _parameters(hello)
            strange = [name for name in told if name.lower() not in PASSED_ON]
            if strange and not self._drops:
                client_out.write(_refusal(f"unsupported startup parameter: {strange[0]}"))
                return
            kept = {name: value for name, value in told.items() if name not in strange}
            server_in, server_out = await asyncio.open_connection(self._host, self._port)
            server_out.write(_startup(kept))
            up = asyncio.create_task(_copy(client_in, server_out))
            await self._down(server_in, server_out, client_out)
            up.cancel()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for writer in filter(None, (client_out, server_out)):
                with suppress(OSError):
                    writer.close()

    async def _down(
        self,
        server_in: asyncio.StreamReader,
        server_out: asyncio.StreamWriter,
        client_out: asyncio.StreamWriter,
    ) -> None:
        """Relay the server's messages; reset the session between two transactions."""
        was_open = False
        while True:
            kind, body = await _message(server_in)
            if kind == b"Z" and body == b"I" and was_open:
                self.transactions += 1
                server_out.write(DISCARD)
                while (await _message(server_in))[0] != b"Z":
                    pass
            was_open = body != b"I" if kind == b"Z" else was_open
            client_out.write(kind + struct.pack("!I", len(body) + 4) + body)
            await client_out.drain()


@asynccontextmanager
async def pooler(url: str, *, drops: bool = False) -> AsyncIterator[tuple[str, Pooler]]:
    """Yield the database address through a pooler, and the pooler."""
    before, _, rest = url.partition("@")
    place, _, name = rest.partition("/")
    host, _, port = place.partition(":")
    new_pooler = Pooler(host, int(port), drops=drops)
    server = await asyncio.start_server(new_pooler.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"{before}@127.0.0.1:{port}/{name}", new_pooler


async def _hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    while True:
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        body = await reader.readexactly(length - 4)
        if struct.unpack("!I", body[:4]) != (SSL_REQUEST,):
            return body
        writer.write(b"N")


def _parameters(hello: bytes) -> dict[str, str]:
    words = hello[4:].decode().split("\0")
    return {name: value for name, value in zip(words[::2], words[1::2], strict=False) if name}


def _startup(told: dict[str, str]) -> bytes:
    words = "".join(f"{name}\0{value}\0" for name, value in told.items()) + "\0"
    body = struct.pack("!I", 3 << 16) + words.encode()
    return struct.pack("!I", len(body) + 4) + body


def _refusal(said: str) -> bytes:
    fields = f"SFATAL\0C08P01\0M{said}\0\0".encode()
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    return kind, await reader.readexactly(length - 4)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.IncompleteReadError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
        writer.close()
