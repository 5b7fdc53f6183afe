"""A Redis server for one test run: on a free port, without persistence."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port
from tests.support.server_programs import find_redis, start, stop, wait_for


@dataclass
class RedisServer:
    """A server that can be stopped and restarted on its port; data is lost in between."""

    port: int
    _command: list[str]
    _log: Path

    @property
    def url(self) -> str:
        """The server's address, as REDIS_URL wants it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = start(self._command, self._log)
        wait_for(lambda: _answers(self.port), "Redis", self._log)

    def stop(self) -> None:
        """Stop the server; its data is lost."""
        stop(self._process)


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the address of a temporary server (redis://…)."""
    with stoppable_redis() as server:
        yield server.url


@contextmanager
def stoppable_redis() -> Iterator[RedisServer]:
    """Yield a temporary server that a test can stop and restart."""
    program = find_redis()
    if program is None:
        raise RuntimeError("Redis is missing; `make test` installs it or says how.")
    with tempfile.TemporaryDirectory(prefix="coursebook-redis-") as folder:
        port, log = free_port(), Path(folder) / "log"
        log.touch()
        options = {"--port": port, "--bind": "127.0.0.1", "--save": "", "--appendonly": "no"}
        options |= {"--dir": folder, "--notify-keyspace-events": "Kgx$lshzxe"}
        words = [str(word) for pair in options.items() for word in pair]
        server = RedisServer(port, [program, *words], log)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def clear_redis(url: str) -> None:
    """Delete every key."""
    port = int(url.split(":")[2].split("/", maxsplit=1)[0])
    if not _says(port, b"FLUSHALL\r\n", b"+OK"):
        raise RuntimeError("Redis did not clear its keys.")


def cut_connections(url: str) -> None:
    """Close every connection but our own, as a restart does; the data stays."""
    port = int(url.split(":")[2].split("/", maxsplit=1)[0])
    for kind in (b"normal", b"pubsub"):
        if not _says(port, b"CLIENT KILL TYPE " + kind + b" SKIPME yes\r\n", b":"):
            raise RuntimeError("Redis did not end its connections.")


def _answers(port: int) -> bool:
    with suppress(OSError):
        return _says(port, b"PING\r\n", b"+PONG")
    return False


def _says(port: int, command: bytes, answer: bytes) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(command)
        return connection.recv(100).startswith(answer)
